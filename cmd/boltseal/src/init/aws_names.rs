use boltseal_core::Repository;
use boltseal_pipeline::Failure;

use super::Malformed;
use super::reading::Reading;
use crate::usage::usage;

/// How things are called in the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AwsNames {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) role: String,
    /// `alias/NAME`.
    pub(crate) alias: String,
}

impl AwsNames {
    /// Of what was said, or after the repository.
    pub(super) fn of(
        reading: &mut Reading<'_>,
        to: &Repository,
        (account, region): (String, String),
    ) -> Result<Self, Failure> {
        let plain = to.path().replace(['/', '.'], "-");
        let role = reading.or("role-name", || format!("boltseal-{plain}"))?;
        let is_role = |b: u8| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b);
        if role.is_empty() || role.len() > 64 || !role.bytes().all(is_role) {
            let error = Malformed::new("1 to 64 of letters, digits and +=,.@_-", &role);
            return Err(usage(
                "init-malformed",
                "--role-name",
                error.to_string(),
                "set --role-name release",
            ));
        }
        let alias = reading.or("key-alias", || format!("boltseal-{plain}"))?;
        let alias = format!("alias/{}", alias.strip_prefix("alias/").unwrap_or(&alias));
        let is_alias = |b: u8| b.is_ascii_alphanumeric() || b"/_-".contains(&b);
        let name = alias.strip_prefix("alias/").unwrap_or_default();
        if name.is_empty()
            || alias.len() > 256
            || !name.bytes().all(is_alias)
            || name.starts_with("aws/")
        {
            let error = Malformed::new("letters, digits and /_-, not aws/...", &alias);
            return Err(usage(
                "init-malformed",
                "--key-alias",
                error.to_string(),
                "set --key-alias release",
            ));
        }
        Ok(Self { account, region, role, alias })
    }
}
