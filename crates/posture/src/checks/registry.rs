use boltseal_core::Severity;

use super::{reaching, said};
use crate::case::Case;
use crate::catalogue::{
    MANAGED_SIGNING, PULL_THROUGH, REGISTRY_PUBLIC, REGISTRY_REPLICATES_IN, REGISTRY_SCOPE,
    REPLICATION,
};
use crate::documents::RepositoryFilter;
use crate::finding::Finding;
use crate::policy::Effect;
use crate::rights::{Certainty, Reach};
use crate::shown::listed;

/// What the registry does with the repository: replication both ways, pull-through, signing.
pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = replicates_in(case);
    findings.extend(scope(case));
    let Some(name) = case.site.name.as_deref() else { return findings };
    findings.extend(pulls_through(case, name));
    findings.extend(replicates_out(case, name));
    findings.extend(signs(case, name));
    findings
}

/// Accounts that may put images here by replication, which is no `PutImage`.
fn replicates_in(case: &Case<'_>) -> Vec<Finding> {
    let rights = case.registry_rights(&["ecr:ReplicateImage"]);
    let mut findings = Vec::new();
    for (right, reach) in reaching(case, &rights) {
        let is_meant = case.is_allowed(right) && reach != Reach::Public;
        let is_own = matches!(reach, Reach::Account | Reach::Own);
        if right.certainty != Certainty::Granted || is_meant || is_own {
            continue;
        }
        let is_public = matches!(reach, Reach::Public);
        let rule = if is_public { &REGISTRY_PUBLIC } else { &REGISTRY_REPLICATES_IN };
        let statement = right.statement.as_deref().unwrap_or_default();
        findings.push(
            Finding::new(rule)
                .what(said(right, "replicate images into this repository"))
                .place(right.origin())
                .cli(format!(
                    "limit the statement {statement} to the repositories that are replicated: {}; \
                     or, where it is meant: --allow-push '{}'",
                    case.site.registry("put-registry-policy", "--policy-text file://registry.json"),
                    right.principal
                ))
                .terraform(format!(
                    "in aws_ecr_registry_policy, statement {statement}: Resource = only the \
                     repositories that are replicated"
                )),
        );
    }
    findings
}

/// A registry policy that means to deny pushes, under a version that does not enforce it.
fn scope(case: &Case<'_>) -> Option<Finding> {
    let policy = &case.documents.registry_policy.said()?.policy;
    let denies = |it: &&crate::policy::Statement| {
        it.effect == Effect::Deny && it.actions.include("ecr:PutImage")
    };
    let statement = policy.statements.iter().find(denies)?;
    let set = case.setting("REGISTRY_POLICY_SCOPE");
    if set == Some("V2") {
        return None;
    }
    let what = match set {
        Some(version) => format!("REGISTRY_POLICY_SCOPE is {version}"),
        None => "whether REGISTRY_POLICY_SCOPE is V2 was not looked at".to_owned(),
    };
    let set = "--name REGISTRY_POLICY_SCOPE --value V2";
    Some(
        Finding::new(&REGISTRY_SCOPE)
            .what(format!("{what}, and statement {} denies ecr:PutImage", statement.name()))
            .place("registry policy")
            .cli(case.site.registry("put-account-setting", set))
            .terraform(
                "aws_ecr_account_setting { name = \"REGISTRY_POLICY_SCOPE\" value = \"V2\" }",
            ),
    )
}

fn pulls_through(case: &Case<'_>, name: &str) -> Vec<Finding> {
    let Some(answer) = case.documents.pull_through.said() else { return Vec::new() };
    let takes = |prefix: &str| prefix == "ROOT" || name.starts_with(&format!("{prefix}/"));
    let rules = answer.pull_through_cache_rules.iter();
    let of = |rule: &crate::documents::PullThroughRule| {
        let prefix = &rule.ecr_repository_prefix;
        let upstream = rule.upstream_registry_url.as_deref().unwrap_or("its upstream");
        Finding::new(&PULL_THROUGH)
            .what(format!("the pull-through rule {prefix} fetches {name} from {upstream}"))
            .place("pull-through cache rules")
            .cli(case.site.registry(
                "delete-pull-through-cache-rule",
                &format!("--ecr-repository-prefix {prefix}"),
            ))
            .terraform(format!(
                "release to a repository outside the prefix of aws_ecr_pull_through_cache_rule \
                 {prefix}"
            ))
    };
    rules.filter(|rule| takes(&rule.ecr_repository_prefix)).map(of).collect()
}

fn replicates_out(case: &Case<'_>, name: &str) -> Vec<Finding> {
    let Some(answer) = case.documents.replication.said() else { return Vec::new() };
    let rules = answer.replication_configuration.rules.iter();
    let of = |rule: &crate::documents::ReplicationRule| {
        let places: Vec<String> = rule
            .destinations
            .iter()
            .map(|it| format!("{} in {}", it.registry_id, it.region))
            .collect();
        let leaves = rule.destinations.iter().any(|it| case.account() != Some(&it.registry_id));
        let severity = if leaves { Severity::Low } else { Severity::Informational };
        Finding::new(&REPLICATION)
            .at_severity(severity)
            .what(format!("images are replicated to {}", listed(&places)))
            .place("replication configuration")
            .cli(
                "boltseal verify in each destination before deploying; \
                 aws ecr describe-image-replication-status shows how far it is",
            )
            .terraform("give the destinations their own aws_ecr_repository_policy and lifecycle")
    };
    rules.filter(|rule| takes(&rule.repository_filters, name)).map(of).collect()
}

fn signs(case: &Case<'_>, name: &str) -> Vec<Finding> {
    let Some(answer) = case.documents.signing.said() else { return Vec::new() };
    let rules = answer.signing_configuration.rules.iter();
    let of = |rule: &crate::documents::SigningRule| {
        Finding::new(&MANAGED_SIGNING)
            .what(format!("ECR signs pushes with {}", rule.signing_profile_arn))
            .place("signing configuration")
            .cli("do not ask for --evidence notation as well: ECR's signature is awaited")
            .terraform("aws_ecr_signing_configuration names the repositories that ECR signs")
    };
    rules.filter(|rule| takes(&rule.repository_filters, name)).map(of).collect()
}

/// No filter takes every repository.
fn takes(filters: &[RepositoryFilter], name: &str) -> bool {
    filters.is_empty() || filters.iter().any(|it| it.takes(name))
}
