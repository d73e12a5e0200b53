use serde_json::Value;

use super::{key, lifecycle, provider, repository, terraform, trust};
use crate::{
    EcrHost, KeyResource, PosturePart, ReleaseScope, ScanAccess, posture_policy, release_policy,
    session_policy,
};

/// What the key signs with, as KMS calls it.
pub const SIGNING_ALGORITHM: &str = "ECDSA_SHA_256";

/// The rights of one CI job that releases to one repository of ECR, with a key in KMS.
///
/// Every document is made of these values alone: the same values make the same documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseGrant {
    /// The registry; keys and roles are in its account, the key in its region.
    pub registry: EcrHost,
    /// The repository's path.
    pub repository: String,
    /// The name of the role that the job assumes.
    pub role: String,
    /// The alias of the key, `alias/NAME`.
    pub alias: String,
    /// The scanners that the release asks.
    pub scans: Vec<ScanAccess>,
    /// Whose tokens are taken.
    pub trust: JobTrust,
}

/// The tokens that a role is given for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobTrust {
    /// The issuer's URL.
    pub issuer: String,
    /// The audience.
    pub audience: String,
    /// The subjects, of which a token has one. A star stands for any characters.
    pub subjects: Vec<String>,
}

impl ReleaseGrant {
    /// The ARN of the role.
    pub fn role_arn(&self) -> String {
        let account = &self.registry.account;
        format!("arn:{}:iam::{account}:role/{}", self.registry.partition(), self.role)
    }

    /// Who may assume the role.
    pub fn trust_policy(&self) -> Value {
        trust::policy(self)
    }

    /// What the release needs: the very document that a dry run prints.
    pub fn release_policy(&self) -> Value {
        release_policy(&self.scope()).to_document()
    }

    /// What its posture checks need besides; the very document that a dry run prints.
    pub fn posture_policy(&self) -> Value {
        posture_policy(&self.scope()).to_document()
    }

    /// Who may use the key.
    pub fn key_policy(&self) -> Value {
        key::policy(self)
    }

    /// Who may not push or delete, whatever IAM allows.
    pub fn repository_policy(&self) -> Value {
        repository::policy(self)
    }

    /// What ECR may clear away.
    pub fn lifecycle_policy(&self) -> Value {
        lifecycle::policy()
    }

    /// The input of `aws iam create-open-id-connect-provider`.
    pub fn provider(&self) -> Value {
        provider::input(self)
    }

    /// The input of `aws kms create-key`.
    pub fn key(&self) -> Value {
        key::input(self)
    }

    /// The input of `aws ecr create-repository`.
    pub fn repository(&self) -> Value {
        repository::input(self)
    }

    /// All of it as one module of Terraform, formatted as `terraform fmt` does.
    pub fn terraform(&self) -> String {
        terraform::module(self)
    }

    /// Whether a session that is narrowed to just this release may make the posture checks too:
    /// STS takes no longer policy than [`MAX_SESSION_POLICY`](crate::MAX_SESSION_POLICY).
    pub fn has_room_for_posture(&self) -> bool {
        session_policy(&self.scope()).is_ok_and(|it| it.posture == PosturePart::Included)
    }

    fn scope(&self) -> ReleaseScope {
        let EcrHost { account, region, .. } = &self.registry;
        let at = (self.registry.partition(), region.to_string(), account.to_string());
        ReleaseScope {
            registry: self.registry.clone(),
            repository: self.repository.clone(),
            sources: Vec::new(),
            keys: vec![KeyResource::Alias { at, name: self.alias.clone() }],
            profiles: Vec::new(),
            scans: self.scans.clone(),
            roles: Vec::new(),
        }
    }
}

#[cfg(test)]
pub(super) fn sample() -> ReleaseGrant {
    ReleaseGrant {
        registry: EcrHost::parse("111122223333.dkr.ecr.eu-central-1.amazonaws.com").unwrap(),
        repository: "team/app".to_owned(),
        role: "boltseal-team-app".to_owned(),
        alias: "alias/boltseal-team-app".to_owned(),
        scans: vec![ScanAccess::Ecr],
        trust: JobTrust {
            issuer: "https://token.actions.githubusercontent.com".to_owned(),
            audience: "sts.amazonaws.com".to_owned(),
            subjects: vec!["repo:acme/app:ref:refs/heads/main".to_owned()],
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_leaves_no_room_for_posture() {
        let mut grant = sample();
        let room = |grant: &ReleaseGrant| session_policy(&grant.scope()).unwrap().json.len();
        assert!(grant.has_room_for_posture(), "{}", room(&grant));
        grant.repository = "a-rather-long-name-of-a-repository/".repeat(7) + "app";
        assert!(!grant.has_room_for_posture(), "{}", room(&grant));
    }
}
