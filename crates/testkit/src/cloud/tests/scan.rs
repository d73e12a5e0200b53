//! Scans of images, and what is found.

use boltseal_core::{Digest, Severity, media_type};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::client::{Answer, Credentials, call, session};
use crate::cloud::{
    Cloud, Completed, EcrRegistry, Finding, Findings, Options, ScanStep, ScanType, Service,
};

struct Scene {
    cloud: Cloud,
    credentials: Credentials,
    image: Digest,
}

impl Scene {
    fn new(scan_type: ScanType) -> Self {
        let registry = EcrRegistry { scan_type, ..EcrRegistry::default() };
        let cloud = Cloud::start(Options { registry, ..Options::default() }).unwrap();
        let credentials = session(&cloud, None);
        let store = cloud.registry().store();
        let image = store.put_manifest("team/app", "{}".into(), media_type::OCI_MANIFEST);
        Self { cloud, credentials, image }
    }

    fn ask(&self, operation: &str, image: &Digest, more: &Value) -> Answer {
        let mut input = json!({"repositoryName": "team/app", "imageId": {"imageDigest": image}});
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        call(&self.cloud, &self.credentials, (Service::Ecr, operation), &input)
    }

    fn findings(&self) -> Answer {
        self.ask("DescribeImageScanFindings", &self.image, &json!({}))
    }
}

fn some(count: usize) -> Findings {
    let finding = |at| Finding::new(&format!("CVE-{at}"), Severity::High, "libc6", "2.36");
    Findings::new((0..count).map(finding).collect())
}

#[test]
fn a_script_is_gone_through_step_by_step() {
    let scene = Scene::new(ScanType::Enhanced);
    scene.cloud.script_scan(
        "team/app",
        vec![
            ScanStep::NotFound,
            ScanStep::Status("IN_PROGRESS".to_owned()),
            ScanStep::FinishedTooEarly,
            ScanStep::Finished(some(1)),
        ],
    );
    assert_eq!(scene.findings().code(), "ScanNotFoundException");
    let status = |answer: &Value| answer["imageScanStatus"]["status"].clone();
    assert_eq!(status(&scene.findings().json()), "IN_PROGRESS");
    let early = scene.findings().json();
    assert_eq!(status(&early), "COMPLETE");
    assert_eq!(early["imageScanFindings"], json!({"findings": []}));
    for _ in 0..2 {
        let done = scene.findings().json();
        assert_eq!(status(&done), "ACTIVE");
        assert_eq!(done["imageScanFindings"]["findingSeverityCounts"], json!({"HIGH": 1}));
        assert!(done["imageScanFindings"]["imageScanCompletedAt"].is_i64());
    }
}

#[test]
fn a_scan_takes_its_time() {
    let scene = Scene::new(ScanType::Basic);
    let time = std::time::Duration::from_millis(300);
    scene.cloud.script_scan("team/app", vec![ScanStep::Busy(time), ScanStep::Finished(some(1))]);
    let status = || scene.findings().json()["imageScanStatus"]["status"].clone();
    assert_eq!((status(), status()), (json!("IN_PROGRESS"), json!("IN_PROGRESS")));
    std::thread::sleep(time);
    assert_eq!(status(), "COMPLETE");
}

#[test]
fn findings_come_in_pages_that_do_not_move_the_script() {
    let scene = Scene::new(ScanType::Basic);
    let done = ScanStep::Finished(some(5));
    scene.cloud.script_scan("team/app", vec![done, ScanStep::NotFound]);
    let (mut seen, mut input) = (Vec::new(), json!({"maxResults": 2}));
    loop {
        let answer = scene.ask("DescribeImageScanFindings", &scene.image, &input).json();
        let page = answer["imageScanFindings"]["findings"].as_array().unwrap().clone();
        seen.extend(page.iter().map(|it| it["name"].as_str().unwrap().to_owned()));
        let Some(next) = answer["nextToken"].as_str() else { break };
        input["nextToken"] = next.into();
    }
    assert_eq!(seen, ["CVE-0", "CVE-1", "CVE-2", "CVE-3", "CVE-4"]);
    assert_eq!(scene.findings().code(), "ScanNotFoundException");
}

#[test]
fn both_kinds_of_scan_have_their_own_shape() {
    let basic = Scene::new(ScanType::Basic);
    let old = Completed::Ago(SignedDuration::from_hours(24));
    let findings = Findings { completed: old, ..some(1) };
    basic.cloud.script_scan("team/app", vec![ScanStep::Finished(findings)]);
    let found = basic.findings().json()["imageScanFindings"].clone();
    assert_eq!(found["findings"][0]["severity"], "HIGH");
    assert_eq!(found["enhancedFindings"], Value::Null);
    let day_ago = jiff::Timestamp::now().as_second() - 86_300;
    assert!(found["imageScanCompletedAt"].as_i64().is_some_and(|it| it < day_ago));

    let enhanced = Scene::new(ScanType::Enhanced);
    let counts = [("CRITICAL".to_owned(), 7)].into();
    let findings = Findings { counts: Some(counts), completed: Completed::Unsaid, ..some(1) };
    enhanced.cloud.script_scan("team/app", vec![ScanStep::Finished(findings)]);
    let found = enhanced.findings().json()["imageScanFindings"].clone();
    assert_eq!(found["findings"], Value::Null);
    let details = &found["enhancedFindings"][0]["packageVulnerabilityDetails"];
    assert_eq!(details["vulnerablePackages"][0]["name"], "libc6");
    assert_eq!(found["findingSeverityCounts"], json!({"CRITICAL": 7}));
    assert_eq!(found["imageScanCompletedAt"], Value::Null);
}

#[test]
fn a_basic_scan_is_asked_for_once_and_an_enhanced_one_never() {
    let basic = Scene::new(ScanType::Basic);
    for _ in 0..2 {
        assert_eq!(basic.findings().code(), "ScanNotFoundException");
    }
    let start = |scene: &Scene| scene.ask("StartImageScan", &scene.image, &json!({}));
    assert_eq!(start(&basic).json()["imageScanStatus"]["status"], "IN_PROGRESS");
    assert_eq!(start(&basic).code(), "LimitExceededException");
    assert_eq!(basic.findings().json()["imageScanStatus"]["status"], "COMPLETE");
    let enhanced = Scene::new(ScanType::Enhanced);
    assert_eq!(start(&enhanced).code(), "ValidationException");

    let store = basic.cloud.registry().store();
    let index = store.put_manifest("team/app", "{ }".into(), media_type::OCI_INDEX);
    let answer = basic.ask("StartImageScan", &index, &json!({}));
    assert_eq!(answer.code(), "UnsupportedImageTypeException");
    let answer = basic.ask("DescribeImageScanFindings", &index, &json!({}));
    assert_eq!(answer.code(), "ScanNotFoundException");
    let absent = Digest::sha256_of(b"absent");
    let answer = basic.ask("DescribeImageScanFindings", &absent, &json!({}));
    assert_eq!(answer.code(), "ImageNotFoundException");
}
