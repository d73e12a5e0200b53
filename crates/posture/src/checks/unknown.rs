use boltseal_core::Severity;

use crate::case::Case;
use crate::catalogue::{INCOMPLETE, UNKNOWN};
use crate::finding::Finding;
use crate::trust::permissions_gap;

/// What could not be seen: calls that were refused or failed, and documents that show a part.
pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let open = case.documents.read.iter().filter(|it| matches!(it.status, "denied" | "failed"));
    let of = |it: &crate::Looked| {
        let call = it.call.map_or("the call", crate::Call::name);
        let detail = it.detail.as_deref().unwrap_or_default();
        Finding::new(&UNKNOWN)
            .what(format!("{call} could not be read: {detail}"))
            .place(&it.file)
            .cli(format!("allow it to the role that judges posture: {}", action(call)))
            .terraform(format!("aws_iam_role_policy: Action = [\"{}\"]", action(call)))
    };
    let mut findings: Vec<Finding> = open.map(of).collect();
    findings.extend(account(case));
    findings.extend(role(case));
    findings.extend(permissions_gap(case));
    findings
}

/// The IAM action of a subcommand of the AWS CLI.
fn action(call: &str) -> String {
    let name: String = call
        .split('-')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_ascii_uppercase().to_string() + letters.as_str()
            })
        })
        .collect();
    let name = name.replace("OpenIdConnect", "OpenIDConnect");
    let service = match call {
        "describe-key" | "get-key-policy" => "kms",
        _ if call.contains("role") || call.contains("policy-version") => "iam",
        "get-account-authorization-details" | "get-open-id-connect-provider" => "iam",
        _ => "ecr",
    };
    format!("{service}:{name}")
}

/// A role that was named, and of which there is no document.
fn role(case: &Case<'_>) -> Option<Finding> {
    let named = case.request.role.as_deref()?;
    if case.role().is_some_and(|role| role.document.is_asked()) {
        return None;
    }
    let name = named.rsplit('/').next().unwrap_or(named);
    Some(
        Finding::new(&UNKNOWN)
            .what(format!("the trust of the role {named} was not looked at"))
            .place("get-role")
            .cli(format!("aws iam get-role --role-name {name} > get-role.json"))
            .terraform("nothing to change"),
    )
}

fn account(case: &Case<'_>) -> Option<Finding> {
    let details = case.documents.account.said()?;
    let what = match details.gaps.as_slice() {
        [] if case.is_account_visible() => return None,
        [] => format!(
            "it shows account {}, and the repository is in {}",
            details.account.as_deref().unwrap_or("unknown"),
            case.account().unwrap_or("an account that is not known")
        ),
        gaps => gaps.join("; "),
    };
    Some(
        Finding::new(&INCOMPLETE)
            .at_severity(Severity::Medium)
            .what(format!("the account's details do not show everyone: {what}"))
            .place("get-account-authorization-details")
            .cli("aws iam get-account-authorization-details (all pages, without --filter)")
            .terraform("nothing to change"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_have_the_spelling_of_iam() {
        for (call, expected) in [
            ("get-repository-policy", "ecr:GetRepositoryPolicy"),
            ("describe-key", "kms:DescribeKey"),
            ("get-role-policy", "iam:GetRolePolicy"),
            ("get-open-id-connect-provider", "iam:GetOpenIDConnectProvider"),
            ("get-account-authorization-details", "iam:GetAccountAuthorizationDetails"),
        ] {
            assert_eq!(action(call), expected);
        }
    }
}
