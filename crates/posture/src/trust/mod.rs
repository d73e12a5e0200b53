//! Who can take the role of the CI: its trust policy, rule by rule, with subjects tried on it.

mod audience;
mod candidate;
mod claims;
mod github;
mod issuer;
mod other;
mod permission;
mod policy;
mod report;
mod session;
mod statement;
mod subject;

pub use claims::Claims;
pub use issuer::Issuer;
pub(crate) use permission::permissions_gap;
pub use policy::{Admission, Missed, StatementAdmission, TrustPolicy};
pub(crate) use report::report;
pub use report::{Candidate, TrustReport};

use crate::case::Case;
use crate::catalogue::TRUST_STATEMENTS;
use crate::documents::RoleDocument;
use crate::finding::Finding;
use statement::TrustStatement;

/// All rules about the role that was named, or about the only one.
pub(crate) fn check(case: &Case<'_>) -> Vec<Finding> {
    let Some(role) = case.role() else { return Vec::new() };
    let Some(document) = role.document.said() else { return permission::check(case, role) };
    let place = format!("role {}", document.name);
    let statements = TrustStatement::all(&document.trust);
    let mut findings = Vec::new();
    let mut subjects: Vec<Vec<Finding>> = Vec::new();
    for statement in &statements {
        let found = subject::check(&document.trust, statement);
        findings.extend(found.iter().cloned());
        findings.extend(issuer::check(case, statement));
        findings.extend(audience::check(statement));
        subjects.push(found);
    }
    findings.extend(differ(&statements, &subjects));
    findings.extend(session::check(case, role, document, &statements));
    findings.extend(permission::check(case, role));
    let at = |finding: Finding| {
        let inner = finding.place.clone();
        let at = if inner.is_empty() { place.clone() } else { format!("{place}, {inner}") };
        mended(document, finding.place(at))
    };
    findings.into_iter().map(at).collect()
}

/// One strict statement beside a loose one protects nothing.
fn differ(statements: &[TrustStatement<'_>], found: &[Vec<Finding>]) -> Option<Finding> {
    use boltseal_core::Severity::{Critical, High};
    let is_loose =
        |found: &&Vec<Finding>| found.iter().any(|it| matches!(it.severity, Critical | High));
    let loose = found.iter().position(|it| is_loose(&it))?;
    let strict = found.iter().position(|it| !is_loose(&it))?;
    let what = format!(
        "statement {} is strict, and statement {} lets in more",
        statements[strict].name(),
        statements[loose].name()
    );
    Some(Finding::new(&TRUST_STATEMENTS).what(what))
}

/// The fix of a finding about the trust policy, where it has none of its own.
fn mended(role: &RoleDocument, finding: Finding) -> Finding {
    if !finding.fix.cli.is_empty() {
        return finding;
    }
    let cli = format!(
        "correct the trust policy, then: aws iam update-assume-role-policy --role-name {} \
         --policy-document file://trust.json",
        role.name
    );
    finding.cli(cli).terraform(
        "aws_iam_role { assume_role_policy = ... } with StringEquals on the issuer's :aud and on \
         its :sub, such as repo:OWNER@OWNER_ID/REPO@REPO_ID:environment:release",
    )
}
