//! Who may pull, delete, and change the rules.

use boltseal_core::Severity;
use boltseal_posture::{Outcome, Posture, PublicPull};
use serde_json::{Value, json};

use crate::scene::{CI, Scene, ids};

const PULL: [&str; 2] = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

fn allowing(principal: &Value, actions: &Value, condition: &Value) -> Scene {
    Scene::new().policy(&json!({"Statement": [{
        "Sid": "S", "Effect": "Allow", "Principal": principal, "Action": actions,
        "Condition": condition,
    }]}))
}

fn pulling(principal: &Value, condition: &Value) -> Posture {
    allowing(principal, &json!(PULL), condition).judge()
}

#[test]
fn a_public_pull_refuses_unless_it_is_meant() {
    let scene = allowing(&json!("*"), &json!(PULL), &json!({}));
    let refused = scene.judge();
    assert_eq!(refused.outcome, Outcome::Refused);
    assert_eq!(refused.reasons.len(), 1, "{:?}", refused.reasons);
    assert_eq!((refused.reasons[0].code, refused.exit().code()), ("pull-public", 10));
    assert!(refused.findings[0].references.contains(&"CKV_AWS_32"));
    let mut scene = scene;
    scene.request.public_pull = PublicPull::Allowed;
    let passed = scene.judge();
    assert_eq!(passed.outcome, Outcome::Passed);
    let finding = passed.findings.iter().find(|it| it.id == "pull-public").unwrap();
    assert_eq!(finding.severity, Severity::Informational);
}

#[test]
fn half_a_pull_is_listed() {
    let posture = allowing(&json!("*"), &json!("ecr:GetDownloadUrlForLayer"), &json!({})).judge();
    assert_eq!(posture.rights.pull[0].actions, ["ecr:GetDownloadUrlForLayer"]);
    assert_eq!(posture.outcome, Outcome::Refused);
}

#[test]
fn other_accounts_that_pull() {
    let root = json!({"AWS": "arn:aws:iam::999999999999:root"});
    let posture = pulling(&root, &json!({}));
    assert_eq!(posture.outcome, Outcome::Passed);
    assert!(ids(&posture).contains(&"pull-foreign-account"));
    assert_eq!(posture.rights.pull[0].principal, "999999999999");
    assert_eq!(posture.rights.pull[0].actions, PULL);
    let bound = json!({"StringEquals": {"aws:PrincipalOrgID": "o-abc123"}});
    assert!(!ids(&pulling(&root, &bound)).contains(&"pull-foreign-account"));
    let organisation = pulling(&json!("*"), &bound);
    assert_eq!(organisation.rights.pull[0].principal, "o-abc123");
    assert_eq!(organisation.outcome, Outcome::Passed);
}

#[test]
fn a_network_is_no_principal() {
    let vpce = json!({"StringEquals": {"aws:SourceVpce": "vpce-0abc"}});
    let posture = pulling(&json!("*"), &vpce);
    assert_eq!(posture.outcome, Outcome::Passed);
    assert!(ids(&posture).contains(&"pull-by-network"));
    assert_eq!(
        posture.rights.pull[0].condition.as_deref(),
        Some("StringEquals aws:SourceVpce vpce-0abc")
    );
}

#[test]
fn deleting_and_changing() {
    for (principal, action, id, refused) in [
        (json!("*"), "ecr:BatchDeleteImage", "delete-public", true),
        (json!("*"), "ecr:SetRepositoryPolicy", "policy-public", true),
        (json!("*"), "ecr:PutImageTagMutability", "policy-public", true),
        (json!({"AWS": "999999999999"}), "ecr:DeleteRepository", "delete-foreign-account", false),
        (json!({"AWS": "999999999999"}), "ecr:PutLifecyclePolicy", "policy-foreign-account", false),
        (json!({"AWS": CI}), "ecr:BatchDeleteImage", "delete-granted", false),
        (json!({"AWS": CI}), "ecr:DeleteRepositoryPolicy", "policy-granted", false),
    ] {
        let posture = allowing(&principal, &json!(action), &json!({})).judge();
        assert!(ids(&posture).contains(&id), "{action}: {:?}", ids(&posture));
        assert_eq!(posture.outcome == Outcome::Refused, refused, "{action}");
        let rights =
            if id.starts_with("delete") { &posture.rights.delete } else { &posture.rights.policy };
        assert_eq!(rights[0].actions, [action]);
    }
}

#[test]
fn actions_of_one_statement_are_one_right() {
    let posture = allowing(&json!({"AWS": CI}), &json!("ecr:*"), &json!({})).allow(&[CI]).judge();
    assert_eq!(posture.rights.delete[0].actions, ["ecr:BatchDeleteImage", "ecr:DeleteRepository"]);
    assert_eq!(posture.rights.policy[0].actions.len(), 6);
    assert_eq!(posture.outcome, Outcome::Passed);
}
