use serde::Deserialize;

use crate::lifecycle::LifecyclePolicy;

/// `get-lifecycle-policy`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LifecycleDocument {
    pub(crate) registry: Option<String>,
    pub(crate) repository: Option<String>,
    pub(crate) policy: LifecyclePolicy,
}

/// The same on the wire.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LifecycleWire {
    pub(super) registry_id: Option<String>,
    pub(super) repository_name: Option<String>,
    pub(super) lifecycle_policy_text: String,
}
