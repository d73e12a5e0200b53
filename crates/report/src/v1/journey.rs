use boltseal_core::{Digest, Reason};
use boltseal_pipeline::{JourneyOutcome, TagMove, WrittenEvidence};
use serde::Serialize;

use super::{Head, Outcome, StepSummary, SubjectOfResult};

/// The result of a journey that writes. `Own` is what only this journey has; its members stand
/// among the others.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Journey<Own> {
    /// What every result has.
    #[serde(flatten)]
    pub head: Head,
    /// Where a promotion came from, as its user named it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Whether the image is at the destination, by digest. True with a refusal means that it was
    /// pushed before it was refused: nothing tags or signs it.
    pub pushed: bool,
    /// The tags that point at the image now.
    pub tags: Vec<String>,
    /// Those of them that pointed at something else before.
    pub moved: Vec<MovedTag>,
    /// What only this journey has.
    #[serde(flatten)]
    pub own: Own,
    /// The pieces of evidence, written or adopted; those that were copied are adopted.
    pub evidence: Vec<WrittenPiece>,
    /// The evidence file that was written.
    pub evidence_file: Option<String>,
    /// Requests, reads and writes, at both ends.
    pub requests: u64,
    /// The steps.
    pub steps: Vec<StepSummary>,
    /// What should be looked at, though it changed nothing.
    pub warnings: Vec<String>,
}

/// A tag that pointed at something else before.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MovedTag {
    /// The tag.
    pub tag: String,
    /// What it pointed at.
    pub from: Digest,
}

/// A piece of evidence that was written or adopted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WrittenPiece {
    /// The digest that it is about.
    pub subject: Digest,
    /// Its predicate type.
    pub predicate_type: String,
    /// How it is stored: bundle, legacy-attestation or legacy-signature.
    pub format: String,
    /// The digest of its manifest, or of its legacy layer.
    pub digest: Digest,
    /// The key that signed it, as its user named it.
    pub signer: String,
    /// Whether it was there before and says the same.
    pub adopted: bool,
}

impl<Own: Default> Journey<Own> {
    /// A journey of which nothing is known but its head.
    pub(super) fn headed(head: Head) -> Self {
        Self {
            head,
            source: None,
            pushed: false,
            tags: Vec::new(),
            moved: Vec::new(),
            own: Own::default(),
            evidence: Vec::new(),
            evidence_file: None,
            requests: 0,
            steps: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

impl<Own> Journey<Own> {
    /// The same, failed for reasons that came after the journey.
    #[must_use]
    pub fn but(mut self, reasons: Vec<Reason>) -> Self {
        self.head = Head::failed(self.head.schema, self.head.subject, reasons);
        self
    }
}

/// What a journey calls its good ends.
#[derive(Clone, Copy)]
pub(super) struct GoodEnds {
    /// Where all was there before.
    pub(super) already: Outcome,
    /// Where something was written.
    pub(super) done: Outcome,
}

impl GoodEnds {
    /// The head of a journey that ended so.
    pub(super) fn head(
        self,
        schema: &'static str,
        subject: SubjectOfResult,
        outcome: &JourneyOutcome,
    ) -> Head {
        let good = match outcome {
            JourneyOutcome::AlreadyDone(_) => self.already,
            JourneyOutcome::Done(_) => self.done,
            JourneyOutcome::Planned => Outcome::Planned,
            JourneyOutcome::Refused(_) | JourneyOutcome::Undetermined(_) => {
                return Head::failed(schema, subject, outcome.reasons().to_vec());
            }
        };
        Head::good(schema, good, subject)
    }
}

/// The names of tags.
pub(super) fn tags(moves: &[TagMove]) -> Vec<String> {
    moves.iter().map(|it| it.tag.to_string()).collect()
}

/// The tags that pointed at another digest than `now`.
pub(super) fn moved(tags: &[TagMove], now: &Digest) -> Vec<MovedTag> {
    let from_elsewhere = |it: &TagMove| {
        let from = it.before.clone().filter(|before| before != now)?;
        Some(MovedTag { tag: it.tag.to_string(), from })
    };
    tags.iter().filter_map(from_elsewhere).collect()
}

impl From<&WrittenEvidence> for WrittenPiece {
    fn from(piece: &WrittenEvidence) -> Self {
        Self {
            subject: piece.subject.clone(),
            predicate_type: piece.kind.predicate_type().to_owned(),
            format: piece.format.to_string(),
            digest: piece.carrier.clone(),
            signer: piece.signer.clone(),
            adopted: piece.adopted,
        }
    }
}
