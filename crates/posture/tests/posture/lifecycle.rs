//! What the lifecycle policy would do to the release, and when.

use boltseal_core::Severity;
use boltseal_posture::{EvidenceTags, Expiry, Posture};
use serde_json::{Value, json};

use crate::scene::{Scene, ids};

fn rule(selection: &Value) -> Value {
    json!({"rulePriority": 1, "description": "d", "selection": selection, "action": {"type": "expire"}})
}

fn aged(status: &str, days: u64) -> Value {
    json!({"tagStatus": status, "countType": "sinceImagePushed", "countUnit": "days", "countNumber": days})
}

fn counted(status: &str, count: u64) -> Value {
    json!({"tagStatus": status, "countType": "imageCountMoreThan", "countNumber": count})
}

fn scene(selection: &Value) -> Scene {
    let text = json!({"rules": [rule(selection)]}).to_string();
    let answer = json!({"registryId": "111122223333", "repositoryName": "team/app",
        "lifecyclePolicyText": text, "lastEvaluatedAt": "2026-05-31T00:00:00+00:00"});
    let mut scene = Scene::new().with("get-lifecycle-policy", &answer);
    scene.request.tags = vec!["1.2".to_owned()];
    scene
}

fn of<'p>(posture: &'p Posture, what: &str) -> Option<&'p Expiry> {
    posture.lifecycle.iter().find(|it| it.what == what)
}

#[test]
fn a_release_expires_on_a_day() {
    let posture = scene(&aged("any", 30)).judge();
    let release = of(&posture, "release").unwrap();
    assert_eq!(release.at.as_deref(), Some("2026-07-01T00:00:00Z"));
    assert_eq!((release.name.as_str(), release.rule, release.action), ("1.2", 1, "expire"));
    let finding = posture.findings.iter().find(|it| it.id == "lifecycle-takes-release").unwrap();
    assert_eq!(finding.severity, Severity::High);
    assert!(finding.what.contains("2026-07-01"), "{}", finding.what);
    let later = scene(&aged("any", 365)).judge();
    let finding = later.findings.iter().find(|it| it.id == "lifecycle-takes-release").unwrap();
    assert_eq!(finding.severity, Severity::Medium);
}

#[test]
fn evidence_goes_with_its_release_and_only_then() {
    let posture = scene(&aged("untagged", 7)).judge();
    assert!(of(&posture, "release").is_none());
    let referrers = of(&posture, "referrers").unwrap();
    assert_eq!(referrers.at.as_deref(), Some("2026-06-08T00:00:00Z"));
    assert!(ids(&posture).contains(&"lifecycle-may-take-evidence"));
    assert!(!ids(&scene(&aged("any", 7)).judge()).contains(&"lifecycle-may-take-evidence"));
}

#[test]
fn evidence_under_tags_is_an_image_like_any_other() {
    let mut selection = aged("tagged", 7);
    selection["tagPatternList"] = json!(["sha256-*"]);
    let mut scene = scene(&selection);
    assert!(!ids(&scene.judge()).contains(&"lifecycle-takes-evidence"));
    scene.request.evidence = EvidenceTags::Written;
    let posture = scene.judge();
    assert!(ids(&posture).contains(&"lifecycle-takes-evidence"));
    assert_eq!(of(&posture, "evidence-tags").unwrap().at.as_deref(), Some("2026-06-08T00:00:00Z"));
}

#[test]
fn counts_are_of_the_images_that_are_there() {
    let image = |n: u64, tags: &Value, day: u64| {
        json!({
        "registryId": "111122223333", "repositoryName": "team/app",
        "imageDigest": format!("sha256:{n:064}"), "imageTags": tags,
        "imagePushedAt": format!("2026-05-{day:02}T00:00:00+00:00"), "imageSizeInBytes": 1})
    };
    let images = json!({"imageDetails": [
        image(1, &json!(["1.2"]), 1), image(2, &json!(["1.3"]), 2), image(3, &json!([]), 3),
        image(4, &json!(["1.4"]), 4)]});
    let left = |selection: &Value| {
        let posture = scene(selection).with("describe-images", &images).judge();
        of(&posture, "release").and_then(|it| it.after_pushes)
    };
    assert_eq!(left(&counted("any", 10)), Some(7), "untagged ones count");
    assert_eq!(left(&counted("any", 3)), Some(0));
    let mut tagged = counted("tagged", 10);
    tagged["tagPrefixList"] = json!(["1."]);
    assert_eq!(left(&tagged), Some(8));
    assert_eq!(left(&counted("untagged", 1)), None);
    let posture = scene(&counted("any", 3)).with("describe-images", &images).judge();
    let finding = posture.findings.iter().find(|it| it.id == "lifecycle-takes-release").unwrap();
    assert!(finding.what.contains("next evaluation"), "{}", finding.what);
    assert_eq!(finding.severity, Severity::High);
}

#[test]
fn what_is_there_is_taken_by_its_own_push() {
    let digest = format!("sha256:{}", "a".repeat(64));
    let referrer = json!({"imageDigest": format!("sha256:{}", "b".repeat(64)),
        "imagePushedAt": 1_780_000_000.5, "subjectManifestDigest": digest,
        "artifactMediaType": "application/vnd.dev.sigstore.bundle.v0.3+json"});
    let images = json!({"imageDetails": [
        {"imageDigest": digest, "imageTags": ["1.2"], "imagePushedAt": "2026-05-01T00:00:00+00:00"},
        referrer]});
    let mut scene = scene(&aged("any", 30)).with("describe-images", &images);
    scene.request.digest = Some(digest.parse().unwrap());
    let posture = scene.judge();
    assert_eq!(of(&posture, "release").unwrap().at.as_deref(), Some("2026-05-31T00:00:00Z"));
    assert!(of(&posture, "referrers").unwrap().name.starts_with("sha256:bbb"));
    let partial = json!({"imageDetails": [], "NextToken": "x"});
    let posture = scene.with("describe-images", &partial).judge();
    assert!(ids(&posture).contains(&"document-incomplete"));
}

#[test]
fn no_policy_is_an_answer() {
    let posture =
        Scene::new().error("get-lifecycle-policy", "LifecyclePolicyNotFoundException").judge();
    assert!(ids(&posture).contains(&"lifecycle-none"));
    assert!(!ids(&Scene::new().judge()).contains(&"lifecycle-none"));
}
