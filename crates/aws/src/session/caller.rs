use crate::{AccountId, Arn};

/// Who calls AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: AccountId,
    /// The user, role session or whatever else it is.
    pub arn: Arn,
}

impl Caller {
    /// The caller with this ARN; none where it is not one of an account.
    pub(super) fn of_arn(text: &str) -> Option<Self> {
        let arn: Arn = text.parse().ok()?;
        let account = arn.account.parse().ok()?;
        Some(Self { account, arn })
    }
}
