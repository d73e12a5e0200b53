use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

/// What GitHub calls its issuer.
pub(crate) const GITHUB: &str = "https://token.actions.githubusercontent.com";
/// What GitLab's own instance calls its issuer.
pub(crate) const GITLAB: &str = "https://gitlab.com";

/// The claims of a token that is still to be made. `iss` is added by the issuer, `iat`, `nbf` and
/// `exp` when the token is made, each unless it is set here.
#[derive(Clone, Debug)]
pub struct Claims {
    members: Map<String, Value>,
    lifetime: SignedDuration,
}

impl Claims {
    /// Those of a job of GitHub Actions on a branch, for five minutes.
    pub fn github(repository: &str, branch: &str) -> Self {
        let owner = repository.split('/').next().unwrap_or_default();
        let reference = format!("refs/heads/{branch}");
        let workflow = format!("{repository}/.github/workflows/release.yml@{reference}");
        let members = json!({
            "sub": format!("repo:{repository}:ref:{reference}"),
            "actor": "octocat",
            "actor_id": "583231",
            "event_name": "push",
            "job_workflow_ref": workflow,
            "ref": reference,
            "ref_protected": "true",
            "ref_type": "branch",
            "repository": repository,
            "repository_id": "74",
            "repository_owner": owner,
            "repository_owner_id": "65",
            "run_attempt": "2",
            "run_id": "7",
            "runner_environment": "github-hosted",
            "workflow": "release",
            "workflow_ref": workflow,
        });
        Self::new(members, Duration::from_mins(5))
    }

    /// Those of a job of GitLab on a branch, for an hour.
    pub fn gitlab(project: &str, branch: &str) -> Self {
        let members = json!({
            "sub": format!("project_path:{project}:ref_type:branch:ref:{branch}"),
            "job_id": "302",
            "namespace_path": project.rsplit_once('/').map_or(project, |(group, _)| group),
            "pipeline_id": "301",
            "project_id": "22",
            "project_path": project,
            "ref": branch,
            "ref_path": format!("refs/heads/{branch}"),
            "ref_protected": "true",
            "ref_type": "branch",
        });
        Self::new(members, Duration::from_hours(1))
    }

    fn new(members: Value, lifetime: Duration) -> Self {
        let Value::Object(members) = members else {
            return Self { members: Map::new(), lifetime: SignedDuration::ZERO };
        };
        let lifetime = SignedDuration::try_from(lifetime).unwrap_or(SignedDuration::MAX);
        Self { members, lifetime }
    }

    /// The same with this claim.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// The same without this claim.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.members.remove(name);
        self
    }

    /// The same for an audience.
    #[must_use]
    pub fn audience(self, audience: &str) -> Self {
        self.with("aud", audience)
    }

    /// The same with a life of so many seconds from the making of the token.
    #[must_use]
    pub const fn lives(mut self, seconds: i64) -> Self {
        self.lifetime = SignedDuration::from_secs(seconds);
        self
    }

    /// The same, over ten minutes ago.
    #[must_use]
    pub const fn expired(self) -> Self {
        self.lives(-600)
    }

    /// The members of a token that is made now.
    pub(super) fn at(&self, now: Timestamp, issuer: &str) -> Value {
        let mut members = self.members.clone();
        let end = now.saturating_add(self.lifetime).unwrap_or(Timestamp::MAX);
        // A token that is over was made before it was over.
        let start = now.min(end.saturating_sub(SignedDuration::from_secs(1)).unwrap_or(now));
        let times = [("iat", start), ("nbf", start), ("exp", end)];
        for (name, time) in times {
            members.entry(name).or_insert_with(|| time.as_second().into());
        }
        members.entry("iss").or_insert_with(|| issuer.into());
        Value::Object(members)
    }
}
