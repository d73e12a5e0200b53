use boltseal_core::Severity;

use super::{reaching, said};
use crate::case::Case;
use crate::catalogue::{
    PUSH_ACCOUNT, PUSH_ACCOUNT_IAM, PUSH_DENIED, PUSH_FOREIGN, PUSH_ORGANISATION, PUSH_OTHER,
    PUSH_PUBLIC, PUSH_SERVICE, Rule,
};
use crate::finding::Finding;
use crate::rights::{Certainty, Reach, Right};

/// Who may push, against who is meant to.
pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = reaching(case, &case.rights.push)
        .into_iter()
        .filter(|(right, _)| right.certainty == Certainty::Granted)
        .filter_map(|(right, reach)| granted(case, right, reach))
        .collect();
    findings.extend(by_iam(case));
    findings.extend(denied(case));
    findings
}

fn granted(case: &Case<'_>, right: &Right, reach: Reach) -> Option<Finding> {
    let is_allowed = case.is_allowed(right);
    if is_allowed && reach != Reach::Public {
        return None;
    }
    let finding = Finding::new(rule(reach)).what(said(right, "push")).place(right.origin());
    let finding = mended(case, finding, right);
    Some(if is_allowed { finding.at_severity(Severity::High) } else { finding.refusing() })
}

const fn rule(reach: Reach) -> &'static Rule {
    match reach {
        Reach::Public => &PUSH_PUBLIC,
        Reach::Limited | Reach::Own => &PUSH_OTHER,
        Reach::Organisation => &PUSH_ORGANISATION,
        Reach::Foreign => &PUSH_FOREIGN,
        Reach::Service => &PUSH_SERVICE,
        Reach::Account => &PUSH_ACCOUNT,
    }
}

/// What takes a right away, or says that it is meant.
fn mended(case: &Case<'_>, finding: Finding, right: &Right) -> Finding {
    let statement = right.statement.as_deref().unwrap_or_default();
    let meant = format!("or, where it is meant: --allow-push '{}'", right.principal);
    let in_iam = right.document.as_deref().is_some_and(|it| it.starts_with("IAM policy"));
    if in_iam {
        return finding
            .cli(format!(
                "take ecr:PutImage out of {}; or deny it to all but CI: {}; {meant}",
                right.origin(),
                case.site.ecr("set-repository-policy", "--policy-text file://deny.json")
            ))
            .terraform(deny_terraform(case));
    }
    finding
        .cli(format!(
            "remove the statement {statement} and set the policy again: {}; {meant}",
            case.site.ecr("set-repository-policy", "--policy-text file://policy.json")
        ))
        .terraform(format!(
            "in aws_ecr_repository_policy: replace the principals of the statement {statement} \
             with [{}]",
            case.allowed_arns()
        ))
}

/// What IAM of the account may grant, unseen.
fn by_iam(case: &Case<'_>) -> Option<Finding> {
    let is_open =
        |right: &&Right| right.certainty == Certainty::Possible && !case.is_allowed(right);
    let right = case.rights.push.iter().find(is_open)?;
    let account = case.account().unwrap_or("the account");
    let condition = right.condition.as_ref().map_or_else(String::new, |it| format!(", if {it}"));
    let whom = if right.principal == account {
        format!("any principal of this account ({account})")
    } else {
        right.principal.clone()
    };
    let what = format!("{whom} whose IAM policy allows it (not visible here) may push{condition}");
    let finding = Finding::new(&PUSH_ACCOUNT_IAM).what(what).place("IAM of the account");
    Some(
        finding
            .cli(format!(
                "add to the repository's policy {} and set it: {}; or show who that is: aws iam \
                 get-account-authorization-details > get-account-authorization-details.json",
                deny_statement(case),
                case.site.ecr("set-repository-policy", "--policy-text file://policy.json")
            ))
            .terraform(deny_terraform(case)),
    )
}

fn deny_statement(case: &Case<'_>) -> String {
    format!(
        r#"{{"Sid":"OnlyCiPushes","Effect":"Deny","Principal":"*","Action":"ecr:PutImage","Condition":{{"ArnNotEquals":{{"aws:PrincipalArn":[{}]}}}}}}"#,
        case.allowed_arns()
    )
}

fn deny_terraform(case: &Case<'_>) -> String {
    format!(
        "in aws_ecr_repository_policy, policy = jsonencode({{ Version = \"2012-10-17\", Statement \
         = [{{ Sid = \"OnlyCiPushes\", Effect = \"Deny\", Principal = \"*\", Action = \
         \"ecr:PutImage\", Condition = {{ ArnNotEquals = {{ \"aws:PrincipalArn\" = [{}] }} }} }}] \
         }})",
        case.allowed_arns()
    )
}

/// Those who are meant to push and cannot.
fn denied(case: &Case<'_>) -> Vec<Finding> {
    if case.documents.repository_policy.said().is_none() {
        return Vec::new();
    }
    let can =
        |allowed: &crate::Allowed| case.rights.push.iter().any(|right| allowed.meets(right.who()));
    let lost = case.request.allow_push.iter().filter(|it| !can(it));
    let of = |it: &crate::Allowed| {
        Finding::new(&PUSH_DENIED)
            .what(format!("{} may not push by anything that was seen", it.as_str()))
            .place("repository policy")
            .cli(format!(
                "allow it ecr:PutImage, and spare it from the Deny: {}",
                case.site.ecr("set-repository-policy", "--policy-text file://policy.json")
            ))
            .terraform("in aws_ecr_repository_policy: add it to the principals that may push")
    };
    lost.map(of).collect()
}
