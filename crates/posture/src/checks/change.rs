use super::{reaching, said};
use crate::case::Case;
use crate::catalogue::{
    DELETE_FOREIGN, DELETE_GRANTED, DELETE_PUBLIC, POLICY_ACCOUNT_IAM, POLICY_FOREIGN,
    POLICY_GRANTED, POLICY_PUBLIC, Rule,
};
use crate::finding::Finding;
use crate::rights::{Certainty, Deed, Reach, Right};

/// Who may delete, and who may change the rules.
pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (rights, deed) in [(&case.rights.delete, Deed::Delete), (&case.rights.policy, Deed::Policy)]
    {
        for (right, reach) in reaching(case, rights) {
            if right.certainty == Certainty::Granted {
                findings.push(granted(case, right, reach, deed));
            }
        }
    }
    findings.extend(by_iam(case));
    findings
}

fn granted(case: &Case<'_>, right: &Right, reach: Reach, deed: Deed) -> Finding {
    let statement = right.statement.as_deref().unwrap_or_default();
    Finding::new(rule(reach, deed))
        .what(said(right, deed.verb()))
        .place(right.origin())
        .cli(format!(
            "take {} out of the statement {statement} of the {}; then {}",
            right.actions.join(", "),
            right.document.as_deref().unwrap_or("policy"),
            case.site.ecr("set-repository-policy", "--policy-text file://policy.json")
        ))
        .terraform(format!(
            "in aws_ecr_repository_policy, statement {statement}: list the actions that are \
             needed, without {}",
            right.actions.join(", ")
        ))
}

const fn rule(reach: Reach, deed: Deed) -> &'static Rule {
    let is_delete = matches!(deed, Deed::Delete);
    match reach {
        Reach::Public if is_delete => &DELETE_PUBLIC,
        Reach::Public => &POLICY_PUBLIC,
        Reach::Limited | Reach::Organisation | Reach::Foreign | Reach::Service if is_delete => {
            &DELETE_FOREIGN
        }
        Reach::Limited | Reach::Organisation | Reach::Foreign | Reach::Service => &POLICY_FOREIGN,
        Reach::Account | Reach::Own if is_delete => &DELETE_GRANTED,
        Reach::Account | Reach::Own => &POLICY_GRANTED,
    }
}

/// Where pushing is closed and changing the policy is not.
fn by_iam(case: &Case<'_>) -> Option<Finding> {
    let is_possible = |right: &&Right| {
        right.certainty == Certainty::Possible && Some(right.principal.as_str()) == case.account()
    };
    if case.rights.push.iter().any(|right| is_possible(&right)) {
        return None;
    }
    let right = case.rights.policy.iter().find(is_possible)?;
    Some(
        Finding::new(&POLICY_ACCOUNT_IAM)
            .what(format!(
                "any principal of this account ({}) whose IAM policy allows it (not visible here) \
                 may change the repository's policy",
                right.principal
            ))
            .place("IAM of the account")
            .cli(format!(
                "deny ecr:SetRepositoryPolicy, ecr:DeleteRepositoryPolicy and \
                 ecr:PutImageTagMutability to all but those who administer the repository: {}",
                case.site.ecr("set-repository-policy", "--policy-text file://policy.json")
            ))
            .terraform(
                "in aws_ecr_repository_policy: a Deny of ecr:SetRepositoryPolicy, \
                 ecr:DeleteRepositoryPolicy and ecr:PutImageTagMutability with ArnNotEquals on \
                 aws:PrincipalArn",
            ),
    )
}
