use boltseal_core::Severity;

use super::statement::is_closing;
use crate::case::Case;
use crate::catalogue::{INCOMPLETE, TRUST_WIDE_RIGHTS};
use crate::documents::{Role, RolePolicy};
use crate::finding::Finding;
use crate::pattern;
use crate::policy::{Condition, Effect, Statement};
use crate::shown::listed;

/// What one job should reach of one repository and one key only.
const BOUND: [&str; 2] = ["kms:Sign", "ecr:PutImage"];

/// What no release needs at all.
const NEVER: [&str; 3] = ["kms:PutKeyPolicy", "iam:CreateRole", "signer:RevokeSignature"];

/// What the role may do beyond a release.
pub(super) fn check(case: &Case<'_>, role: &Role) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let seen = policies(case, role);
    for policy in &seen {
        for statement in &policy.policy.statements {
            findings.extend(of_statement(policy, statement));
        }
    }
    let is_admin = |arn: &&String| arn.ends_with(":policy/AdministratorAccess");
    findings.extend(
        role.attached.iter().filter(is_admin).map(|arn| wide(format!("{arn} is attached"), arn)),
    );
    findings
}

/// The policies that are among the documents: by themselves, or in the account's details.
fn policies(case: &Case<'_>, role: &Role) -> Vec<RolePolicy> {
    let arn = role.document.said().and_then(|it| it.arn.as_deref());
    let details = case.documents.account.said();
    let known = details.and_then(|it| it.identities.iter().find(|it| Some(it.arn.as_str()) == arn));
    let mut all = role.policies.clone();
    for policy in known.into_iter().flat_map(|it| &it.policies) {
        if !all.iter().any(|it| it.name == policy.name) {
            all.push(policy.clone());
        }
    }
    all
}

fn of_statement(policy: &RolePolicy, statement: &Statement) -> Option<Finding> {
    if statement.effect != Effect::Allow {
        return None;
    }
    let includes = |action: &&str| statement.actions.include(action);
    let unbound = statement.resources.unbound();
    let mut wide_actions: Vec<&str> = NEVER.into_iter().filter(includes).collect();
    if unbound.is_some() {
        let is_one_key = |action: &&str| *action == "kms:Sign" && is_bound_by_alias(statement);
        let bound = BOUND.into_iter().filter(includes);
        wide_actions.extend(bound.filter(|action| !is_one_key(action)));
    }
    if wide_actions.is_empty() {
        return None;
    }
    let on = unbound.map_or_else(String::new, |it| format!(" on {it}"));
    let what = format!("the role may {}{on}", listed(&wide_actions));
    Some(wide(what, &format!("IAM policy {}, statement {}", policy.name, statement.name())))
}

/// A policy can name a key by its alias in a condition only, on the resource of all keys.
fn is_bound_by_alias(statement: &Statement) -> bool {
    let is_exact = |it: &Condition| !it.test.values.iter().any(|it| pattern::is_wild(it));
    let is_on_alias =
        |it: &Condition| matches!(it.key.as_str(), "kms:requestalias" | "kms:resourcealiases");
    let mut conditions = statement.conditions.iter();
    conditions.any(|it| is_on_alias(it) && is_closing(it) && is_exact(it))
}

fn wide(what: String, place: &str) -> Finding {
    Finding::new(&TRUST_WIDE_RIGHTS)
        .what(what)
        .place(place)
        .cli(
            "name the repository and the key in Resource, and the actions of a release only: aws \
             iam put-role-policy --role-name ROLE --policy-name release --policy-document \
             file://release.json",
        )
        .terraform(
            "aws_iam_role_policy: Resource = [aws_ecr_repository.this.arn, aws_kms_key.this.arn]",
        )
}

/// Policies that are attached and were not seen.
pub(crate) fn permissions_gap(case: &Case<'_>) -> Option<Finding> {
    let role = case.role()?;
    let seen = policies(case, role);
    let name = |arn: &str| arn.rsplit('/').next().unwrap_or_default().to_owned();
    let is_unseen = |arn: &&String| {
        !seen.iter().any(|it| it.name == name(arn)) && !arn.ends_with(":policy/AdministratorAccess")
    };
    let unseen: Vec<&String> = role.attached.iter().filter(is_unseen).collect();
    let first = unseen.first()?;
    Some(
        Finding::new(&INCOMPLETE)
            .at_severity(Severity::Low)
            .what(format!("the content of {} was not seen", listed(&unseen)))
            .place("role")
            .cli(format!(
                "aws iam get-policy-version --policy-arn {first} --version-id v1 > \
                 get-policy-version.{}.json",
                name(first)
            ))
            .terraform("nothing to change"),
    )
}
