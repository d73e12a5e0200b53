//! Terraform's plans.

use boltseal_core::Reason;
use boltseal_posture::{Outcome, Plan, Posture, judge};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::scene::{CI, Scene, ids};

fn resource(kind: &str, name: &str, values: &Value) -> Value {
    json!({"address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name,
        "provider_name": "registry.terraform.io/hashicorp/aws", "values": values})
}

fn repository(name: &str) -> Value {
    resource(
        "aws_ecr_repository",
        name,
        &json!({
            "name": name, "image_tag_mutability": "IMMUTABLE",
            "image_scanning_configuration": [{"scan_on_push": true}],
            "encryption_configuration": [{"encryption_type": "KMS"}],
        }),
    )
}

fn policy(name: &str, statements: &Value) -> Value {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    resource("aws_ecr_repository_policy", name, &json!({"repository": name, "policy": text}))
}

/// A plan that creates `root` in its root module and `child` two modules further down.
fn plan(root: &[Value], child: &[Value]) -> Value {
    let changes: Vec<Value> = root
        .iter()
        .chain(child)
        .map(|it| {
            json!({"address": it["address"], "type": it["type"],
            "change": {"actions": ["create"], "before": null, "after": it["values"],
                "after_unknown": {"arn": true, "encryption_configuration": [{"kms_key": true}]}}})
        })
        .collect();
    json!({
        "format_version": "1.2", "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": root, "child_modules": [
            {"address": "module.a", "child_modules": [{"address": "module.a.module.b", "resources": child}]}]}},
        "resource_changes": changes,
        "prior_state": {"values": {"root_module": {"resources": [
            {"address": "data.aws_caller_identity.current", "mode": "data",
                "type": "aws_caller_identity", "name": "current",
                "values": {"account_id": "111122223333"}}]}}},
        "configuration": {"provider_config": {"aws": {"expressions":
            {"region": {"constant_value": "eu-west-1"}}}}},
    })
}

fn judged(plan: &Value, asked: Option<&str>) -> Result<Posture, Reason> {
    let mut request = Scene::new().allow(&[CI]).request;
    request.repository = asked.map(str::to_owned);
    let plan = Plan::parse("plan.json", plan.to_string().as_bytes()).unwrap();
    judge(&plan.documents(asked).unwrap(), &request)
}

fn only_ci() -> Value {
    json!([
        {"Sid": "Ci", "Effect": "Allow", "Principal": {"AWS": CI}, "Action": "ecr:PutImage"},
        {"Sid": "OnlyCi", "Effect": "Deny", "Principal": "*", "Action": "ecr:PutImage",
            "Condition": {"ArnNotEquals": {"aws:PrincipalArn": CI}}},
    ])
}

