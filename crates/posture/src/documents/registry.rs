use serde::Deserialize;

use crate::pattern;

/// `get-registry-scanning-configuration`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScanningConfiguration {
    pub(crate) registry_id: Option<String>,
    pub(crate) scanning_configuration: ScanRules,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScanRules {
    pub(crate) scan_type: String,
    #[serde(default)]
    pub(crate) rules: Vec<ScanRule>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScanRule {
    pub(crate) scan_frequency: String,
    #[serde(default)]
    pub(crate) repository_filters: Vec<RepositoryFilter>,
}

/// A filter of repositories, by prefix or with wildcards.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RepositoryFilter {
    pub(crate) filter: String,
    #[serde(default)]
    pub(crate) filter_type: String,
}

impl RepositoryFilter {
    pub(crate) fn takes(&self, repository: &str) -> bool {
        if self.filter_type == "PREFIX_MATCH" {
            repository.starts_with(&self.filter)
        } else {
            pattern::matches(&self.filter, repository)
        }
    }
}

/// `describe-registry`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Replication {
    pub(crate) registry_id: Option<String>,
    #[serde(default)]
    pub(crate) replication_configuration: ReplicationRules,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(crate) struct ReplicationRules {
    #[serde(default)]
    pub(crate) rules: Vec<ReplicationRule>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReplicationRule {
    #[serde(default)]
    pub(crate) destinations: Vec<ReplicationDestination>,
    #[serde(default)]
    pub(crate) repository_filters: Vec<RepositoryFilter>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReplicationDestination {
    pub(crate) region: String,
    pub(crate) registry_id: String,
}

/// `describe-pull-through-cache-rules`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PullThroughRules {
    pub(crate) pull_through_cache_rules: Vec<PullThroughRule>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PullThroughRule {
    pub(crate) ecr_repository_prefix: String,
    pub(crate) upstream_registry_url: Option<String>,
}

/// `get-signing-configuration`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SigningConfiguration {
    pub(crate) registry_id: Option<String>,
    pub(crate) signing_configuration: SigningRules,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(crate) struct SigningRules {
    #[serde(default)]
    pub(crate) rules: Vec<SigningRule>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SigningRule {
    pub(crate) signing_profile_arn: String,
    #[serde(default)]
    pub(crate) repository_filters: Vec<RepositoryFilter>,
}

/// `get-account-setting`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(crate) struct AccountSetting {
    pub(crate) name: String,
    pub(crate) value: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_no_pattern() {
        let filter = |filter: &str, kind: &str| RepositoryFilter {
            filter: filter.to_owned(),
            filter_type: kind.to_owned(),
        };
        assert!(filter("team/", "PREFIX_MATCH").takes("team/app"));
        assert!(!filter("team/*", "PREFIX_MATCH").takes("team/app"));
        assert!(filter("team/*", "WILDCARD").takes("team/app"));
        assert!(!filter("team", "WILDCARD").takes("team/app"));
        assert!(filter("*", "WILDCARD_MATCH").takes("team/app"));
    }
}
