use serde::Deserialize;
use serde_json::Value;

use super::RolePolicy;
use super::reader::policy_value;
use super::role::BoundaryWire;
use crate::arn::Arn;
use crate::policy::{PolicyDocument, PolicyError, PolicyKind};

/// `get-account-authorization-details`: everyone in an account, with what they may do.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct AccountDetails {
    /// The account, as the ARNs in it say.
    pub(crate) account: Option<String>,
    pub(crate) identities: Vec<Identity>,
    /// Why it does not show everything.
    pub(crate) gaps: Vec<String>,
}

/// A user or a role.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Identity {
    pub(crate) arn: String,
    /// Its unique id.
    pub(crate) id: String,
    /// Its own policies, those attached to it, and those of its groups.
    pub(crate) policies: Vec<RolePolicy>,
    pub(crate) boundary: Option<PolicyDocument>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct AccountWire {
    user_detail_list: Vec<UserWire>,
    group_detail_list: Vec<GroupWire>,
    role_detail_list: Vec<RoleWire>,
    policies: Option<Vec<ManagedWire>>,
    is_truncated: bool,
    #[serde(alias = "NextToken")]
    marker: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UserWire {
    arn: String,
    user_id: String,
    #[serde(default)]
    user_policy_list: Vec<InlineWire>,
    #[serde(default)]
    group_list: Vec<String>,
    #[serde(default)]
    attached_managed_policies: Vec<AttachedWire>,
    permissions_boundary: Option<BoundaryWire>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GroupWire {
    group_name: String,
    #[serde(default)]
    group_policy_list: Vec<InlineWire>,
    #[serde(default)]
    attached_managed_policies: Vec<AttachedWire>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RoleWire {
    arn: String,
    role_id: String,
    #[serde(default)]
    role_policy_list: Vec<InlineWire>,
    #[serde(default)]
    attached_managed_policies: Vec<AttachedWire>,
    permissions_boundary: Option<BoundaryWire>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InlineWire {
    policy_name: String,
    policy_document: Value,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AttachedWire {
    policy_arn: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ManagedWire {
    arn: String,
    #[serde(default)]
    policy_version_list: Vec<VersionWire>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VersionWire {
    document: Value,
    #[serde(default)]
    is_default_version: bool,
}

impl AccountDetails {
    pub(super) fn of(wire: &AccountWire) -> Result<Self, PolicyError> {
        let mut details = Self::default();
        if wire.is_truncated || wire.marker.is_some() {
            details.gaps.push("it is one page of several".to_owned());
        }
        if wire.user_detail_list.is_empty() && wire.role_detail_list.is_empty() {
            details.gaps.push("it lists neither users nor roles".to_owned());
        }
        if wire.policies.is_none() {
            details.gaps.push("it lists no managed policies".to_owned());
        }
        for user in &wire.user_detail_list {
            let mut identity = details.identity(
                wire,
                (&user.arn, &user.user_id),
                user.permissions_boundary.as_ref(),
            )?;
            details.add(
                wire,
                &mut identity,
                &user.user_policy_list,
                &user.attached_managed_policies,
            )?;
            for name in &user.group_list {
                match wire.group_detail_list.iter().find(|it| it.group_name == *name) {
                    Some(group) => details.add(
                        wire,
                        &mut identity,
                        &group.group_policy_list,
                        &group.attached_managed_policies,
                    )?,
                    None => details.gap(format!("it does not show the group {name}")),
                }
            }
            details.identities.push(identity);
        }
        for role in &wire.role_detail_list {
            let mut identity = details.identity(
                wire,
                (&role.arn, &role.role_id),
                role.permissions_boundary.as_ref(),
            )?;
            details.add(
                wire,
                &mut identity,
                &role.role_policy_list,
                &role.attached_managed_policies,
            )?;
            details.identities.push(identity);
        }
        let arn = details.identities.first().and_then(|it| Arn::parse(&it.arn));
        details.account = arn.map(|arn| arn.account.to_owned());
        Ok(details)
    }

    fn gap(&mut self, gap: String) {
        if !self.gaps.contains(&gap) {
            self.gaps.push(gap);
        }
    }

    fn identity(
        &mut self,
        wire: &AccountWire,
        (arn, id): (&str, &str),
        boundary: Option<&BoundaryWire>,
    ) -> Result<Identity, PolicyError> {
        let boundary = match boundary {
            Some(boundary) => self.managed(wire, &boundary.arn)?.map(|it| it.policy),
            None => None,
        };
        let (arn, id) = (arn.to_owned(), id.to_owned());
        Ok(Identity { arn, id, boundary, policies: Vec::new() })
    }

    fn add(
        &mut self,
        wire: &AccountWire,
        identity: &mut Identity,
        inline: &[InlineWire],
        attached: &[AttachedWire],
    ) -> Result<(), PolicyError> {
        for one in inline {
            let policy = policy_value(&one.policy_document, PolicyKind::Identity)?;
            identity.policies.push(RolePolicy { name: one.policy_name.clone(), policy });
        }
        for one in attached {
            identity.policies.extend(self.managed(wire, &one.policy_arn)?);
        }
        Ok(())
    }

    /// The default version of a managed policy.
    fn managed(
        &mut self,
        wire: &AccountWire,
        arn: &str,
    ) -> Result<Option<RolePolicy>, PolicyError> {
        let known = wire.policies.iter().flatten().find(|it| it.arn == arn);
        let version =
            known.and_then(|it| it.policy_version_list.iter().find(|it| it.is_default_version));
        let Some(version) = version else {
            self.gap(format!("it does not show the policy {arn}"));
            return Ok(None);
        };
        let policy = policy_value(&version.document, PolicyKind::Identity)?;
        let name = arn.rsplit('/').next().unwrap_or(arn).to_owned();
        Ok(Some(RolePolicy { name, policy }))
    }
}
