use boltseal_core::Severity;

use super::policy::provider_of;
use super::statement::TrustStatement;
use crate::case::Case;
use crate::catalogue::{TRUST_NO_TRACE, TRUST_SESSION, TRUST_TAG_SESSION, TRUST_THUMBPRINT};
use crate::documents::{Role, RoleDocument};
use crate::finding::Finding;
use crate::policy::{Effect, Principals, Statement};
use crate::rights::is_strong_condition;
use crate::who::Who;

/// The longest session that a release needs, in seconds.
const LONGEST: u64 = 3600;

/// Providers whose certificates AWS trusts by itself.
const TRUSTED: [&str; 3] = ["githubusercontent.com", "gitlab.com", "amazonaws.com"];

/// What a session may be, and other ways to get one.
pub(super) fn check(
    case: &Case<'_>,
    role: &Role,
    document: &RoleDocument,
    statements: &[TrustStatement<'_>],
) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(seconds) = document.max_session.filter(|it| *it > LONGEST) {
        findings.push(
            Finding::new(&TRUST_SESSION)
                .what(format!("sessions may last {seconds} seconds"))
                .cli(format!(
                    "aws iam update-role --role-name {} --max-session-duration {LONGEST}",
                    document.name
                ))
                .terraform(format!("aws_iam_role {{ max_session_duration = {LONGEST} }}")),
        );
    }
    let is_named = |it: &TrustStatement<'_>| {
        it.statement.conditions.iter().any(|it| it.key == "sts:rolesessionname")
    };
    if !statements.is_empty() && !statements.iter().any(is_named) {
        let what = "no condition on sts:RoleSessionName";
        findings.push(Finding::new(&TRUST_NO_TRACE).what(what));
    }
    for statement in &document.trust.statements {
        findings.extend(tags(role, statement));
        findings.extend(anyone(case, statement));
    }
    findings.extend(thumbprints(case, statements));
    findings
}

/// Tags of the session that whoever takes the role chooses.
fn tags(role: &Role, statement: &Statement) -> Option<Finding> {
    let is_about_tags = |key: &str| {
        key.starts_with("aws:requesttag/")
            || key.starts_with("aws:principaltag/")
            || matches!(key, "aws:tagkeys" | "sts:transitivetagkeys")
    };
    let is_open = statement.effect == Effect::Allow
        && statement.actions.include("sts:TagSession")
        && !statement.conditions.iter().any(|it| is_about_tags(&it.key));
    if !is_open {
        return None;
    }
    let severity = if decides_by_tags(role) { Severity::High } else { Severity::Informational };
    Some(
        Finding::new(&TRUST_TAG_SESSION)
            .at_severity(severity)
            .what("sts:TagSession is allowed without a condition on the tags")
            .place(format!("trust statement {}", statement.name())),
    )
}

fn decides_by_tags(role: &Role) -> bool {
    let uses = |it: &crate::policy::Condition| {
        it.key.starts_with("aws:principaltag/")
            || it.test.values.iter().any(|value| value.contains("${aws:PrincipalTag"))
    };
    let statements = role.policies.iter().flat_map(|it| &it.policy.statements);
    statements.flat_map(|it| &it.conditions).any(uses)
}

/// `sts:AssumeRole` by everyone.
fn anyone(case: &Case<'_>, statement: &Statement) -> Option<Finding> {
    let is_everyone = match &statement.principals {
        Principals::In(who) => who.contains(&Who::Everyone),
        Principals::NotIn(_) => true,
        Principals::Bearer => false,
    };
    if statement.effect != Effect::Allow
        || !statement.actions.include("sts:AssumeRole")
        || !is_everyone
    {
        return None;
    }
    let grants =
        crate::grant::Grant::new(Who::Everyone).restrict_all(&case.world, &statement.conditions);
    let is_open = |it: &crate::grant::Grant| {
        it.who == Who::Everyone
            && !it.limits.iter().any(|it| match it {
                crate::grant::Limit::Condition(it) => is_strong_condition(it),
                crate::grant::Limit::Except(_) => false,
            })
    };
    grants.iter().any(is_open).then(|| {
        Finding::new(&TRUST_TAG_SESSION)
            .at_severity(Severity::Critical)
            .what("sts:AssumeRole is allowed to everyone with an AWS account")
            .place(format!("trust statement {}", statement.name()))
    })
}

fn thumbprints(case: &Case<'_>, statements: &[TrustStatement<'_>]) -> Vec<Finding> {
    let is_used = |url: &str| {
        statements.iter().flat_map(|it| &it.providers).any(|arn| {
            provider_of(arn).is_some_and(|it| url.trim_start_matches("https://").starts_with(&it))
        })
    };
    let is_trusted = |url: &str| {
        let host = url.trim_start_matches("https://").split('/').next().unwrap_or_default();
        TRUSTED.iter().any(|it| host.ends_with(it))
    };
    let providers = case.documents.providers.iter().filter(|it| !it.thumbprint_list.is_empty());
    let urls = providers.filter_map(|it| it.url.as_deref());
    urls.filter(|url| is_used(url) && is_trusted(url))
        .map(|url| {
            Finding::new(&TRUST_THUMBPRINT)
                .what(format!("the provider {url} lists thumbprints"))
                .cli("nothing to do: they are not looked at")
                .terraform("aws_iam_openid_connect_provider without thumbprint_list")
        })
        .collect()
}
