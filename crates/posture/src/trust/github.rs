//! Subjects of GitHub: `repo:OWNER/REPO:...` and, since July 2026, `repo:OWNER@ID/REPO@ID:...`.

use super::statement::TrustStatement;
use super::{Claims, policy};
use crate::catalogue::{
    Rule, TRUST_ANY_REF, TRUST_ANY_SUBJECT, TRUST_BY_NAME, TRUST_ENVIRONMENT, TRUST_ORGANISATION,
    TRUST_PULL_REQUEST, TRUST_UNTERMINATED,
};
use crate::finding::Finding;
use crate::pattern;
use crate::policy::{Condition, PolicyDocument};

/// A ref that no policy names.
const SOME_REF: &str = "ref:refs/heads/boltseal-any-branch";

/// The parts of a subject or of a pattern of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Subject<'a> {
    pub(super) owner: &'a str,
    pub(super) repository: Option<&'a str>,
    /// What follows the repository; none where the pattern ends before.
    pub(super) context: Option<&'a str>,
}

impl<'a> Subject<'a> {
    /// None for a subject that does not begin with a repository.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let rest = text.strip_prefix("repo:")?;
        let (path, context) = match rest.split_once(':') {
            Some((path, context)) => (path, Some(context)),
            None => (rest, None),
        };
        let (owner, repository) = match path.split_once('/') {
            Some((owner, repository)) => (owner, Some(repository)),
            None => (path, None),
        };
        Some(Self { owner, repository, context })
    }
}

/// A finding and a subject that shows it.
type Shown = (&'static Rule, String);

pub(super) fn check(
    policy: &PolicyDocument,
    statement: &TrustStatement<'_>,
    subjects: &[&Condition],
) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for condition in subjects {
        let is_like = condition.test.kind.is_like();
        for value in &condition.test.values {
            if !is_like && pattern::is_wild(value) {
                continue;
            }
            let is_shared = statement.issuer.is_github_com();
            for (rule, shown) in of_value(value, is_shared) {
                let is_known = findings.iter().any(|it| it.id == rule.id);
                if !is_known && lets_in(policy, statement, &shown) {
                    findings.push(Finding::new(rule).what(format!("{value} lets in {shown}")));
                }
            }
        }
    }
    findings.extend(by_claims(policy, statement, subjects));
    findings
}

/// What a value of `sub` lets in, by the loosest rule that it breaks.
fn of_value(value: &str, is_shared: bool) -> Vec<Shown> {
    if let Some(stranger) = strangers(value).into_iter().find(|it| pattern::matches(value, it)) {
        return vec![(&TRUST_ANY_SUBJECT, stranger)];
    }
    let Some(subject) = Subject::parse(value) else { return Vec::new() };
    let mut shown: Vec<Shown> = width(value, subject).into_iter().collect();
    let exact = |context: &str| format!("{}:{context}", path_of(subject));
    let matched = |context: &str| Some(exact(context)).filter(|it| pattern::matches(value, it));
    if let Some(any) = matched(SOME_REF) {
        shown.push((&TRUST_ANY_REF, any));
    } else if let Some(request) = matched("pull_request") {
        shown.push((&TRUST_PULL_REQUEST, request));
    }
    if subject.context.is_some_and(|it| it.starts_with("environment:")) {
        shown.push((&TRUST_ENVIRONMENT, instance(value)));
    }
    let has_ids =
        subject.owner.contains('@') || subject.repository.is_some_and(|it| it.contains('@'));
    if is_shared && !has_ids && shown.iter().all(|(rule, _)| !is_wide(rule)) {
        shown.push((&TRUST_BY_NAME, instance(value)));
    }
    shown
}

fn is_wide(rule: &Rule) -> bool {
    [TRUST_ORGANISATION.id, TRUST_UNTERMINATED.id].contains(&rule.id)
}

