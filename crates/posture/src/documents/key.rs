use serde::Deserialize;

use super::Answer;
use crate::policy::PolicyDocument;

/// What is known of a key.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Key {
    /// What the documents call it; empty where there is only one.
    pub(crate) about: String,
    pub(crate) metadata: Answer<KeyMetadata>,
    pub(crate) policy: Answer<PolicyDocument>,
}

/// `describe-key`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct KeyWire {
    pub(super) key_metadata: KeyMetadata,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct KeyMetadata {
    #[serde(rename = "AWSAccountId")]
    pub(crate) account: Option<String>,
    pub(crate) key_id: Option<String>,
    pub(crate) arn: Option<String>,
    pub(crate) key_state: Option<String>,
    pub(crate) key_usage: Option<String>,
    pub(crate) key_spec: Option<String>,
    /// What `KeySpec` was called before 2021; AWS answers both.
    customer_master_key_spec: Option<String>,
    pub(crate) key_manager: Option<String>,
    pub(crate) origin: Option<String>,
    pub(crate) multi_region: Option<bool>,
}

impl KeyMetadata {
    /// The kind of key, by either name.
    pub(crate) fn spec(&self) -> Option<&str> {
        self.key_spec.as_deref().or(self.customer_master_key_spec.as_deref())
    }
}

/// `get-key-policy`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct KeyPolicyWire {
    pub(super) policy: String,
}