#[test]
fn a_plan_is_judged_before_it_is_applied() {
    let posture = judged(&plan(&[repository("app")], &[policy("app", &only_ci())]), None).unwrap();
    assert_eq!(posture.outcome, Outcome::Passed);
    assert_eq!(posture.subject.as_deref(), Some("app"));
    assert_eq!(posture.rights.push.len(), 1);
    assert!(ids(&posture).contains(&"lifecycle-none"), "what is created has none");
    assert!(!ids(&posture).contains(&"encryption-aws-managed-key"), "the plan makes the key");
    let public = json!([{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]);
    let posture = judged(&plan(&[repository("app")], &[policy("app", &public)]), None).unwrap();
    assert_eq!(posture.outcome, Outcome::Refused);
    assert_eq!(posture.reasons[0].code, "push-public");
    let account = posture.rights.push.iter().any(|it| it.principal == "111122223333");
    assert!(account, "{:?}", posture.rights.push);
}

#[test]
fn what_is_known_after_apply_was_not_looked_at() {
    let unknown = resource("aws_ecr_repository_policy", "app", &json!({"repository": "app"}));
    let mut plan = plan(&[repository("app"), unknown], &[]);
    plan["resource_changes"][1]["change"]["after_unknown"] = json!({"policy": true});
    let posture = judged(&plan, None).unwrap();
    assert_eq!((posture.outcome, posture.exit().code()), (Outcome::Undetermined, 21));
    let looked = posture.documents.iter().find(|it| it.status == "after-apply").unwrap();
    assert_eq!(looked.file, "aws_ecr_repository_policy.app");
    assert!(posture.not_looked_at.contains(&"get-repository-policy"));
}

#[test]
fn a_repository_that_is_there_may_have_a_policy_elsewhere() {
    let mut created = plan(&[repository("app")], &[]);
    assert_eq!(judged(&created, None).unwrap().outcome, Outcome::Passed);
    created["resource_changes"][0]["change"]["actions"] = json!(["update"]);
    assert_eq!(judged(&created, None).unwrap().outcome, Outcome::Undetermined);
}

#[test]
fn one_of_several_repositories_must_be_named() {
    let public = json!([{"Effect": "Allow", "Principal": "*", "Action": "ecr:PutImage"}]);
    let resources =
        [repository("a"), repository("b"), policy("a", &only_ci()), policy("b", &public)];
    let both = plan(&resources, &[]);
    assert_eq!(judged(&both, None).unwrap_err().code, "repository-ambiguous");
    assert_eq!(judged(&both, Some("a")).unwrap().outcome, Outcome::Passed);
    assert_eq!(judged(&both, Some("b")).unwrap().outcome, Outcome::Refused);
    assert_eq!(judged(&both, Some("c")).unwrap_err().code, "repository-other");
}

#[test]
fn registry_keys_and_roles() {
    let github = "token.actions.githubusercontent.com";
    let trust = json!({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": format!("arn:aws:iam::111122223333:oidc-provider/{github}")},
        "Condition": {"StringLike": {format!("{github}:sub"): "repo:acme/*"},
            "StringEquals": {format!("{github}:aud"): "sts.amazonaws.com"}}}]});
    let wide = json!({"Statement": [{"Effect": "Allow", "Action": "kms:Sign", "Resource": "*"}]});
    let key_policy = json!({"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"},
        "Action": "kms:Sign", "Resource": "*"}]});
    let lifecycle = json!({"rules": [{"rulePriority": 1, "action": {"type": "expire"},
        "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed",
            "countUnit": "days", "countNumber": 1}}]});
    let resources = [
        repository("app"),
        policy("app", &only_ci()),
        resource(
            "aws_ecr_lifecycle_policy",
            "app",
            &json!({"repository": "app", "policy": lifecycle.to_string()}),
        ),
        resource(
            "aws_ecr_registry_scanning_configuration",
            "r",
            &json!({"scan_type": "ENHANCED",
            "rule": [{"scan_frequency": "SCAN_ON_PUSH", "repository_filter": [{"filter": "other", "filter_type": "WILDCARD"}]}]}),
        ),
        resource(
            "aws_ecr_replication_configuration",
            "r",
            &json!({"replication_configuration": [{
            "rule": [{"destination": [{"region": "us-east-1", "registry_id": "111122223333"}], "repository_filter": []}]}]}),
        ),
        resource("aws_ecr_pull_through_cache_rule", "r", &json!({"ecr_repository_prefix": "ROOT"})),
        resource(
            "aws_ecr_account_setting",
            "r",
            &json!({"name": "REGISTRY_POLICY_SCOPE", "value": "V1"}),
        ),
        resource(
            "aws_ecr_registry_policy",
            "r",
            &json!({"policy": json!({"Statement": [{"Effect": "Deny",
            "Principal": "*", "Action": "ecr:PutImage", "Resource": "*"}]}).to_string()}),
        ),
        resource(
            "aws_kms_key",
            "sign",
            &json!({"key_usage": "SIGN_VERIFY", "is_enabled": false,
            "customer_master_key_spec": "ECC_NIST_P256", "policy": key_policy.to_string()}),
        ),
        resource("aws_kms_key", "encrypt", &json!({"key_usage": "ENCRYPT_DECRYPT"})),
        resource(
            "aws_iam_role",
            "ci",
            &json!({"name": "ci", "path": "/",
            "assume_role_policy": trust.to_string(), "max_session_duration": 7200}),
        ),
        resource(
            "aws_iam_role_policy",
            "ci",
            &json!({"role": "ci", "name": "release", "policy": wide.to_string()}),
        ),
    ];
    let posture = judged(&plan(&resources[..2], &resources[2..]), None).unwrap();
    let found = ids(&posture);
    for id in [
        "lifecycle-may-take-evidence",
        "scan-off",
        "replication",
        "pull-through",
        "registry-policy-scope",
        "key-unusable",
        "sign-public",
        "trust-whole-organisation",
        "trust-long-session",
        "role-wide-rights",
    ] {
        assert!(found.contains(&id), "no {id} in {found:?}");
    }
    assert!(!found.contains(&"key-usage"), "a key that encrypts is not the release's");
    assert_eq!(posture.trust.unwrap().role, CI);
}

