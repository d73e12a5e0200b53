use boltseal_pipeline::{PlannedCall, When};
use serde::Serialize;
use serde_json::Value;

/// What a release would do, as a dry run tells it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Plan {
    /// Every call, in order.
    pub calls: Vec<PlanCall>,
    /// The permissions that they need, where the release goes to AWS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policies: Option<PlanPolicies>,
    /// The policy of the session, where a role is assumed for the release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_policy: Option<PlanSession>,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlanCall {
    /// The step that makes it.
    pub step: String,
    /// What it does: `read-tag`, `write-blob`, `sign`, `assume-role`, …
    pub call: String,
    /// What it is about.
    pub about: String,
    /// Who is asked: the destination, a key, a scanner, a service.
    pub at: String,
    /// `always`, or `missing`: only where it is not there already.
    pub when: String,
    /// Whether something is different afterwards.
    pub writes: bool,
    /// The IAM actions that it needs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
    /// The resource of these actions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
}

/// Two IAM policies: the role needs the first, and the second for the checks of the posture.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlanPolicies {
    /// What the release itself needs.
    pub release: Value,
    /// What the checks of the posture need besides.
    pub posture: Value,
}

/// The policy that narrows the role's session down to this release.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlanSession {
    /// Its length.
    pub characters: usize,
    /// The most that STS takes.
    pub limit: usize,
    /// Whether the session may make the calls of the posture checks: `included` or `left-out`,
    /// because the policy would have been too long.
    pub posture: String,
}

impl PlanCall {
    /// A call of the journey to `destination`.
    pub fn of(call: &PlannedCall, destination: &str) -> Self {
        let when = match call.when {
            When::Always => "always",
            When::Missing => "missing",
        };
        Self {
            step: call.step.to_owned(),
            call: call.action.name().to_owned(),
            about: call.about.clone(),
            at: call.by.clone().unwrap_or_else(|| destination.to_owned()),
            when: when.to_owned(),
            writes: call.action.writes(),
            actions: Vec::new(),
            resource: None,
        }
    }
}
