use std::time::Duration;

use serde_json::json;

use super::account::Account;
use super::ecr::{EcrRegistry, EcrRepository, LoginLife};
use super::oidc::{GITHUB, GITLAB};
use super::{Claims, Role, SigningProfile, Upstream};

/// What an account holds and how its services behave. The default has a role `release`, which a
/// job of `acme/app` on `main` may assume from GitHub as from GitLab and which may do everything,
/// and a repository `team/app`.
#[derive(Clone, Debug)]
pub struct Options {
    /// Twelve digits.
    pub account: String,
    /// The only region where the account has anything.
    pub region: String,
    /// The audiences for which the account takes tokens.
    pub audiences: Vec<String>,
    /// Its roles.
    pub roles: Vec<Role>,
    /// How long every session lives, whatever is asked for; services of AWS give at least a
    /// quarter of an hour.
    pub session_lifetime: Option<Duration>,
    /// Its repositories.
    pub repositories: Vec<EcrRepository>,
    /// The settings of its registry.
    pub registry: EcrRegistry,
    /// Its signing profiles.
    pub profiles: Vec<SigningProfile>,
    /// How long a login of the registry is good for.
    pub login_life: LoginLife,
    /// `http://127.0.0.1:PORT` of an emulator of KMS; there is no KMS without one.
    pub kms: Option<String>,
    /// Calls that other emulators answer once they are permitted.
    pub upstreams: Vec<Upstream>,
    /// What the tokens of jobs of GitHub say.
    pub github: Claims,
    /// What the tokens of jobs of GitLab say.
    pub gitlab: Claims,
}

impl Default for Options {
    fn default() -> Self {
        let mut options = Self {
            account: "111122223333".to_owned(),
            region: "us-east-1".to_owned(),
            audiences: vec!["sts.amazonaws.com".to_owned()],
            roles: Vec::new(),
            session_lifetime: None,
            repositories: vec![EcrRepository::new("team/app")],
            registry: EcrRegistry::default(),
            profiles: vec![SigningProfile::new("release")],
            login_life: LoginLife::OfSession,
            kms: None,
            upstreams: Vec::new(),
            github: Claims::github("acme/app", "main"),
            gitlab: Claims::gitlab("acme/app", "main"),
        };
        options.roles = vec![options.release_role().allowed_everything()];
        options
    }
}

impl Options {
    /// The role `release`, which a job of `acme/app` on `main` may assume from GitHub as from
    /// GitLab, and which may do nothing.
    pub fn release_role(&self) -> Role {
        let statement = |issuer: &str, subject: &str| {
            let host = issuer.trim_start_matches("https://");
            json!({
                "Effect": "Allow",
                "Principal": {"Federated": self.provider_arn(issuer)},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringEquals": {
                    (format!("{host}:aud")): "sts.amazonaws.com",
                    (format!("{host}:sub")): subject,
                }},
            })
        };
        let mut role = Role::new("release");
        role.trust = json!({"Version": "2012-10-17", "Statement": [
            statement(GITHUB, "repo:acme/app:ref:refs/heads/main"),
            statement(GITLAB, "project_path:acme/app:ref_type:branch:ref:main"),
        ]});
        role
    }

    /// The same with these policies as all that the role `release` may do.
    #[must_use]
    pub fn release_may(mut self, policies: Vec<serde_json::Value>) -> Self {
        let role = Role { policies, ..self.release_role() };
        self.roles.retain(|it| it.name != "release");
        self.roles.push(role);
        self
    }

    /// The ARN of the account's identity provider for an issuer.
    pub fn provider_arn(&self, issuer: &str) -> String {
        self.account().provider_arn(issuer)
    }

    pub(crate) fn account(&self) -> Account {
        Account { id: self.account.clone(), region: self.region.clone() }
    }
}
