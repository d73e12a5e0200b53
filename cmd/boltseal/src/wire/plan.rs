//! What a dry run tells about AWS: the calls, and the permissions that they take.

use boltseal_aws::{
    KeyUri, MAX_SESSION_POLICY, PosturePart, ReleaseScope, posture_policy, release_policy,
};
use boltseal_pipeline::{PlannedAction, PlannedCall};
use boltseal_report::v1::{Plan, PlanCall, PlanPolicies, PlanSession};

use super::Cloud;

impl Cloud {
    /// The plan of a release to `destination`, which makes these calls.
    pub(crate) fn plan(&self, calls: &[PlannedCall], destination: &str) -> Plan {
        let mut plan = Plan { calls: self.beginning(), ..Plan::default() };
        plan.calls.extend(calls.iter().map(|call| {
            let (actions, resource) = self.permissions(call);
            let actions = actions.iter().map(|it| (*it).to_owned()).collect();
            PlanCall { actions, resource, ..PlanCall::of(call, destination) }
        }));
        plan.policies = self.scope.as_ref().map(|scope| PlanPolicies {
            release: release_policy(scope).to_document(),
            posture: posture_policy(scope).to_document(),
        });
        plan.session_policy = self.policy.as_ref().map(|policy| PlanSession {
            characters: policy.json.chars().count(),
            limit: MAX_SESSION_POLICY,
            posture: match policy.posture {
                PosturePart::Included => "included".to_owned(),
                PosturePart::LeftOut => "left-out".to_owned(),
            },
        });
        plan
    }

    /// The calls before those of the journey: a token for a role, and a login for ECR.
    fn beginning(&self) -> Vec<PlanCall> {
        let call = |call: &str, at: &str, about: String, action: &str| PlanCall {
            step: "identify".to_owned(),
            call: call.to_owned(),
            about,
            at: at.to_owned(),
            when: "always".to_owned(),
            writes: false,
            actions: vec![action.to_owned()],
            resource: None,
        };
        let role = self.role().map(|role| {
            call("assume-role", "STS", role.to_owned(), "sts:AssumeRoleWithWebIdentity")
        });
        let login = self.scope.as_ref().map(|scope| {
            let registry = scope.registry.to_string();
            call("log-in", "ECR", registry, "ecr:GetAuthorizationToken")
        });
        role.into_iter().chain(login).collect()
    }

    fn permissions(&self, call: &PlannedCall) -> (&'static [&'static str], Option<String>) {
        let Some(scope) = &self.scope else { return (&[], None) };
        match (&call.by, call.action) {
            (Some(key), PlannedAction::ReadKey) => {
                of_key(key, &["kms:GetPublicKey", "kms:DescribeKey"])
            }
            (Some(key), PlannedAction::Sign) => of_key(key, &["kms:Sign"]),
            (Some(scanner), PlannedAction::Scan) if scanner == "inspector" => {
                (&["inspector-scan:ScanSbom"], Some("*".to_owned()))
            }
            (None, PlannedAction::SignNotation) => of_notation(scope),
            _ => (of_registry(call.action), Some(repository(scope))),
        }
    }
}

fn repository(scope: &ReleaseScope) -> String {
    scope.registry.repository_arn(&scope.repository)
}

/// By a profile of AWS Signer, or by the release's own key, whose permission it has already.
fn of_notation(scope: &ReleaseScope) -> (&'static [&'static str], Option<String>) {
    match scope.profiles.first() {
        Some(profile) => (&["signer:SignPayload"], Some(profile.to_string())),
        None => (&[], None),
    }
}

/// A key in a file needs no permission.
fn of_key(
    key: &str,
    actions: &'static [&'static str],
) -> (&'static [&'static str], Option<String>) {
    match key.parse::<KeyUri>() {
        Ok(uri) => (actions, Some(uri.key_id())),
        Err(_) => (&[], None),
    }
}

const fn of_registry(action: PlannedAction) -> &'static [&'static str] {
    match action {
        PlannedAction::ReadTag | PlannedAction::ReadManifest | PlannedAction::ListReferrers => {
            &["ecr:BatchGetImage"]
        }
        PlannedAction::ReadBlob => &["ecr:GetDownloadUrlForLayer"],
        PlannedAction::LookForBlobs => &["ecr:BatchCheckLayerAvailability"],
        PlannedAction::WriteBlob => {
            &["ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"]
        }
        PlannedAction::WriteManifest | PlannedAction::WriteTag => &["ecr:PutImage"],
        PlannedAction::Scan => &[
            "ecr:GetRegistryScanningConfiguration",
            "ecr:BatchGetRepositoryScanningConfiguration",
            "ecr:StartImageScan",
            "ecr:DescribeImages",
            "ecr:DescribeImageScanFindings",
        ],
        PlannedAction::ReadKey | PlannedAction::Sign | PlannedAction::SignNotation => &[],
    }
}
