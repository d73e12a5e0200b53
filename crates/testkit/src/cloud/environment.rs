//! Variables that lead programs here.

use std::sync::Arc;

use jiff::SignedDuration;

use super::sts::{Beginning, Session};
use super::{Claims, Cloud};

/// Environments.
impl Cloud {
    /// The variables that lead a program here instead of to AWS.
    pub fn variables(&self) -> Vec<(String, String)> {
        let map = format!("{}=http://{}", self.registry_host(), self.registry().host());
        let pair = |name: &str, value: String| (name.to_owned(), value);
        vec![
            pair("AWS_ENDPOINT_URL", self.endpoint()),
            pair("BOLTSEAL_REGISTRY_MAP", map),
            // No program is to ask this machine for credentials.
            pair("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ]
    }

    /// Those of a job of GitHub Actions that may ask for tokens.
    pub fn github_job(&self) -> Vec<(String, String)> {
        let known = [
            ("CI", "true"),
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_ACTOR", "octocat"),
            ("GITHUB_EVENT_NAME", "push"),
            ("GITHUB_JOB", "release"),
            ("GITHUB_REF", "refs/heads/main"),
            ("GITHUB_REF_TYPE", "branch"),
            ("GITHUB_REPOSITORY", "acme/app"),
            ("GITHUB_REPOSITORY_ID", "74"),
            ("GITHUB_RUN_ATTEMPT", "2"),
            ("GITHUB_RUN_ID", "7"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_SHA", "0123456789abcdef0123456789abcdef01234567"),
            ("GITHUB_WORKFLOW", "release"),
            ("GITHUB_WORKFLOW_REF", "acme/app/.github/workflows/release.yml@refs/heads/main"),
        ];
        let mut variables = self.variables();
        variables.extend(known.map(|(name, value)| (name.to_owned(), value.to_owned())));
        variables.extend(self.github.github_variables());
        variables
    }

    /// Those of a job of GitLab with this token in `BOLTSEAL_ID_TOKEN`.
    pub fn gitlab_job(&self, claims: &Claims) -> Vec<(String, String)> {
        let known = [
            ("CI", "true"),
            ("GITLAB_CI", "true"),
            ("CI_COMMIT_BRANCH", "main"),
            ("CI_COMMIT_REF_NAME", "main"),
            ("CI_COMMIT_SHA", "0123456789abcdef0123456789abcdef01234567"),
            ("CI_JOB_ID", "302"),
            ("CI_JOB_URL", "https://gitlab.com/acme/app/-/jobs/302"),
            ("CI_PIPELINE_ID", "301"),
            ("CI_PROJECT_ID", "22"),
            ("CI_PROJECT_PATH", "acme/app"),
            ("CI_PROJECT_URL", "https://gitlab.com/acme/app"),
            ("CI_SERVER_URL", "https://gitlab.com"),
        ];
        let mut variables = self.variables();
        variables.extend(known.map(|(name, value)| (name.to_owned(), value.to_owned())));
        variables.push(("BOLTSEAL_ID_TOKEN".to_owned(), self.gitlab.token(claims)));
        variables
    }

    /// Those of somebody who has credentials of a role already, for so many seconds.
    pub fn session_variables(&self, role: &str, seconds: i64) -> Vec<(String, String)> {
        let session = self.begin(role, "given", seconds);
        let mut variables = self.variables();
        variables.extend([
            ("AWS_ACCESS_KEY_ID".to_owned(), session.access_key.clone()),
            ("AWS_SECRET_ACCESS_KEY".to_owned(), session.secret.clone()),
            ("AWS_SESSION_TOKEN".to_owned(), session.token.clone()),
        ]);
        variables
    }

    fn begin(&self, role: &str, name: &str, seconds: i64) -> Arc<Session> {
        self.realm.sessions.begin(Beginning {
            role: role.to_owned(),
            role_arn: self.realm.account.role_arn(role),
            arn: self.realm.account.session_arn(role, name),
            policy: None,
            lifetime: SignedDuration::from_secs(seconds),
        })
    }
}
