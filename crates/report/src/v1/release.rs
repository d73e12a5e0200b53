use boltseal_core::Reason;
use boltseal_pipeline::{PlatformSbom, PostureEffect, ReleaseResult};
use boltseal_posture::{Outcome as Verdict, Posture};
use serde::Serialize;
use serde_json::Value;

use super::journey::{GoodEnds, Journey, moved, tags};
use super::{
    Head, Outcome, Plan, PreflightBody, ReleaseGate, StepSummary, SubjectOfResult, WrittenPiece,
};
use crate::document::pretty;
use crate::{Document, Dossier, Paint, text};

const SCHEMA: &str = "boltseal.release/v1";
const ENDS: GoodEnds = GoodEnds { already: Outcome::AlreadyReleased, done: Outcome::Released };

/// The result of `release`.
pub type Release = Journey<Gated>;

/// What only a release has.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Gated {
    /// The gate's decision, where it came to one.
    pub gate: Option<ReleaseGate>,
    /// Who else could replace it, where that was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub posture: Option<ReleasePosture>,
    /// What the image's provenance says, once it is signed: the predicate of SLSA v1.
    pub provenance: Option<Value>,
    /// Of a dry run, what the release would do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    /// The SBOMs, for reports that are made of them. They are too large for this result.
    #[serde(skip)]
    pub sboms: Vec<PlatformSbom>,
}

/// The posture of a release's destination.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReleasePosture {
    /// What a refusal does: `warn` or `block`.
    pub effect: PostureEffect,
    /// The verdict.
    pub outcome: Verdict,
    /// What `preflight` tells.
    #[serde(flatten)]
    pub body: PreflightBody,
}

impl ReleasePosture {
    fn of((effect, posture): &(PostureEffect, Posture)) -> Self {
        let body = PreflightBody::of(posture);
        Self { effect: *effect, outcome: posture.outcome, body }
    }
}

impl Release {
    /// The document of a release to `reference`.
    pub fn of(reference: &str, result: &ReleaseResult) -> Self {
        let subject = SubjectOfResult::new(reference, Some(result.digest.clone()));
        Self {
            head: ENDS.head(SCHEMA, subject, &result.outcome),
            source: None,
            pushed: result.pushed,
            tags: tags(&result.tags),
            moved: moved(&result.tags, &result.digest),
            own: Gated {
                gate: result.gate.as_ref().map(ReleaseGate::of),
                posture: result.posture.as_ref().map(ReleasePosture::of),
                provenance: result.provenance.clone(),
                plan: None,
                sboms: result.sboms.clone(),
            },
            evidence: result.evidence.iter().map(WrittenPiece::from).collect(),
            evidence_file: None,
            requests: result.traffic.requests(),
            steps: result.steps.iter().map(StepSummary::from).collect(),
            warnings: result.warnings.clone(),
        }
    }

    /// The document of a release that did not begin.
    pub fn failed(subject: SubjectOfResult, reasons: Vec<Reason>) -> Self {
        Self::headed(Head::failed(SCHEMA, subject, reasons))
    }
}

impl Document for Release {
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
        text::release(self, paint)
    }

    fn dossier(&self) -> Dossier<'_> {
        Dossier {
            gate: self.own.gate.as_ref().map(|gate| &gate.body),
            posture: self.own.posture.as_ref().map(|posture| &posture.body),
            provenance: self.own.provenance.as_ref(),
            sboms: &self.own.sboms,
            ..Dossier::with_journey(&self.head, self)
        }
    }
}
