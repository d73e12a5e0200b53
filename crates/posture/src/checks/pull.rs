use boltseal_core::Severity;

use super::{reaching, said};
use crate::case::Case;
use crate::catalogue::{PULL_FOREIGN, PULL_LIMITED, PULL_PUBLIC};
use crate::finding::Finding;
use crate::request::PublicPull;
use crate::rights::{Certainty, Reach, Right};
use crate::who::Who;

/// Who outside the account may pull.
pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    reaching(case, &case.rights.pull)
        .into_iter()
        .filter(|(right, _)| right.certainty == Certainty::Granted)
        .filter_map(|(right, reach)| one(case, right, reach))
        .collect()
}

fn one(case: &Case<'_>, right: &Right, reach: Reach) -> Option<Finding> {
    let finding = match reach {
        Reach::Public => match case.request.public_pull {
            PublicPull::Refused => Finding::new(&PULL_PUBLIC).refusing(),
            PublicPull::Allowed => Finding::new(&PULL_PUBLIC).at_severity(Severity::Informational),
        },
        Reach::Limited => Finding::new(&PULL_LIMITED),
        Reach::Foreign if is_bound_to_organisation(right) => return None,
        Reach::Foreign if matches!(right.who(), Who::Account(_)) => Finding::new(&PULL_FOREIGN),
        Reach::Foreign => Finding::new(&PULL_FOREIGN).at_severity(Severity::Low),
        Reach::Organisation | Reach::Service | Reach::Account | Reach::Own => return None,
    };
    let statement = right.statement.as_deref().unwrap_or_default();
    Some(
        finding
            .what(said(right, "pull"))
            .place(right.origin())
            .cli(format!(
                "in the statement {statement} name the accounts that pull, or require your \
                 organisation: \"Condition\":{{\"StringEquals\":{{\"aws:PrincipalOrgID\":\"o-...\"\
                 }}}}; then {}",
                case.site.ecr("set-repository-policy", "--policy-text file://policy.json")
            ))
            .terraform(format!(
                "in aws_ecr_repository_policy, statement {statement}: Condition = {{ StringEquals \
                 = {{ \"aws:PrincipalOrgID\" = data.aws_organizations_organization.this.id }} }}"
            )),
    )
}

fn is_bound_to_organisation(right: &Right) -> bool {
    let text = right.condition.as_deref().unwrap_or_default().to_ascii_lowercase();
    text.contains("stringequals aws:principalorgid")
}
