//! The gate against the previous release: its own evidence, verified with this run's keys.

use boltseal_core::Severity;
use boltseal_testkit::registry::{Fault, Options, What, When};
use boltseal_testkit::report::Scan;
use serde_json::Value;

use crate::harness::codes;
use crate::release::Place;

pub(crate) const PREVIOUS: [&str; 4] = ["--moving-tag", "latest", "--baseline", "previous-release"];
const ANY: [&str; 2] = ["--max-high", "unlimited"];

/// A report of the image with these high findings.
pub(crate) fn scan(place: &Place, name: &str, ids: &[&str]) -> String {
    let high = |scan: Scan, id: &&str| scan.vulnerability(id, "libc6", Severity::High);
    let scan = ids.iter().fold(Scan::of(&place.image), high);
    place.sandbox.write(name, scan.trivy())
}

/// A first release with two findings, which was allowed them.
pub(crate) fn with_a_past() -> Place {
    let place = Place::new(Options::default());
    let report = scan(&place, "first.json", &["CVE-2026-1", "CVE-2026-2"]);
    let words = [&["--scan", &report, "--moving-tag", "latest"][..], &ANY].concat();
    place.release("1.0", &words).exits(0);
    place
}

fn numbers(result: &Value) -> [i64; 4] {
    let diff = &result["gate"]["diff"];
    ["new", "fixed", "carried", "waived"].map(|it| diff[it]["count"].as_i64().unwrap_or(-1))
}

#[test]
fn only_new_findings_count() {
    let place = with_a_past();
    let same = scan(&place, "same.json", &["CVE-2026-2"]);
    let gated =
        |report: &str, more: &[&str]| place.release("1.1", &[&["--scan", report], more].concat());
    let all = gated(&same, &[]).exits(10).json();
    assert!(all["gate"].get("diff").is_none(), "no baseline, no diff");
    let more = scan(&place, "more.json", &["CVE-2026-2", "CVE-2026-3"]);
    let refused = gated(&more, &PREVIOUS).exits(10).json();
    assert_eq!(codes(&refused), ["over-threshold"]);
    assert_eq!(numbers(&refused), [1, 1, 1, 0]);
    let found = refused["reasons"][0]["found"].as_str().expect("found");
    assert!(found.contains("CVE-2026-3") && !found.contains("CVE-2026-2"), "{found}");
    let passed = gated(&same, &PREVIOUS).exits(0).json();
    assert_eq!(numbers(&passed), [0, 1, 1, 0]);
    assert_eq!(passed["gate"]["diff"]["baseline"], place.image.digest().to_string());
    let again = gated(&same, &PREVIOUS).exits(0).json();
    assert_eq!(again["outcome"], "already-released", "the previous release is now this one");
    let text = place.sandbox.boltseal(&[
        "release",
        "oci:image:1",
        "--to",
        &place.to("1.1"),
        "--key",
        &place.key.private,
        "--scan",
        &same,
        "--moving-tag",
        "latest",
        "--baseline",
        "previous-release",
        "--dry-run",
    ]);
    let text = text.exits(0);
    let said = format!("{}{}", text.stdout, text.stderr);
    assert!(said.contains("carried") && said.contains("fixed"), "{said}");
}

#[test]
fn a_release_that_is_named_is_the_baseline() {
    let place = with_a_past();
    let same = scan(&place, "same.json", &["CVE-2026-1"]);
    let by_digest = format!("{}@{}", place.server.repository("team/app"), place.image.digest());
    for baseline in [place.to("1.0"), by_digest] {
        let words = ["--scan", &*same, "--baseline", &baseline, "--dry-run"];
        let passed = place.release("1.1", &words).exits(0).json();
        assert_eq!(numbers(&passed), [0, 1, 1, 0]);
    }
    place.sandbox.write("boltseal.toml", format!("[gate]\nbaseline = \"{}\"\n", place.to("1.0")));
    place.release("1.1", &["--scan", &same, "--dry-run"]).exits(0);
    place.sandbox.write("boltseal.toml", "");
    let words = ["--scan", &*same, "--baseline", "previous-release"];
    let refused = place.release("1.1", &words).exits(2);
    refused.complains("--moving-tag");
}

/// Every finding is new, and it is said why.
#[track_caller]
fn all_new(result: &Value, why: &str) {
    let diff = &result["gate"]["diff"];
    assert_eq!(diff["baseline"], Value::Null, "{result:#}");
    assert!(diff["problem"].as_str().is_some_and(|it| it.contains(why)), "{diff:#}");
    assert_eq!((numbers(result)[2], codes(result)), (0, vec!["over-threshold"]), "{result:#}");
}

#[test]
fn without_a_previous_release_that_verifies_every_finding_is_new() {
    let place = Place::new(Options::default());
    let report = scan(&place, "r.json", &["CVE-2026-1"]);
    let words = [&["--scan", &*report][..], &PREVIOUS].concat();
    let first = place.release("1.0", &words).exits(10).json();
    all_new(&first, "there is no image");

    place.release("1.0", &["--scan", "none", "--moving-tag", "latest"]).exits(0);
    all_new(&place.release("1.1", &words).exits(10).json(), "evidence-missing");

    let past = with_a_past();
    let report = scan(&past, "r.json", &["CVE-2026-1"]);
    let stranger = past.sandbox.key_pair("stranger");
    let to = past.to("1.1");
    let release = ["release", "oci:image:1", "--to", &to, "--key", &stranger.private];
    let more = ["--scan", &*report, "--format", "json"];
    let run = past.sandbox.boltseal(&[&release[..], &more, &PREVIOUS].concat());
    all_new(&run.exits(10).json(), "unknown-signer");
}

#[test]
fn a_baseline_that_could_not_be_found_out_is_undetermined() {
    let place = with_a_past();
    let report = scan(&place, "r.json", &["CVE-2026-1"]);
    let tag = "/v2/team/app/manifests/latest";
    let when = When::matching("GET", tag);
    place.server.fault(Fault { when, what: What::server_error() });
    let words = [&["--scan", &*report, "--patience", "1"][..], &PREVIOUS].concat();
    let result = place.release("1.1", &words).exits(21).json();
    assert_eq!(result["outcome"], "undetermined");
    assert_eq!(result["pushed"], true, "the image is there from before");
}
