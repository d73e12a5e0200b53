use boltseal_core::{Exit, Reason};
use serde::Serialize;

use crate::checks::Expiry;
use crate::documents::Looked;
use crate::finding::Finding;
use crate::rights::Rights;
use crate::trust::TrustReport;

/// What the documents say about a repository.
#[derive(Clone, Debug, PartialEq)]
pub struct Posture {
    /// The repository, as it is pulled from where that is known.
    pub subject: Option<String>,
    /// The verdict.
    pub outcome: Outcome,
    /// Findings, the worst first.
    pub findings: Vec<Finding>,
    /// Who may do what.
    pub rights: Rights,
    /// What was tried on the trust of the CI's role.
    pub trust: Option<TrustReport>,
    /// What the lifecycle policy would do to the release.
    pub lifecycle: Vec<Expiry>,
    /// The documents that were read.
    pub documents: Vec<Looked>,
    /// The calls of which there is no answer.
    pub not_looked_at: Vec<&'static str>,
    /// Why it does not pass, in the order of [`Exit::PRECEDENCE`]; empty exactly where it passes.
    pub reasons: Vec<Reason>,
}

impl Posture {
    /// What a run ends with: [`Exit::Proof`], or the exit of the first reason.
    pub fn exit(&self) -> Exit {
        self.reasons.first().map_or(Exit::Proof, |reason| reason.exit)
    }
}

/// The verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Nothing refuses.
    Passed,
    /// A finding refuses, or a document is not valid.
    Refused,
    /// Who may push could not be found out.
    Undetermined,
}
