use super::Right;
use crate::arn::{self, Arn};
use crate::grant::Limit;
use crate::pattern;
use crate::policy::{Condition, Network};
use crate::who::Who;

/// How far a right reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// Anyone with an AWS account.
    Public,
    /// Anyone with an AWS account from certain networks or through certain resources.
    Limited,
    /// An organisation.
    Organisation,
    /// Another account, whole or in part.
    Foreign,
    /// A service of AWS.
    Service,
    /// The repository's own account, whole.
    Account,
    /// Principals of the repository's own account.
    Own,
}

impl Reach {
    pub(crate) fn of(right: &Right, account: Option<&str>) -> Self {
        let who = right.who();
        match who {
            Who::Everyone if right.grant.limits.iter().any(is_strong) => Self::Limited,
            Who::Everyone | Who::Federated(_) => Self::Public,
            Who::Organisation(_) => Self::Organisation,
            Who::Service(_) => Self::Service,
            Who::UniqueId(_) => Self::Own,
            Who::Account(id) if Some(id.as_str()) == account => Self::Account,
            Who::Account(_) | Who::Arn(_) if who.account() == account => Self::Own,
            Who::Account(_) | Who::Arn(_) | Who::CanonicalUser(_) => Self::Foreign,
        }
    }
}

/// Whether a limit keeps strangers out. Where a key may be absent, where a value is a wildcard or
/// a network is the whole Internet, and where only something is excluded, it does not; neither
/// does what every caller can bring along, such as tags on its own role.
fn is_strong(limit: &Limit) -> bool {
    match limit {
        Limit::Except(_) => false,
        Limit::Condition(condition) => is_strong_condition(condition),
    }
}

pub(crate) fn is_strong_condition(condition: &Condition) -> bool {
    let test = &condition.test;
    let value = |value: &String| match condition.key.as_str() {
        "aws:sourceip" | "aws:vpcsourceip" => {
            Network::parse(value).is_some_and(|network| !network.is_wide())
        }
        "aws:sourcearn" => Arn::parse(value).is_some_and(|it| arn::is_account(it.account)),
        "aws:sourceaccount" | "aws:sourceorgid" | "aws:sourcevpc" | "aws:sourcevpcarn"
        | "aws:sourcevpce" | "aws:vpceaccount" | "aws:vpceorgid" => !pattern::is_wild(value),
        "aws:sourceorgpaths" | "aws:vpceorgpaths" => {
            !pattern::is_wild(value.split('/').next().unwrap_or_default())
        }
        _ => false,
    };
    !test.negated
        && !test.if_absent
        && !test.has_variables()
        && !test.values.is_empty()
        && test.values.iter().all(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_conditions_close_nothing() {
        for (operator, key, values, strong) in [
            ("StringEquals", "aws:SourceVpce", &["vpce-1"][..], true),
            ("StringEquals", "aws:SourceVpce", &["vpce-1", "vpce-2"], true),
            ("StringLike", "aws:SourceVpce", &["vpce-1", "*"], false),
            ("StringEqualsIfExists", "aws:SourceVpce", &["vpce-1"], false),
            ("ForAllValues:StringEquals", "aws:SourceVpce", &["vpce-1"], false),
            ("StringNotEquals", "aws:SourceVpce", &["vpce-1"], false),
            ("IpAddress", "aws:SourceIp", &["203.0.113.0/24"], true),
            ("IpAddress", "aws:SourceIp", &["0.0.0.0/0"], false),
            ("IpAddress", "aws:SourceIp", &["203.0.113.0/24", "0.0.0.0/1"], false),
            ("NotIpAddress", "aws:SourceIp", &["203.0.113.0/24"], false),
            ("Bool", "aws:SecureTransport", &["true"], false),
            ("Bool", "aws:MultiFactorAuthPresent", &["true"], false),
            ("StringEquals", "aws:PrincipalTag/team", &["ci"], false),
            ("StringEquals", "aws:RequestedRegion", &["eu-west-1"], false),
            ("StringLike", "aws:PrincipalOrgID", &["o-*"], false),
            ("ArnLike", "aws:PrincipalArn", &["arn:aws:iam::*:role/ci"], false),
            ("Null", "aws:SourceVpce", &["false"], false),
            ("StringEquals", "aws:SourceAccount", &["111122223333"], true),
            ("ArnLike", "aws:SourceArn", &["arn:aws:codebuild:*:111122223333:project/*"], true),
            ("ArnLike", "aws:SourceArn", &["arn:aws:codebuild:*:*:project/*"], false),
        ] {
            let condition = Condition::new(operator, key, values).unwrap();
            assert_eq!(is_strong_condition(&condition), strong, "{condition}");
        }
    }
}
