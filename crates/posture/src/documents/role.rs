use serde::Deserialize;
use serde_json::Value;

use super::Answer;
use crate::policy::PolicyDocument;

/// What is known of a role.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Role {
    /// What the documents call it; empty where there is only one.
    pub(crate) about: String,
    pub(crate) document: Answer<RoleDocument>,
    pub(crate) policies: Vec<RolePolicy>,
    /// ARNs of managed policies whose content is not among the documents.
    pub(crate) attached: Vec<String>,
}

/// A role itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RoleDocument {
    pub(crate) name: String,
    pub(crate) arn: Option<String>,
    pub(crate) id: Option<String>,
    /// In seconds.
    pub(crate) max_session: Option<u64>,
    pub(crate) trust: PolicyDocument,
    pub(crate) boundary: Option<String>,
}

/// A policy of a role.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RolePolicy {
    pub(crate) name: String,
    pub(crate) policy: PolicyDocument,
}

/// `get-role`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RoleWire {
    pub(super) role: RoleMembers,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RoleMembers {
    pub(super) role_name: String,
    pub(super) arn: Option<String>,
    pub(super) role_id: Option<String>,
    pub(super) max_session_duration: Option<u64>,
    pub(super) assume_role_policy_document: Value,
    pub(super) permissions_boundary: Option<BoundaryWire>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BoundaryWire {
    #[serde(rename = "PermissionsBoundaryArn")]
    pub(super) arn: String,
}

/// `get-role-policy`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RolePolicyWire {
    pub(super) role_name: Option<String>,
    pub(super) policy_name: String,
    pub(super) policy_document: Value,
}

/// `list-attached-role-policies`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AttachedWire {
    pub(super) attached_policies: Vec<AttachedPolicy>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AttachedPolicy {
    pub(super) policy_arn: String,
}

/// `get-policy-version`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PolicyVersionWire {
    pub(super) policy_version: PolicyVersion,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PolicyVersion {
    pub(super) document: Value,
}

/// `get-open-id-connect-provider`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OidcProvider {
    pub(crate) url: Option<String>,
    #[serde(default, rename = "ClientIDList")]
    pub(crate) client_ids: Vec<String>,
    #[serde(default)]
    pub(crate) thumbprint_list: Vec<String>,
}
