use boltseal_core::{Kind, Reason};
use boltseal_pipeline::PromoteResult;
use boltseal_verify::Judgement;
use serde::Serialize;

use super::journey::{GoodEnds, Journey, moved, tags};
use super::{Head, Outcome, PieceSummary, StepSummary, SubjectOfResult, WrittenPiece};
use crate::document::pretty;
use crate::{Document, Dossier, Paint, text};

const SCHEMA: &str = "boltseal.promote/v1";
const ENDS: GoodEnds = GoodEnds { already: Outcome::AlreadyPromoted, done: Outcome::Promoted };

/// The result of `promote`.
pub type Promote = Journey<Examined>;

/// What only a promotion has: the verification of its source.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Examined {
    /// The kinds that the source had to have.
    pub required: Vec<String>,
    /// What was really checked at the source, in words.
    pub checked: Vec<String>,
    /// The evidence that was found at the source.
    pub source_evidence: Vec<PieceSummary>,
}

impl Promote {
    /// The document of a promotion from `source` to `destination`.
    pub fn of(source: &str, destination: &str, result: &PromoteResult) -> Self {
        let subject = SubjectOfResult::new(destination, result.digest.clone());
        let digest = result.digest.as_ref();
        Self {
            head: ENDS.head(SCHEMA, subject, &result.outcome),
            source: Some(source.to_owned()),
            pushed: result.pushed,
            tags: tags(&result.tags),
            moved: digest.map(|digest| moved(&result.tags, digest)).unwrap_or_default(),
            own: result.judgement.as_ref().map(Examined::from).unwrap_or_default(),
            evidence: result.evidence.iter().map(WrittenPiece::from).collect(),
            evidence_file: None,
            requests: result.traffic.requests(),
            steps: result.steps.iter().map(StepSummary::from).collect(),
            warnings: result.warnings.clone(),
        }
    }

    /// The document of a promotion that did not begin.
    pub fn failed(source: &str, destination: &str, reasons: Vec<Reason>) -> Self {
        let subject = SubjectOfResult::new(destination, None);
        let source = Some(source.to_owned());
        Self { source, ..Self::headed(Head::failed(SCHEMA, subject, reasons)) }
    }
}

impl From<&Judgement> for Examined {
    fn from(judgement: &Judgement) -> Self {
        Self {
            required: judgement.required.iter().map(Kind::to_string).collect(),
            checked: judgement.checked.clone(),
            source_evidence: judgement.evidence.iter().map(PieceSummary::from).collect(),
        }
    }
}

impl Document for Promote {
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
        text::promote(self, paint)
    }

    fn dossier(&self) -> Dossier<'_> {
        Dossier {
            required: &self.own.required,
            checked: &self.own.checked,
            ..Dossier::with_journey(&self.head, self)
        }
    }
}
