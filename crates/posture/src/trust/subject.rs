//! Rules about the subject, whichever the issuer.

use super::statement::{TrustStatement, is_closing};
use super::{Issuer, github, other};
use crate::catalogue::{TRUST_NEGATED, TRUST_NO_SUBJECT, TRUST_OPERATOR};
use crate::finding::Finding;
use crate::pattern;
use crate::policy::{Condition, Kind, PolicyDocument};

/// Claims that say which repository a job is of, beside the subject.
const NAMING: [&str; 3] = ["repository", "repository_id", "job_workflow_ref"];

pub(super) fn check(policy: &PolicyDocument, statement: &TrustStatement<'_>) -> Vec<Finding> {
    let subjects = statement.on("sub");
    let named: Vec<&Condition> = NAMING.iter().flat_map(|it| statement.on(it)).collect();
    let mut findings: Vec<Finding> = subjects.iter().filter_map(|it| open(it)).collect();
    findings.extend(subjects.iter().filter_map(|it| mismatch(it)));
    let closing: Vec<&Condition> = subjects.iter().copied().filter(|it| is_closing(it)).collect();
    let is_named = named.iter().any(|it| is_closing(it));
    if closing.is_empty() && !is_named {
        findings.extend(none(statement, findings.is_empty()));
    } else {
        findings.extend(match &statement.issuer {
            Issuer::GitHub(_) => github::check(policy, statement, &closing),
            _ => other::check(statement, &closing),
        });
    }
    findings.into_iter().map(|it| it.place(statement.place())).collect()
}

/// No condition on who the job is of. Where each customer has a provider of its own, that is less.
fn none(statement: &TrustStatement<'_>, is_untested: bool) -> Option<Finding> {
    match statement.issuer {
        Issuer::Bitbucket(_) | Issuer::CircleCi(_) => other::check(statement, &[]).pop(),
        _ if is_untested => {
            Some(Finding::new(&TRUST_NO_SUBJECT).what("no condition on the subject of the token"))
        }
        _ => None,
    }
}

/// Operators that hold for almost everyone.
fn open(condition: &Condition) -> Option<Finding> {
    let test = &condition.test;
    let what = if test.kind == Kind::Absent {
        if test.negated {
            return None;
        }
        format!("{condition}: it holds only without a subject")
    } else if test.negated {
        format!("{condition}: it holds for every other subject")
    } else if test.if_absent {
        format!("{condition}: it holds for a token without a subject")
    } else {
        return None;
    };
    Some(Finding::new(&TRUST_NEGATED).what(what))
}

/// Operators that do not fit their values.
fn mismatch(condition: &Condition) -> Option<Finding> {
    let test = &condition.test;
    let wild = |value: &&String| pattern::is_wild(value);
    let what = match test.kind {
        Kind::Text => {
            let value = test.values.iter().find(wild)?;
            format!("StringEquals takes the wildcard in {value} literally: it matches nothing")
        }
        Kind::Like if !test.values.iter().any(|it| pattern::is_wild(it)) => {
            "StringLike without a wildcard: StringEquals says the same and stays so".to_owned()
        }
        Kind::TextIgnoringCase => {
            "StringEqualsIgnoreCase: subjects that differ in case are of different owners"
                .to_owned()
        }
        _ => return None,
    };
    Some(Finding::new(&TRUST_OPERATOR).what(what))
}
