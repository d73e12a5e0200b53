use boltseal_core::{Kind, Reason};
use boltseal_pipeline::{JourneyOutcome, PromoteResult};
use serde::Serialize;

use super::release::{journey_head, moved, tags};
use super::{Head, MovedTag, Outcome, PieceSummary, StepSummary, SubjectOfResult, WrittenPiece};
use crate::document::pretty;
use crate::{Document, Paint, text};

const SCHEMA: &str = "boltseal.promote/v1";

/// The result of `promote`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Promote {
    /// What every result has.
    #[serde(flatten)]
    pub head: Head,
    /// Where it came from, as its user named it.
    pub source: String,
    /// Whether the image is at the destination, by digest.
    pub pushed: bool,
    /// The tags that point at it now.
    pub tags: Vec<String>,
    /// Those of them that pointed at something else before.
    pub moved: Vec<MovedTag>,
    /// The kinds that the source had to have.
    pub required: Vec<String>,
    /// What was really checked at the source, in words.
    pub checked: Vec<String>,
    /// The evidence that was found at the source.
    pub source_evidence: Vec<PieceSummary>,
    /// The pieces of evidence that were copied (adopted) or written.
    pub evidence: Vec<WrittenPiece>,
    /// The evidence file that was written.
    pub evidence_file: Option<String>,
    /// Requests at both ends.
    pub requests: u64,
    /// The steps.
    pub steps: Vec<StepSummary>,
    /// What should be looked at, though it changed nothing.
    pub warnings: Vec<String>,
}

impl Promote {
    /// The document of a promotion from `source` to `destination`.
    pub fn of(source: &str, destination: &str, result: &PromoteResult) -> Self {
        let subject = SubjectOfResult::new(destination, result.digest.clone());
        let good = match &result.outcome {
            JourneyOutcome::AlreadyDone(_) => Some(Outcome::AlreadyPromoted),
            JourneyOutcome::Done(_) => Some(Outcome::Promoted),
            JourneyOutcome::Planned => Some(Outcome::Planned),
            JourneyOutcome::Refused(_) | JourneyOutcome::Undetermined(_) => None,
        };
        let judgement = result.judgement.as_ref();
        let required = judgement.map_or(&[][..], |it| &it.required[..]);
        let found = judgement.map_or(&[][..], |it| &it.evidence[..]);
        let digest = result.digest.as_ref();
        Self {
            head: journey_head(SCHEMA, subject, good, &result.outcome),
            source: source.to_owned(),
            pushed: result.pushed,
            tags: tags(&result.tags),
            moved: digest.map(|digest| moved(&result.tags, digest)).unwrap_or_default(),
            required: required.iter().map(Kind::to_string).collect(),
            checked: judgement.map(|it| it.checked.clone()).unwrap_or_default(),
            source_evidence: found.iter().map(PieceSummary::from).collect(),
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

    /// The document of a promotion that did not begin.
    pub fn failed(source: &str, destination: &str, reasons: Vec<Reason>) -> Self {
        let subject = SubjectOfResult::new(destination, None);
        Self {
            head: Head::failed(SCHEMA, subject, reasons),
            source: source.to_owned(),
            pushed: false,
            tags: Vec::new(),
            moved: Vec::new(),
            required: Vec::new(),
            checked: Vec::new(),
            source_evidence: Vec::new(),
            evidence: Vec::new(),
            evidence_file: None,
            requests: 0,
            steps: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

impl Document for Promote {
    fn head(&self) -> &Head {
        &self.head
    }

    fn to_json(&self) -> String {
        pretty(self)
    }

    fn to_text(&self, paint: Paint) -> String {
        text::promote(self, paint)
    }
}