#[test]
fn what_is_no_plan_is_invalid() {
    for (text, found) in [
        ("", "an empty document"),
        ("{}", "planned_values"),
        ("[1]", "planned_values"),
        ("{", "EOF"),
    ] {
        let reason = Reason::from(Plan::parse("plan.json", text.as_bytes()).unwrap_err());
        assert_eq!((reason.code, reason.exit.code()), ("plan-invalid", 20));
        assert!(reason.found.contains(found), "{text}: {reason:?}");
    }
    let broken =
        resource("aws_ecr_repository_policy", "app", &json!({"repository": "app", "policy": "{"}));
    let plan = plan(&[repository("app"), broken], &[]);
    let plan = Plan::parse("plan.json", plan.to_string().as_bytes()).unwrap();
    let errors = plan.documents(None).unwrap_err();
    assert!(errors[0].to_string().starts_with("aws_ecr_repository_policy.app: "), "{errors:?}");
}

#[test]
fn a_state_is_read_as_well() {
    let state = json!({"format_version": "1.0", "values": {"root_module": {"resources": [
        repository("app"), policy("app", &only_ci())]}}});
    assert_eq!(judged(&state, None).unwrap().outcome, Outcome::Passed);
}

#[test]
fn members_that_are_not_known_yet_are_no_error() {
    let later = [
        repository("app"),
        policy("app", &only_ci()),
        resource("aws_ecr_account_setting", "s", &json!({"name": "REGISTRY_POLICY_SCOPE"})),
        resource("aws_ecr_registry_scanning_configuration", "c", &json!({})),
        resource(
            "aws_ecr_replication_configuration",
            "r",
            &json!({"replication_configuration": [
            {"rule": [{"destination": [{}], "repository_filter": [{}]}]}]}),
        ),
        resource("aws_iam_role", "r", &json!({"name": "r"})),
        resource("aws_kms_key", "k", &json!({"key_usage": "SIGN_VERIFY"})),
    ];
    let posture = judged(&plan(&later, &[]), None).unwrap();
    assert_eq!(posture.outcome, Outcome::Passed);
    let after = posture.documents.iter().filter(|it| it.status == "after-apply").count();
    assert_eq!(after, 4, "{:?}", posture.documents);
}

proptest! {
    #[test]
    fn never_panics(
        kind in "aws_(ecr_repository|ecr_repository_policy|kms_key|iam_role|ecr_lifecycle_policy)",
        member in "(name|policy|repository|assume_role_policy|key_usage|image_tag_mutability)",
        value in "(\"[a-z{}*]{0,9}\"|7|null|\\[\\]|\\{\\})",
    ) {
        let text = format!(
            r#"{{"planned_values":{{"root_module":{{"resources":[
                {{"address":"a","type":"{kind}","values":{{"{member}":{value}}}}}]}}}}}}"#
        );
        let plan = Plan::parse("p", text.as_bytes()).unwrap();
        if let Ok(documents) = plan.documents(None) {
            let _ = judge(&documents, &Scene::new().request);
        }
    }
}
