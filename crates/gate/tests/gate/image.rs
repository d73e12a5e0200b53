//! The image that a report is about, and the platforms of an index.

use boltseal_core::Exit;
use boltseal_gate::{GateRequest, GateSubject, Outcome, PlatformImage, judge};
use serde_json::{Value, json};

use crate::sample::{
    app, codes, counts, decide_for, digest, ecr_basic, grype, grype_match, now, read, report, sarif,
};

fn about(config: &str, rows: &[Value]) -> Value {
    let mut value = grype(rows);
    value["source"]["target"]["imageID"] = json!(digest(config));
    value
}

#[test]
fn any_digest_of_ours_names_the_image() {
    assert_eq!(decide_for(&[report(&grype(&[]))], app(None)).outcome, Outcome::Passed);
    let by_manifest = report(&ecr_basic(&[], json!({})));
    assert_eq!(decide_for(&[by_manifest], app(None)).outcome, Outcome::Passed);
    let mut by_repo_digest = about("other config", &[]);
    by_repo_digest["source"]["target"]["repoDigests"] =
        json!([format!("r.example/app@{}", digest("app"))]);
    assert_eq!(decide_for(&[report(&by_repo_digest)], app(None)).outcome, Outcome::Passed);
}

#[test]
fn a_report_about_another_image_is_refused() {
    let decision = decide_for(&[report(&about("yesterday's config", &[]))], app(None));
    assert_eq!((codes(&decision), decision.exit()), (vec!["report-other-image"], Exit::Gate));
    let reason = &decision.reasons[0];
    assert!(reason.expected.contains(&digest("app").to_string()), "{reason:?}");
    assert!(reason.expected.contains("registry.example/app:1"), "{reason:?}");
    assert!(reason.found.contains(&digest("yesterday's config").to_string()), "{reason:?}");
    // Its counts stand in the result, but not as the platform's.
    let rows = [grype_match("CVE-1", "a", "Low")];
    let decision = decide_for(&[report(&about("x", &rows))], app(None));
    assert_eq!((decision.counts.low, decision.platforms[0].counts.low), (1, 0));
}

#[test]
fn a_report_that_names_no_digest_is_taken_and_said() {
    let decision = decide_for(&[report(&sarif("x", json!([]), json!([])))], app(None));
    assert_eq!(decision.outcome, Outcome::Passed);
    assert_eq!(decision.notes[0], "report.json: the report names no digest of the image");
    let mut named = grype(&[]);
    named["source"] = json!({"type": "directory", "target": "/src"});
    let decision = decide_for(&[report(&named)], app(None));
    assert_eq!(
        decision.notes[0],
        "report.json: the report names no digest of the image, only /src"
    );
}

#[test]
fn an_image_without_any_report_is_refused() {
    let decision = decide_for(&[], app(None));
    assert_eq!((codes(&decision), decision.exit()), (vec!["platform-without-report"], Exit::Gate));
    // An index of nothing but attestations has no platform to judge.
    let nothing =
        GateSubject { index: Some(digest("index")), names: Vec::new(), platforms: Vec::new() };
    assert_eq!(codes(&decide_for(&[], nothing.clone())), ["no-report"]);
    assert_eq!(codes(&decide_for(&[report(&grype(&[]))], nothing)), ["report-other-image"]);
}

fn index() -> GateSubject<'static> {
    let child = |platform: &str| PlatformImage {
        platform: Some(platform.parse().expect("a platform")),
        digest: digest(&format!("{platform} manifest")),
        config: digest(&format!("{platform} config")),
        inventory: None,
    };
    let platforms = vec![child("linux/amd64"), child("linux/arm64")];
    GateSubject { index: Some(digest("index")), names: Vec::new(), platforms }
}

#[test]
fn every_platform_is_judged_by_its_own_reports() {
    let amd = report(&about(
        "linux/amd64 config",
        &[grype_match("CVE-1", "a", "Low"), grype_match("CVE-2", "a", "Low")],
    ));
    let arm = report(&about("linux/arm64 config", &[grype_match("CVE-1", "a", "Medium")]));
    let decision = decide_for(&[amd, arm], index());
    assert_eq!((decision.outcome, decision.counts), (Outcome::Passed, counts([0, 0, 1, 2, 0, 0])));
    let [one, two] = &decision.platforms[..] else { panic!("{:?}", decision.platforms) };
    assert_eq!((one.counts, two.counts), (counts([0, 0, 0, 2, 0, 0]), counts([0, 0, 1, 0, 0, 0])));
    let json = serde_json::to_value(&decision).unwrap();
    assert_eq!(
        json["platforms"][1],
        json!({"platform": "linux/arm64",
        "digest": digest("linux/arm64 manifest"), "reports": ["report.json"],
        "counts": {"critical": 0, "high": 0, "medium": 1, "low": 0, "informational": 0, "unknown": 0}})
    );
}

#[test]
fn a_platform_without_a_report_is_refused() {
    let decision = decide_for(&[report(&about("linux/amd64 config", &[]))], index());
    assert_eq!((codes(&decision), decision.exit()), (vec!["platform-without-report"], Exit::Gate));
    let reason = &decision.reasons[0];
    assert_eq!(reason.expected, "a report about linux/arm64");
    assert_eq!(reason.found, "none among 1 report");
    assert_eq!(reason.place, digest("linux/arm64 manifest").to_string());
}

#[test]
fn a_platform_whose_report_could_not_be_read_has_that_reason_alone() {
    let reports = [report(&about("linux/amd64 config", &[]))];
    let unreadable = vec![read(&json!({})).unwrap_err().into()];
    let request =
        GateRequest { subject: Some(index()), unreadable, ..GateRequest::new(&reports, now()) };
    assert_eq!(codes(&judge(&request)), ["report-empty"]);
}

#[test]
fn one_platform_refused_refuses_the_image() {
    let amd = report(&about("linux/amd64 config", &[]));
    let arm = report(&about("linux/arm64 config", &[grype_match("CVE-1", "a", "Critical")]));
    assert_eq!(codes(&decide_for(&[amd, arm], index())), ["over-threshold"]);
}

#[test]
fn a_report_must_say_which_platform_of_an_index_it_is_about() {
    let amd = || report(&about("linux/amd64 config", &[]));
    let arm = || report(&about("linux/arm64 config", &[]));
    let unnamed = report(&sarif("x", json!([]), json!([])));
    let decision = decide_for(&[amd(), arm(), unnamed], index());
    assert_eq!((codes(&decision), decision.exit()), (vec!["report-platform-unknown"], Exit::Gate));
    assert!(decision.reasons[0].expected.contains("linux/amd64, linux/arm64"));

    let mut by_index = grype(&[]);
    let target = &mut by_index["source"]["target"];
    target["imageID"] = json!(null);
    target["repoDigests"] = json!([format!("r.example/app@{}", digest("index"))]);
    target["architecture"] = json!("arm64");
    assert_eq!(decide_for(&[amd(), report(&by_index)], index()).outcome, Outcome::Passed);
    by_index["source"]["target"]["architecture"] = json!(null);
    let decision = decide_for(&[amd(), arm(), report(&by_index)], index());
    assert_eq!(codes(&decision), ["report-platform-unknown"]);
    assert_eq!(decision.reasons[0].found, "one that names the index and no platform of it");
}
