/// The calls whose answers are understood, named as the AWS CLI names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Call {
    /// `aws ecr describe-images`
    DescribeImages,
    /// `aws kms describe-key`
    DescribeKey,
    /// `aws ecr describe-pull-through-cache-rules`
    DescribePullThroughCacheRules,
    /// `aws ecr describe-registry`
    DescribeRegistry,
    /// `aws ecr describe-repositories`
    DescribeRepositories,
    /// `aws iam get-account-authorization-details`
    GetAccountAuthorizationDetails,
    /// `aws ecr get-account-setting`
    GetAccountSetting,
    /// `aws kms get-key-policy`
    GetKeyPolicy,
    /// `aws ecr get-lifecycle-policy`
    GetLifecyclePolicy,
    /// `aws iam get-open-id-connect-provider`
    GetOpenIdConnectProvider,
    /// `aws iam get-policy-version`
    GetPolicyVersion,
    /// `aws ecr get-registry-policy`
    GetRegistryPolicy,
    /// `aws ecr get-registry-scanning-configuration`
    GetRegistryScanningConfiguration,
    /// `aws ecr get-repository-policy`
    GetRepositoryPolicy,
    /// `aws iam get-role`
    GetRole,
    /// `aws iam get-role-policy`
    GetRolePolicy,
    /// `aws ecr get-signing-configuration`
    GetSigningConfiguration,
    /// `aws iam list-attached-role-policies`
    ListAttachedRolePolicies,
}

impl Call {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::DescribeRepositories,
        Self::GetRepositoryPolicy,
        Self::GetRegistryPolicy,
        Self::GetAccountSetting,
        Self::GetLifecyclePolicy,
        Self::DescribeImages,
        Self::GetRegistryScanningConfiguration,
        Self::DescribeRegistry,
        Self::DescribePullThroughCacheRules,
        Self::GetSigningConfiguration,
        Self::DescribeKey,
        Self::GetKeyPolicy,
        Self::GetRole,
        Self::GetRolePolicy,
        Self::ListAttachedRolePolicies,
        Self::GetPolicyVersion,
        Self::GetOpenIdConnectProvider,
        Self::GetAccountAuthorizationDetails,
    ];

    /// The subcommand of the AWS CLI.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DescribeImages => "describe-images",
            Self::DescribeKey => "describe-key",
            Self::DescribePullThroughCacheRules => "describe-pull-through-cache-rules",
            Self::DescribeRegistry => "describe-registry",
            Self::DescribeRepositories => "describe-repositories",
            Self::GetAccountAuthorizationDetails => "get-account-authorization-details",
            Self::GetAccountSetting => "get-account-setting",
            Self::GetKeyPolicy => "get-key-policy",
            Self::GetLifecyclePolicy => "get-lifecycle-policy",
            Self::GetOpenIdConnectProvider => "get-open-id-connect-provider",
            Self::GetPolicyVersion => "get-policy-version",
            Self::GetRegistryPolicy => "get-registry-policy",
            Self::GetRegistryScanningConfiguration => "get-registry-scanning-configuration",
            Self::GetRepositoryPolicy => "get-repository-policy",
            Self::GetRole => "get-role",
            Self::GetRolePolicy => "get-role-policy",
            Self::GetSigningConfiguration => "get-signing-configuration",
            Self::ListAttachedRolePolicies => "list-attached-role-policies",
        }
    }

    /// The call of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|call| call.name() == name)
    }

    /// The call whose answer a file holds, and what the call was about: `get-role.json`, or
    /// `get-role.ci.json` where there are several.
    pub fn of_file(file: &str) -> Option<(Self, &str)> {
        let stem = file.strip_suffix(".json")?;
        let (name, about) = stem.split_once('.').unwrap_or((stem, ""));
        Some((Self::of_name(name)?, about))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_after_their_calls() {
        for call in Call::ALL {
            let file = format!("{}.json", call.name());
            assert_eq!(Call::of_file(&file), Some((call, "")));
        }
        assert_eq!(Call::of_file("get-role.ci.json"), Some((Call::GetRole, "ci")));
        for file in ["get-role-x.json", "README.md", "get-role", "get-roles.json"] {
            assert_eq!(Call::of_file(file), None, "{file}");
        }
    }
}
