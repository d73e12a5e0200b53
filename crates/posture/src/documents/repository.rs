use serde::Deserialize;

use crate::arn::Arn;

/// `describe-repositories`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(crate) struct Repositories {
    pub(crate) repositories: Vec<Repository>,
}

/// One repository.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Repository {
    #[serde(rename = "repositoryArn")]
    pub(crate) arn: Option<String>,
    pub(crate) registry_id: Option<String>,
    #[serde(rename = "repositoryName")]
    pub(crate) name: String,
    #[serde(rename = "repositoryUri")]
    pub(crate) uri: Option<String>,
    pub(crate) image_tag_mutability: Option<String>,
    #[serde(default)]
    pub(crate) image_tag_mutability_exclusion_filters: Vec<ExclusionFilter>,
    pub(crate) image_scanning_configuration: Option<ImageScanning>,
    pub(crate) encryption_configuration: Option<EncryptionConfiguration>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExclusionFilter {
    pub(crate) filter: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImageScanning {
    #[serde(default)]
    pub(crate) scan_on_push: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EncryptionConfiguration {
    pub(crate) encryption_type: String,
    pub(crate) kms_key: Option<String>,
}

impl Repository {
    /// The account, by whichever member names it.
    pub(crate) fn account(&self) -> Option<&str> {
        let by_arn = || self.parts().map(|arn| arn.account);
        self.registry_id.as_deref().or_else(by_arn).filter(|id| !id.is_empty())
    }

    pub(crate) fn region(&self) -> Option<&str> {
        self.parts().map(|arn| arn.region).filter(|region| !region.is_empty())
    }

    fn parts(&self) -> Option<Arn<'_>> {
        self.arn.as_deref().and_then(Arn::parse)
    }
}
