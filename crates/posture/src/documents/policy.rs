use serde::Deserialize;

use crate::policy::PolicyDocument;

/// `get-repository-policy`, `get-registry-policy`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct PolicyAnswer {
    pub(crate) registry: Option<String>,
    pub(crate) repository: Option<String>,
    pub(crate) policy: PolicyDocument,
}

/// The same on the wire: the policy is JSON inside a string.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PolicyWire {
    pub(super) registry_id: Option<String>,
    pub(super) repository_name: Option<String>,
    pub(super) policy_text: String,
}
