use boltseal_core::{Digest, Kind, Reason};
use boltseal_pipeline::VerifyResult;
use boltseal_verify::{Comparison, Judgement, Outcome as Judged, PieceReport, Status};
use serde::Serialize;

use super::{Head, Outcome, SubjectOfResult};
use crate::document::pretty;
use crate::dossier::EvidenceLine;
use crate::{Document, Dossier, Paint, text};

const SCHEMA: &str = "boltseal.verify/v1";

/// The result of `verify`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verify {
    /// What every result has.
    #[serde(flatten)]
    pub head: Head,
    /// Every piece of evidence that was looked at, good or bad.
    pub evidence: Vec<PieceSummary>,
    /// The kinds that were required.
    pub required: Vec<String>,
    /// The kinds that verify and were not required.
    pub only_found: Vec<String>,
    /// What was really checked, in words.
    pub checked: Vec<String>,
    /// What of an evidence file could not be compared with its evidence, or is not trusted.
    pub notes: Vec<String>,
    /// The tags that the signature names, where the tag that was asked for is not among them.
    pub tag_not_bound: Option<Vec<String>>,
    /// Requests, reads and writes.
    pub requests: u64,
}

/// One piece of evidence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PieceSummary {
    /// The digest that it should be about.
    pub subject: Digest,
    /// The digest of its manifest, or of its legacy layer.
    pub digest: Option<Digest>,
    /// How it is stored.
    pub format: Option<String>,
    /// The predicate type that it claims.
    pub predicate_type: Option<String>,
    /// The accepted key that signed it.
    pub signer: Option<String>,
    /// `verified`, `refused`, `absent` or `unreadable`.
    pub status: &'static str,
    /// Why, or what is odd about it.
    pub reason: Option<String>,
}

impl Verify {
    /// The document of a verification of `reference`.
    pub fn of(reference: &str, result: &VerifyResult) -> Self {
        let subject = SubjectOfResult::new(reference, result.digest.clone());
        let judgement = result.judgement.as_ref();
        let evidence = judgement.map_or(&[][..], |it| &it.evidence[..]);
        let required = judgement.map_or(&[][..], |it| &it.required[..]);
        Self {
            head: head(subject, result),
            evidence: evidence.iter().map(PieceSummary::from).collect(),
            required: required.iter().map(Kind::to_string).collect(),
            only_found: only_found(evidence, required),
            checked: judgement.map(|it| it.checked.clone()).unwrap_or_default(),
            notes: Vec::new(),
            tag_not_bound: result.tag_not_bound.clone(),
            requests: result.traffic.requests(),
        }
    }

    /// The same with what came of comparing what an evidence file holds beside its evidence. A
    /// contradiction there refuses what was verified, and adds to what was not.
    #[must_use]
    pub fn compared(mut self, comparison: Comparison) -> Self {
        self.checked.extend(comparison.checked);
        self.notes.extend(comparison.notes);
        if !comparison.reasons.is_empty() {
            let reasons = self.head.reasons.into_iter().chain(comparison.reasons).collect();
            self.head = Head::failed(SCHEMA, self.head.subject, reasons);
        }
        self
    }

    /// The document of a verification that did not begin.
    pub fn failed(reference: &str, reasons: Vec<Reason>) -> Self {
        let subject = SubjectOfResult::new(reference, None);
        Self {
            head: Head::failed(SCHEMA, subject, reasons),
            evidence: Vec::new(),
            required: Vec::new(),
            only_found: Vec::new(),
            checked: Vec::new(),
            notes: Vec::new(),
            tag_not_bound: None,
            requests: 0,
        }
    }
}

/// Success needs a judgement that holds a proof, and no failure beside it.
fn head(subject: SubjectOfResult, result: &VerifyResult) -> Head {
    match (&result.failure, &result.judgement) {
        (None, Some(Judgement { outcome: Judged::Verified(_), .. })) => {
            Head::good(SCHEMA, Outcome::Verified, subject)
        }
        _ => Head::failed(SCHEMA, subject, result.reasons().to_vec()),
    }
}

/// The kinds of the pieces that verify, without those that were required.
pub(crate) fn only_found(evidence: &[PieceReport], required: &[Kind]) -> Vec<String> {
    let verified = evidence.iter().filter(|piece| piece.status == Status::Verified);
    let types = verified.filter_map(|piece| piece.predicate_type.as_deref());
    let kinds = types.map(Kind::of_predicate_type).filter(|kind| !required.contains(kind));
    let unique: std::collections::BTreeSet<Kind> = kinds.collect();
    unique.iter().map(Kind::to_string).collect()
}

impl From<&PieceReport> for PieceSummary {
    fn from(piece: &PieceReport) -> Self {
        Self {
            subject: piece.subject.clone(),
            digest: piece.carrier.clone(),
            format: piece.format.map(|format| format.to_string()),
            predicate_type: piece.predicate_type.clone(),
            signer: piece.signer.clone(),
            status: piece.status.name(),
            reason: piece.reason.clone(),
        }
    }
}

impl Document for Verify {
    fn head(&self) -> &Head {
        &self.head
    }

    fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    fn to_json(&self) -> String {
        pretty(self)
    }

    fn to_text(&self, paint: Paint) -> String {
        text::verify(self, paint)
    }

    fn dossier(&self) -> Dossier<'_> {
        Dossier {
            evidence: self.evidence.iter().map(EvidenceLine::from).collect(),
            required: &self.required,
            checked: &self.checked,
            notes: self.notes.iter().map(String::as_str).collect(),
            ..Dossier::of(&self.head)
        }
    }
}
