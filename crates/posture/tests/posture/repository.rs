//! Tags, scanning, encryption, and what the registry does with the repository.

use boltseal_core::Severity;
use boltseal_posture::{EvidenceTags, Posture};
use serde_json::{Value, json};

use crate::scene::{Scene, ids};

fn mutability(setting: &str, filters: &[&str], tags: &[&str]) -> Posture {
    let filters: Vec<Value> =
        filters.iter().map(|it| json!({"filterType": "WILDCARD", "filter": it})).collect();
    let mut scene = Scene::new().repository(
        &json!({"imageTagMutability": setting, "imageTagMutabilityExclusionFilters": filters}),
    );
    scene.request.tags = tags.iter().map(ToString::to_string).collect();
    scene.judge()
}

#[test]
fn it_is_the_tag_of_the_release_that_counts() {
    for (setting, filters, tags, id) in [
        ("MUTABLE", &[][..], &["1.2"][..], Some("tag-mutable")),
        ("MUTABLE", &[], &[], Some("tag-mutable")),
        ("IMMUTABLE", &[], &["1.2"], None),
        ("IMMUTABLE_WITH_EXCLUSION", &["latest"], &["1.2"], None),
        (
            "IMMUTABLE_WITH_EXCLUSION",
            &["latest", "1.*"],
            &["1.2"],
            Some("tag-mutable-by-exclusion"),
        ),
        (
            "IMMUTABLE_WITH_EXCLUSION",
            &["latest"],
            &["1.2", "latest"],
            Some("tag-mutable-by-exclusion"),
        ),
        ("MUTABLE_WITH_EXCLUSION", &["v*"], &["1.2"], Some("tag-mutable")),
        ("MUTABLE_WITH_EXCLUSION", &["1.*"], &["1.2"], None),
    ] {
        let posture = mutability(setting, filters, tags);
        let found = ids(&posture).into_iter().find(|it| it.starts_with("tag-"));
        assert_eq!(found, id, "{setting} {filters:?} {tags:?}");
    }
    let posture = mutability("MUTABLE", &[], &["1.2"]);
    let finding = posture.findings.iter().find(|it| it.id == "tag-mutable").unwrap();
    assert_eq!(finding.severity, Severity::High);
    assert!(finding.references.contains(&"CKV_AWS_51"));
    assert!(finding.fix.cli.contains("--repository-name team/app --region eu-west-1"));
    assert!(finding.fix.terraform.contains("IMMUTABLE"));
}

#[test]
fn tags_that_must_move_and_evidence_that_needs_tags() {
    let mut scene = Scene::new();
    scene.request.moving_tags = vec!["latest".to_owned()];
    scene.request.evidence = EvidenceTags::Written;
    let posture = scene.judge();
    assert!(ids(&posture).contains(&"moving-tag-immutable"));
    let evidence = posture.findings.iter().find(|it| it.id == "evidence-tag-immutable").unwrap();
    assert_eq!(evidence.severity, Severity::High);
    let spared = mutability("IMMUTABLE_WITH_EXCLUSION", &["sha256-*"], &[]);
    assert!(!ids(&spared).contains(&"evidence-tag-immutable"));
}

fn scanning(
    scan_type: &str,
    frequency: &str,
    filters: &[&str],
    on_push: bool,
) -> Vec<&'static str> {
    let filters: Vec<Value> =
        filters.iter().map(|it| json!({"filterType": "WILDCARD", "filter": it})).collect();
    let posture = Scene::new()
        .repository(&json!({"imageScanningConfiguration": {"scanOnPush": on_push}}))
        .with(
            "get-registry-scanning-configuration",
            &json!({"registryId": "111122223333", "scanningConfiguration": {
                "scanType": scan_type,
                "rules": [{"scanFrequency": frequency, "repositoryFilters": filters}],
            }}),
        )
        .judge();
    ids(&posture).into_iter().filter(|it| it.starts_with("scan-")).collect()
}

#[test]
fn scanning_is_by_the_rules_of_the_registry() {
    assert_eq!(scanning("ENHANCED", "CONTINUOUS_SCAN", &["*"], false), [] as [&str; 0]);
    assert_eq!(scanning("ENHANCED", "SCAN_ON_PUSH", &["team/*"], false), [] as [&str; 0]);
    assert_eq!(scanning("ENHANCED", "SCAN_ON_PUSH", &["other/*"], true), ["scan-off"]);
    assert_eq!(scanning("ENHANCED", "MANUAL", &["*"], true), ["scan-off"]);
    assert_eq!(scanning("BASIC", "SCAN_ON_PUSH", &["*"], false), ["scan-basic"]);
    assert_eq!(scanning("BASIC", "SCAN_ON_PUSH", &["other"], true), ["scan-basic"]);
    assert_eq!(scanning("BASIC", "SCAN_ON_PUSH", &["other"], false), ["scan-off"]);
    let off =
        Scene::new().repository(&json!({"imageScanningConfiguration": {"scanOnPush": false}}));
    assert!(ids(&off.judge()).contains(&"scan-off"));
}

