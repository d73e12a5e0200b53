use super::said;
use crate::case::{Case, resource_policies};
use crate::catalogue::{
    ALLOW_NOT_PRINCIPAL, DENY_NOT_PRINCIPAL, DENY_WITHOUT_EFFECT, PRINCIPAL_DELETED,
    SERVICE_UNBOUND,
};
use crate::finding::Finding;
use crate::grant::Grant;
use crate::policy::{Effect, Principals, Statement};
use crate::rights::Right;
use crate::who::Who;

/// How the statements are written.
pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, policy) in resource_policies(case) {
        for statement in &policy.statements {
            let place = format!("{name}, statement {}", statement.name());
            findings.extend(written(case, statement).into_iter().map(|it| it.place(&place)));
        }
    }
    findings.extend(services(case));
    findings
}

fn written(case: &Case<'_>, statement: &Statement) -> Vec<Finding> {
    let mut findings = Vec::new();
    match (&statement.principals, statement.effect) {
        (Principals::NotIn(_), Effect::Allow) => findings.push(
            Finding::new(&ALLOW_NOT_PRINCIPAL)
                .what("Allow with NotPrincipal")
                .cli("name the principals that are meant, with Principal")
                .terraform("principals { type = \"AWS\" identifiers = [...] }"),
        ),
        (Principals::NotIn(spared), Effect::Deny) if is_trap(spared) => findings.push(
            Finding::new(&DENY_NOT_PRINCIPAL)
                .what("Deny with NotPrincipal that names a role without its account, or an account alone")
                .cli("use \"Principal\":\"*\" with ArnNotEquals on aws:PrincipalArn instead")
                .terraform("condition { test = \"ArnNotEquals\" variable = \"aws:PrincipalArn\" values = [...] }"),
        ),
        _ => {}
    }
    if statement.effect == Effect::Deny && is_idle(case, statement) {
        findings.push(
            Finding::new(&DENY_WITHOUT_EFFECT)
                .what("a Deny whose conditions no request meets")
                .cli(
                    "correct its conditions: StringNotEquals takes values literally, Bool on \
                      aws:SecureTransport never matters to ECR",
                )
                .terraform("correct the condition blocks of the statement"),
        );
    }
    findings.extend(deleted(statement));
    findings
}

fn is_trap(spared: &[Who]) -> bool {
    let accounts: Vec<Option<&str>> =
        spared.iter().filter(|it| matches!(it, Who::Account(_))).map(Who::account).collect();
    let lone_role = |it: &Who| matches!(it, Who::Arn(_)) && !accounts.contains(&it.account());
    let only_accounts = spared.iter().all(|it| matches!(it, Who::Account(_)));
    only_accounts || spared.iter().any(lone_role)
}

/// Whether a Deny takes nothing away from anyone in the world.
fn is_idle(case: &Case<'_>, statement: &Statement) -> bool {
    let untouched = |who: Who| {
        let grant = Grant::new(who);
        grant.clone().subtract(&case.world, statement) == [grant]
    };
    !statement.conditions.is_empty()
        && matches!(&statement.principals, Principals::In(who) if who.contains(&Who::Everyone))
        && untouched(Who::Everyone)
        && case.account().is_none_or(|id| untouched(Who::Account(id.to_owned())))
}

fn deleted(statement: &Statement) -> Vec<Finding> {
    let (Principals::In(who) | Principals::NotIn(who)) = &statement.principals else {
        return Vec::new();
    };
    let of = |it: &Who| match it {
        Who::UniqueId(id) => Some(
            Finding::new(&PRINCIPAL_DELETED)
                .what(format!("{id} is the id of a principal that was deleted"))
                .cli("remove it from the statement, or name its successor by ARN")
                .terraform("remove it from the principals of the statement"),
        ),
        _ => None,
    };
    who.iter().filter_map(of).collect()
}

/// Services that act for anyone.
fn services(case: &Case<'_>) -> Vec<Finding> {
    let rights = &case.rights;
    let is_unbound = |right: &&Right| {
        let condition = right.condition.as_deref().unwrap_or_default().to_ascii_lowercase();
        matches!(right.who(), Who::Service(_))
            && !condition.contains("aws:source")
            && !condition.contains("aws:principalorg")
    };
    let mut findings: Vec<Finding> = Vec::new();
    for right in [&rights.push, &rights.pull, &rights.delete].into_iter().flatten() {
        if !is_unbound(&right) || findings.iter().any(|it| it.place == right.origin()) {
            continue;
        }
        let account = case.account().unwrap_or("ACCOUNT");
        findings.push(
            Finding::new(&SERVICE_UNBOUND)
                .what(said(right, "act here"))
                .place(right.origin())
                .cli(format!(
                    "add \"Condition\":{{\"StringEquals\":{{\"aws:SourceAccount\":\"{account}\"}}}} \
                     to the statement; then {}",
                    case.site.ecr("set-repository-policy", "--policy-text file://policy.json")
                ))
                .terraform(format!(
                    "condition {{ test = \"StringEquals\" variable = \"aws:SourceAccount\" values \
                     = [\"{account}\"] }}"
                )),
        );
    }
    findings
}