/// How much more than one repository a value takes in.
fn width(value: &str, subject: Subject<'_>) -> Option<Shown> {
    let other = "boltseal-other";
    let context = instance(subject.context.unwrap_or(SOME_REF));
    let shows = |rule, path: String| {
        let shown = format!("repo:{path}:{context}");
        pattern::matches(value, &shown).then_some((rule, shown))
    };
    let name = |text: &str| text.replace(['*', '?'], "");
    if pattern::is_wild(subject.owner) {
        let repository = subject.repository.map_or_else(|| other.to_owned(), instance);
        let owner = match subject.owner.split_once('@') {
            Some((owner, _)) => format!("{owner}@1"),
            None => format!("{}-evil", name(subject.owner)),
        };
        return shows(&TRUST_UNTERMINATED, format!("{owner}/{repository}"));
    }
    let owner = subject.owner;
    let repository = subject.repository?;
    if pattern::is_all_wild(repository) {
        return shows(&TRUST_ORGANISATION, format!("{owner}/{other}"));
    }
    if pattern::is_wild(repository) {
        let evil = match repository.split_once('@') {
            Some((repository, _)) => format!("{repository}@1"),
            None => format!("{}-evil", name(repository)),
        };
        return shows(&TRUST_UNTERMINATED, format!("{owner}/{evil}"));
    }
    None
}

/// Subjects of owners that the value does not mean, whatever it says about the rest.
fn strangers(value: &str) -> Vec<String> {
    let subject = Subject::parse(value);
    let repository = subject.and_then(|it| it.repository).map_or("app".to_owned(), instance);
    let context = subject.and_then(|it| it.context).map_or(SOME_REF.to_owned(), instance);
    let tail = value.rsplit_once("*:").map_or(String::new(), |(_, tail)| instance(tail));
    let mut all = Vec::new();
    for context in [context.as_str(), SOME_REF, "pull_request", "environment:release", &tail] {
        all.push(format!("repo:boltseal-stranger/{repository}:{context}"));
        all.push(format!("repo:boltseal-stranger@1/{repository}@2:{context}"));
    }
    all
}

fn path_of(subject: Subject<'_>) -> String {
    let repository = subject.repository.unwrap_or("app");
    format!("repo:{}/{}", instance(subject.owner), instance(repository))
}

/// A text that a pattern matches.
fn instance(pattern: &str) -> String {
    pattern.replace(['*', '?'], "x")
}

/// Whether the statement as a whole lets a subject in: its other conditions count as well.
fn lets_in(policy: &PolicyDocument, statement: &TrustStatement<'_>, subject: &str) -> bool {
    let claims = claims(statement, subject);
    let admission = policy::admits(policy, &claims);
    let denied = admission
        .statements
        .iter()
        .any(|it| it.denies && it.unmet.is_empty() && it.open.is_empty());
    let name = statement.name();
    let own = admission.statements.iter().find(|it| !it.denies && it.statement == name);
    !denied && own.is_some_and(|it| it.unmet.is_empty())
}

/// The claims of a job with this subject, as far as the subject tells them.
pub(super) fn claims(statement: &TrustStatement<'_>, subject: &str) -> Claims {
    let audience = statement.on("aud").iter().find_map(|it| it.test.values.first().cloned());
    let audience = audience.map_or("sts.amazonaws.com".to_owned(), |it| instance(&it));
    let mut given = vec![("sub".to_owned(), subject.to_owned()), ("aud".to_owned(), audience)];
    if let Some(it) = Subject::parse(subject) {
        let name = |text: &str| text.split('@').next().unwrap_or_default().to_owned();
        let repository = it.repository.map(name).unwrap_or_default();
        given.push(("repository".to_owned(), format!("{}/{repository}", name(it.owner))));
        given.push(("repository_owner".to_owned(), name(it.owner)));
        if let Some(reference) = it.context.and_then(|it| it.strip_prefix("ref:")) {
            given.push(("ref".to_owned(), reference.to_owned()));
        }
        if let Some(environment) = it.context.and_then(|it| it.strip_prefix("environment:")) {
            given.push(("environment".to_owned(), environment.to_owned()));
        }
    }
    let provider = statement.issuer.provider();
    let given: Vec<(&str, &str)> = given.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    Claims::made_up(provider, &given)
}

