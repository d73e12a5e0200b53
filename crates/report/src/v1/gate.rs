use boltseal_core::{Counts, Reason};
use boltseal_gate::{
    Counting, Decision, Diff, MaxAge, Outcome as Verdict, PlatformDecision, ReportJudgement,
    Thresholds, Waived,
};
use serde::Serialize;

use super::{Head, Outcome, SubjectOfResult};
use crate::document::pretty;
use crate::{Document, Dossier, Paint, text};

const SCHEMA: &str = "boltseal.gate/v1";

/// The result of `gate`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Gate {
    /// What every result has.
    #[serde(flatten)]
    pub head: Head,
    /// What was counted.
    #[serde(flatten)]
    pub body: GateBody,
}

/// What the gate counted, and against what. Numbers are absent (`null`) where nothing was
/// counted: none is not zero.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct GateBody {
    /// The findings, waived ones left out: of each severity the most that any report has.
    pub counts: Option<Counts>,
    /// How many were allowed.
    pub thresholds: Option<Thresholds>,
    /// How old a scan was allowed to be.
    pub max_scan_age: Option<MaxAge>,
    /// The findings that count, each with the report that has it.
    pub findings: Vec<Counting>,
    /// The findings that do not count because an earlier release has them as well.
    pub carried: Vec<Counting>,
    /// Findings that do not count because somebody answers for them.
    pub waived: Vec<Waived>,
    /// The findings against those of an earlier release, where there was a baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<Diff>,
    /// The numbers of each platform; empty where no image was given.
    pub platforms: Vec<PlatformDecision>,
    /// The reports.
    pub reports: Vec<ReportJudgement>,
    /// What else should be known.
    pub notes: Vec<String>,
}

/// The gate's decision inside the result of a release. Its reasons stand in the result's own.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReleaseGate {
    /// The verdict.
    pub outcome: Verdict,
    /// What was counted.
    #[serde(flatten)]
    pub body: GateBody,
}

impl Gate {
    /// The document of a decision.
    pub fn of(decision: &Decision) -> Self {
        let subject = SubjectOfResult::default();
        let head = match decision.outcome {
            Verdict::Passed => Head::good(SCHEMA, Outcome::Passed, subject),
            _ => Head::failed(SCHEMA, subject, decision.reasons.clone()),
        };
        Self { head, body: GateBody::of(decision) }
    }

    /// The document of a gate that could not judge.
    pub fn failed(reasons: Vec<Reason>) -> Self {
        let head = Head::failed(SCHEMA, SubjectOfResult::default(), reasons);
        Self { head, body: GateBody::default() }
    }
}

impl GateBody {
    fn of(decision: &Decision) -> Self {
        Self {
            counts: Some(decision.counts),
            thresholds: Some(decision.thresholds),
            max_scan_age: Some(decision.max_scan_age),
            findings: decision.findings.clone(),
            carried: decision.carried.clone(),
            waived: decision.waived.clone(),
            diff: decision.diff.clone(),
            platforms: decision.platforms.clone(),
            reports: decision.reports.clone(),
            notes: decision.notes.clone(),
        }
    }
}

impl ReleaseGate {
    /// What a release says about its gate.
    pub fn of(decision: &Decision) -> Self {
        Self { outcome: decision.outcome, body: GateBody::of(decision) }
    }
}

impl Document for Gate {
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
        text::gate(self, paint)
    }

    fn dossier(&self) -> Dossier<'_> {
        let notes = self.body.notes.iter().map(String::as_str).collect();
        Dossier { gate: Some(&self.body), notes, ..Dossier::of(&self.head) }
    }
}
