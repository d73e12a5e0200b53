//! Subjects of the other CI systems: lists of names and values.

use super::Issuer;
use super::statement::TrustStatement;
use crate::catalogue::{
    Rule, TRUST_ANY_REF, TRUST_ANY_SUBJECT, TRUST_BITBUCKET, TRUST_CIRCLECI, TRUST_GITLAB,
    TRUST_ORGANISATION, TRUST_UNTERMINATED,
};
use crate::finding::Finding;
use crate::pattern;
use crate::policy::Condition;
use boltseal_core::Severity;

pub(super) fn check(statement: &TrustStatement<'_>, subjects: &[&Condition]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    if subjects.is_empty() {
        findings.extend(absent(&statement.issuer));
    }
    for condition in subjects {
        let is_like = condition.test.kind.is_like();
        let values = condition.test.values.iter().filter(|it| is_like || !pattern::is_wild(it));
        for value in values {
            let found = match &statement.issuer {
                Issuer::GitLab(_) => gitlab(value),
                Issuer::Buildkite(_) => buildkite(value),
                Issuer::CircleCi(_) => circleci(value),
                Issuer::Bitbucket(_) => bitbucket(value),
                _ => unknown(value),
            };
            if let Some(found) = found
                && !findings.iter().any(|it| it.id == found.id)
            {
                findings.push(found);
            }
        }
    }
    findings
}

fn absent(issuer: &Issuer) -> Option<Finding> {
    let rule = match issuer {
        Issuer::Bitbucket(_) => &TRUST_BITBUCKET,
        Issuer::CircleCi(_) => &TRUST_CIRCLECI,
        _ => return None,
    };
    Some(Finding::new(rule).what("only the audience is asked for"))
}

fn found(rule: &'static Rule, value: &str, what: &str) -> Finding {
    Finding::new(rule).what(format!("{value}: {what}"))
}

/// The value of `name:VALUE` in a list of names and values, up to the next colon.
fn member<'a>(subject: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = subject.split_once(&format!("{name}:"))?;
    rest.split(':').next()
}

/// `project_path:GROUP/PROJECT:ref_type:branch:ref:main`, or with ids.
fn gitlab(value: &str) -> Option<Finding> {
    let project = member(value, "project_path").or_else(|| member(value, "project_id"));
    let Some(project) = project else {
        return unknown(value);
    };
    let group = project.split('/').next().unwrap_or_default();
    if pattern::is_wild(group) {
        return Some(found(&TRUST_ANY_SUBJECT, value, "the group is open"));
    }
    if pattern::is_wild(project) {
        return Some(found(&TRUST_GITLAB, value, "any project of the group"));
    }
    let reference = value.split_once(":ref:").map(|(_, reference)| reference);
    let is_open = |it: Option<&str>| it.is_none_or(pattern::is_wild);
    if is_open(member(value, "ref_type")) || is_open(reference) {
        return Some(found(
            &TRUST_GITLAB,
            value,
            "any branch, tag or merge request of the project",
        ));
    }
    None
}

/// `organization:ORG:pipeline:PIPELINE:ref:REF:commit:SHA:step:KEY`
fn buildkite(value: &str) -> Option<Finding> {
    let Some(organisation) = member(value, "organization") else {
        return unknown(value);
    };
    if pattern::is_wild(organisation) {
        let rule = if pattern::is_all_wild(organisation) || value.starts_with('*') {
            &TRUST_ANY_SUBJECT
        } else {
            &TRUST_UNTERMINATED
        };
        return Some(found(rule, value, "the organisation is open"));
    }
    let pipeline = member(value, "pipeline");
    if pipeline.is_none_or(pattern::is_wild) {
        return Some(found(&TRUST_ORGANISATION, value, "any pipeline of the organisation"));
    }
    if member(value, "ref").is_none_or(pattern::is_wild) {
        return Some(found(&TRUST_ANY_REF, value, "any branch of the pipeline"));
    }
    None
}

/// `org/ORG/project/PROJECT/user/USER/vcs-origin/ORIGIN/vcs-ref/REF`
fn circleci(value: &str) -> Option<Finding> {
    let after = |name: &str| {
        let (_, rest) = value.split_once(&format!("{name}/"))?;
        rest.split('/').next()
    };
    if after("project").is_none_or(pattern::is_wild) {
        return Some(found(&TRUST_CIRCLECI, value, "any project of the organisation"));
    }
    let reference = value.split_once("vcs-ref/").map(|(_, reference)| reference);
    if reference.is_none_or(pattern::is_wild) {
        let finding = found(&TRUST_CIRCLECI, value, "any branch of the project; require vcs-ref");
        return Some(finding.at_severity(Severity::Medium));
    }
    None
}

/// `{REPOSITORY}:{ENVIRONMENT}:{STEP}`, each a UUID in braces.
fn bitbucket(value: &str) -> Option<Finding> {
    let repository = value.split(':').next().unwrap_or_default();
    if pattern::is_wild(repository) {
        return Some(found(&TRUST_BITBUCKET, value, "any repository of the workspace"));
    }
    None
}

/// An issuer whose subjects nothing is known about.
fn unknown(value: &str) -> Option<Finding> {
    let fixed = value.split(['*', '?']).next().unwrap_or_default();
    if pattern::is_wild(value) && (fixed.is_empty() || fixed.ends_with(':')) && fixed.len() < 16 {
        return Some(found(&TRUST_ANY_SUBJECT, value, "the subject is open from its beginning"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(found: Option<Finding>) -> Option<&'static str> {
        found.map(|it| it.id)
    }

    #[test]
    fn each_systems_loose_subjects() {
        for (value, expected) in [
            ("project_path:acme/app:ref_type:branch:ref:main", None),
            ("project_path:acme/app:ref_type:branch:ref:*", Some("trust-gitlab-subject")),
            ("project_path:acme/app:ref_type:*:ref:main", Some("trust-gitlab-subject")),
            ("project_path:acme/app:*", Some("trust-gitlab-subject")),
            ("project_path:acme/*:ref_type:branch:ref:main", Some("trust-gitlab-subject")),
            ("project_path:*:ref_type:branch:ref:main", Some("trust-any-subject")),
            ("project_path:*", Some("trust-any-subject")),
            ("*", Some("trust-any-subject")),
        ] {
            assert_eq!(id(gitlab(value)), expected, "{value}");
        }
        for (value, expected) in [
            ("organization:acme:pipeline:app:ref:refs/heads/main:commit:*:step:*", None),
            ("organization:acme:pipeline:app:*", Some("trust-any-ref")),
            ("organization:acme:*", Some("trust-whole-organisation")),
            ("organization:acme*:pipeline:app:ref:refs/heads/main:*", Some("trust-unterminated")),
            ("organization:*", Some("trust-any-subject")),
        ] {
            assert_eq!(id(buildkite(value)), expected, "{value}");
        }
        for (value, expected) in [
            ("org/1/project/2/user/*/vcs-origin/x/vcs-ref/refs/heads/main", None),
            ("org/1/project/2/user/*", Some("trust-circleci-subject")),
            ("org/1/project/*/user/*", Some("trust-circleci-subject")),
            ("org/1/*", Some("trust-circleci-subject")),
        ] {
            assert_eq!(id(circleci(value)), expected, "{value}");
        }
        assert_eq!(id(bitbucket("{aa}:{bb}:*")), None);
        assert_eq!(id(bitbucket("*")), Some("trust-bitbucket-subject"));
    }
}
