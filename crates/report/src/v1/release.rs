use boltseal_core::{Digest, Reason, Tag};
use boltseal_pipeline::{JourneyOutcome, ReleaseResult, TagMove, WrittenEvidence};
use serde::Serialize;

use super::{Head, Outcome, ReleaseGate, StepSummary, SubjectOfResult};
use crate::document::pretty;
use crate::{Document, Paint, text};

const SCHEMA: &str = "boltseal.release/v1";

/// The result of `release`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Release {
    /// What every result has.
    #[serde(flatten)]
    pub head: Head,
    /// Whether the image is at the destination, by digest. True with a refusal means that it was
    /// pushed before it was refused: nothing tags or signs it.
    pub pushed: bool,
    /// The tags that point at the release now.
    pub tags: Vec<String>,
    /// Those of them that pointed at something else before.
    pub moved: Vec<MovedTag>,
    /// The gate's decision, where it came to one.
    pub gate: Option<ReleaseGate>,
    /// The pieces of evidence.
    pub evidence: Vec<WrittenPiece>,
    /// The evidence file that was written.
    pub evidence_file: Option<String>,
    /// Requests, reads and writes.
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
    /// Whether it was there before and says the same.
    pub adopted: bool,
}

impl Release {
    /// The document of a release to `reference`.
    pub fn of(reference: &str, result: &ReleaseResult) -> Self {
        let subject = SubjectOfResult::new(reference, Some(result.digest.clone()));
        let good = match &result.outcome {
            JourneyOutcome::AlreadyDone(_) => Some(Outcome::AlreadyReleased),
            JourneyOutcome::Done(_) => Some(Outcome::Released),
            JourneyOutcome::Planned => Some(Outcome::Planned),
            JourneyOutcome::Refused(_) | JourneyOutcome::Undetermined(_) => None,
        };
        Self {
            head: journey_head(SCHEMA, subject, good, &result.outcome),
            pushed: result.pushed,
            tags: tags(&result.tags),
            moved: moved(&result.tags, &result.digest),
            gate: result.gate.as_ref().map(ReleaseGate::of),
            evidence: result.evidence.iter().map(WrittenPiece::from).collect(),
            evidence_file: None,
            requests: result.traffic.requests(),
            steps: result.steps.iter().map(StepSummary::from).collect(),
            warnings: result.warnings.clone(),
        }
    }

    /// The same, failed for reasons that came after the journey.
    #[must_use]
    pub fn but(mut self, reasons: Vec<Reason>) -> Self {
        self.head = Head::failed(SCHEMA, self.head.subject, reasons);
        self
    }

    /// The document of a release that did not begin.
    pub fn failed(subject: SubjectOfResult, reasons: Vec<Reason>) -> Self {
        Self {
            head: Head::failed(SCHEMA, subject, reasons),
            pushed: false,
            tags: Vec::new(),
            moved: Vec::new(),
            gate: None,
            evidence: Vec::new(),
            evidence_file: None,
            requests: 0,
            steps: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

/// The head of a journey: `good` only where its outcome is one.
pub(crate) fn journey_head(
    schema: &'static str,
    subject: SubjectOfResult,
    good: Option<Outcome>,
    outcome: &JourneyOutcome,
) -> Head {
    match good {
        Some(good) => Head::good(schema, good, subject),
        None => Head::failed(schema, subject, outcome.reasons().to_vec()),
    }
}

pub(crate) fn tags(moves: &[TagMove]) -> Vec<String> {
    moves.iter().map(|it| tag_name(&it.tag)).collect()
}

fn tag_name(tag: &Tag) -> String {
    tag.as_str().to_owned()
}

/// The tags that pointed at another digest than `now`.
pub(crate) fn moved(tags: &[TagMove], now: &Digest) -> Vec<MovedTag> {
    let from_elsewhere = |it: &TagMove| {
        let from = it.before.clone().filter(|before| before != now)?;
        Some(MovedTag { tag: tag_name(&it.tag), from })
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
            adopted: piece.adopted,
        }
    }
}

impl Document for Release {
    fn head(&self) -> &Head {
        &self.head
    }

    fn to_json(&self) -> String {
        pretty(self)
    }

    fn to_text(&self, paint: Paint) -> String {
        text::release(self, paint)
    }
}