/// Policies that name the repository by another claim and leave the ref open.
fn by_claims(
    policy: &PolicyDocument,
    statement: &TrustStatement<'_>,
    subjects: &[&Condition],
) -> Option<Finding> {
    let is_bound =
        |claim: &str| statement.on(claim).iter().any(|it| super::statement::is_closing(it));
    if !subjects.is_empty() || is_bound("ref") || is_bound("environment") {
        return None;
    }
    if let Some(condition) = statement.on("job_workflow_ref").first() {
        let open = |it: &&String| it.starts_with('*') || it.starts_with("*/");
        let value = condition.test.values.iter().find(open)?;
        let what = format!("{value} lets in the workflow of any organisation");
        return Some(Finding::new(&TRUST_ANY_SUBJECT).what(what));
    }
    let value = statement.on("repository").iter().find_map(|it| it.test.values.first().cloned());
    let shown = match &value {
        Some(value) => format!("repo:{}:{SOME_REF}", instance(value)),
        None => format!("repo:owner/app:{SOME_REF}"),
    };
    if let Some(value) = value.filter(|it| it.starts_with('*')) {
        let what = format!("{value} lets in repositories of any organisation");
        return Some(Finding::new(&TRUST_ANY_SUBJECT).what(what));
    }
    let what = format!("no condition on the ref or the environment: it lets in {shown}");
    lets_in(policy, statement, &shown).then(|| Finding::new(&TRUST_ANY_REF).what(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(value: &str) -> Vec<&'static str> {
        of_value(value, true).into_iter().map(|(rule, _)| rule.id).collect()
    }

    #[test]
    fn every_loose_form_has_its_rule() {
        for (value, expected) in [
            ("*", &["trust-any-subject"][..]),
            ("?*", &["trust-any-subject"]),
            ("repo:*", &["trust-any-subject"]),
            ("repo:*/*", &["trust-any-subject"]),
            ("repo:*/app:ref:refs/heads/main", &["trust-any-subject"]),
            ("*:ref:refs/heads/main", &["trust-any-subject"]),
            ("*:environment:prod", &["trust-any-subject"]),
            ("repo:acme/*", &["trust-whole-organisation", "trust-any-ref"]),
            ("repo:acme@12/*", &["trust-whole-organisation", "trust-any-ref"]),
            ("repo:acme/*:ref:refs/heads/main", &["trust-whole-organisation"]),
            ("repo:acme*", &["trust-unterminated", "trust-any-ref"]),
            ("repo:acme*/app:ref:refs/heads/main", &["trust-unterminated"]),
            ("repo:acme/app*", &["trust-unterminated", "trust-any-ref"]),
            ("repo:acme@12/app@*:ref:refs/heads/main", &["trust-unterminated"]),
            ("repo:acme@*/app@34:ref:refs/heads/main", &["trust-unterminated"]),
            ("repo:acme/app:*", &["trust-any-ref", "trust-by-name"]),
            ("repo:acme/app:ref:*", &["trust-any-ref", "trust-by-name"]),
            ("repo:acme/app:ref:refs/heads/*", &["trust-any-ref", "trust-by-name"]),
            ("repo:acme@12/app@34:*", &["trust-any-ref"]),
            ("repo:acme@12/app@34:pull_request", &["trust-pull-request"]),
            ("repo:acme@12/app@34:environment:prod", &["trust-environment"]),
            ("repo:acme/app:ref:refs/heads/main", &["trust-by-name"]),
            ("repo:acme@12/app@34:ref:refs/heads/main", &[]),
            ("repo:acme@12/app@34:ref:refs/tags/v*", &[]),
        ] {
            assert_eq!(ids(value), expected, "{value}");
        }
    }
}
