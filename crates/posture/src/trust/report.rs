use serde::Serialize;

use super::statement::TrustStatement;
use super::{Claims, candidate, github, policy};
use crate::case::Case;
use crate::policy::PolicyDocument;

/// What was tried on the role's trust policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrustReport {
    /// The role's ARN, or its name.
    pub role: String,
    /// Subjects, and whether each is let in.
    pub candidates: Vec<Candidate>,
}

/// A subject that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// The subject.
    pub subject: String,
    /// What it differs in from what is meant; `given` for one that was asked about.
    pub kind: &'static str,
    /// Whether a token with it is let in, where its other claims are right.
    pub admitted: bool,
    /// The statement that lets it in.
    pub statement: Option<String>,
}

/// The report about the role that was named, or about the only one.
pub(crate) fn report(case: &Case<'_>) -> Option<TrustReport> {
    let document = case.role()?.document.said()?;
    let statements = TrustStatement::all(&document.trust);
    let mut candidates: Vec<Candidate> = Vec::new();
    for statement in &statements {
        let given = case.request.subjects.iter().map(|it| ("given", it.clone()));
        for (kind, subject) in given.chain(candidate::made(statement)) {
            let tried = tried(&document.trust, statement, kind, subject);
            match candidates.iter_mut().find(|it| it.subject == tried.subject) {
                Some(known) if !known.admitted && tried.admitted => *known = tried,
                Some(_) => {}
                None => candidates.push(tried),
            }
        }
    }
    let role = document.arn.clone().unwrap_or_else(|| document.name.clone());
    Some(TrustReport { role, candidates })
}

fn tried(
    trust: &PolicyDocument,
    statement: &TrustStatement<'_>,
    kind: &'static str,
    subject: String,
) -> Candidate {
    let claims: Claims = github::claims(statement, &subject);
    let admission = policy::admits(trust, &claims);
    let by = admission.statements.iter().find(|it| !it.denies && it.unmet.is_empty());
    let statement = by.filter(|_| admission.is_admitted).map(|it| it.statement.clone());
    Candidate { subject, kind, admitted: admission.is_admitted, statement }
}
