use boltseal_core::Reason;
use boltseal_posture::{Expiry, Finding, Looked, Outcome as Verdict, Posture, Rights, TrustReport};
use serde::Serialize;

use super::{Head, Outcome, SubjectOfResult};
use crate::document::pretty;
use crate::{Document, Dossier, Paint, text};

const SCHEMA: &str = "boltseal.preflight/v1";

/// The result of `preflight`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Preflight {
    /// What every result has.
    #[serde(flatten)]
    pub head: Head,
    /// What was found.
    #[serde(flatten)]
    pub body: PreflightBody,
}

/// What is known about a repository, its registry, its key and the role of the CI.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PreflightBody {
    /// Findings, the worst first.
    pub findings: Vec<Finding>,
    /// Who may do what.
    pub rights: Rights,
    /// What was tried on the role's trust policy; `null` where no role was looked at.
    pub trust: Option<TrustReport>,
    /// What the lifecycle policy would do to the release.
    pub lifecycle: Vec<Expiry>,
    /// The documents, and what came of each.
    pub documents: Vec<Looked>,
    /// The calls of which there is no answer: nothing is said about them.
    pub not_looked_at: Vec<&'static str>,
}

impl Preflight {
    /// The document of what was judged.
    pub fn of(posture: &Posture) -> Self {
        let subject = SubjectOfResult { reference: posture.subject.clone(), digest: None };
        let head = match posture.outcome {
            Verdict::Passed => Head::good(SCHEMA, Outcome::Passed, subject),
            _ => Head::failed(SCHEMA, subject, posture.reasons.clone()),
        };
        Self { head, body: PreflightBody::of(posture) }
    }

    /// The document of a preflight that could not judge; `reference` is what it was about.
    pub fn failed(reference: Option<&str>, reasons: Vec<Reason>) -> Self {
        let subject = SubjectOfResult { reference: reference.map(str::to_owned), digest: None };
        Self { head: Head::failed(SCHEMA, subject, reasons), body: PreflightBody::default() }
    }
}

impl PreflightBody {
    /// What a posture says, for a result of its own or inside another.
    pub fn of(posture: &Posture) -> Self {
        Self {
            findings: posture.findings.clone(),
            rights: posture.rights.clone(),
            trust: posture.trust.clone(),
            lifecycle: posture.lifecycle.clone(),
            documents: posture.documents.clone(),
            not_looked_at: posture.not_looked_at.clone(),
        }
    }
}

impl Document for Preflight {
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
        text::preflight(self, paint)
    }

    fn dossier(&self) -> Dossier<'_> {
        Dossier { posture: Some(&self.body), ..Dossier::of(&self.head) }
    }
}