#[test]
fn encryption() {
    for (configuration, id) in [
        (json!({"encryptionType": "AES256"}), Some("encryption-not-kms")),
        (json!({"encryptionType": "KMS"}), Some("encryption-aws-managed-key")),
        (
            json!({"encryptionType": "KMS", "kmsKey": "arn:aws:kms:r:1:alias/aws/ecr"}),
            Some("encryption-aws-managed-key"),
        ),
        (json!({"encryptionType": "KMS", "kmsKey": "arn:aws:kms:r:1:key/2"}), None),
    ] {
        let posture =
            Scene::new().repository(&json!({"encryptionConfiguration": configuration})).judge();
        let found = ids(&posture).into_iter().find(|it| it.starts_with("encryption-"));
        assert_eq!(found, id, "{configuration}");
    }
}

#[test]
fn pull_through_replication_and_managed_signing() {
    let rule = |prefix: &str| {
        json!({"pullThroughCacheRules": [
        {"ecrRepositoryPrefix": prefix, "upstreamRegistryUrl": "registry-1.docker.io"}]})
    };
    let call = "describe-pull-through-cache-rules";
    for (prefix, found) in [("team", true), ("ROOT", true), ("tea", false), ("other", false)] {
        let posture = Scene::new().with(call, &rule(prefix)).judge();
        assert_eq!(ids(&posture).contains(&"pull-through"), found, "{prefix}");
    }
    let replication = |filters: &Value| {
        json!({"registryId": "111122223333",
        "replicationConfiguration": {"rules": [{
            "destinations": [{"region": "us-east-1", "registryId": "999999999999"}],
            "repositoryFilters": filters}]}})
    };
    let to = |prefix: &str| json!([{"filter": prefix, "filterType": "PREFIX_MATCH"}]);
    for (filters, found) in [(json!([]), true), (to("team/"), true), (to("x"), false)] {
        let posture = Scene::new().with("describe-registry", &replication(&filters)).judge();
        assert_eq!(ids(&posture).contains(&"replication"), found, "{filters}");
    }
    let signing = |filter: &str| {
        json!({"registryId": "111122223333", "signingConfiguration": {
        "rules": [{"signingProfileArn": "arn:aws:signer:r:1:/signing-profiles/p",
            "repositoryFilters": [{"filter": filter, "filterType": "WILDCARD_MATCH"}]}]}})
    };
    for (filter, found) in [("team/*", true), ("other/*", false)] {
        let posture = Scene::new().with("get-signing-configuration", &signing(filter)).judge();
        assert_eq!(ids(&posture).contains(&"managed-signing"), found, "{filter}");
    }
}

fn registry(statement: &Value) -> Scene {
    let text = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let answer = json!({"registryId": "111122223333", "policyText": text});
    Scene::new().with("get-registry-policy", &answer)
}

#[test]
fn replication_into_the_repository_is_a_push() {
    let statement = |principal: &str, resource: &str| {
        json!({
        "Sid": "R", "Effect": "Allow", "Principal": {"AWS": principal},
        "Action": ["ecr:CreateRepository", "ecr:ReplicateImage"], "Resource": resource})
    };
    let all = "arn:aws:ecr:eu-west-1:111122223333:repository/*";
    let other = "arn:aws:ecr:eu-west-1:111122223333:repository/other/*";
    let found = |principal: &str, resource: &str| {
        let posture = registry(&statement(principal, resource)).judge();
        ids(&posture).into_iter().find(|it| it.starts_with("registry-"))
    };
    assert_eq!(found("arn:aws:iam::999999999999:root", all), Some("registry-replicates-in"));
    assert_eq!(found("*", all), Some("registry-public"));
    assert_eq!(found("arn:aws:iam::999999999999:root", other), None);
    let allowed =
        registry(&statement("arn:aws:iam::999999999999:root", all)).allow(&["999999999999"]);
    assert!(!ids(&allowed.judge()).contains(&"registry-replicates-in"));
}

#[test]
fn a_registry_policy_is_enforced_by_its_version() {
    let deny =
        json!({"Effect": "Deny", "Principal": "*", "Action": "ecr:PutImage", "Resource": "*"});
    let push = |scene: Scene| scene.judge().rights.push.len();
    let version = |value: &str| json!({"name": "REGISTRY_POLICY_SCOPE", "value": value});
    assert_eq!(push(registry(&deny).with("get-account-setting", &version("V2"))), 0);
    assert_eq!(push(registry(&deny).with("get-account-setting", &version("V1"))), 1);
    assert_eq!(push(registry(&deny)), 1, "what was not looked at protects nothing");
    assert!(ids(&registry(&deny).judge()).contains(&"registry-policy-scope"));
    let allow = json!({"Effect": "Allow", "Principal": {"AWS": "999999999999"}, "Action": "ecr:PutImage", "Resource": "*"});
    assert_eq!(push(registry(&allow).with("get-account-setting", &version("V1"))), 1);
    let granted = registry(&allow).with("get-account-setting", &version("V2"));
    assert_eq!(granted.judge().rights.push[0].document.as_deref(), Some("registry policy"));
    let two = granted
        .file("get-account-setting.mount.json", r#"{"name":"BLOB_MOUNTING","value":"ENABLED"}"#);
    assert_eq!(push(two), 2);
}
