//! `gate`: reports against limits.

use boltseal_core::Severity;
use boltseal_testkit::image::debian_like;
use boltseal_testkit::report::Scan;
use serde_json::json;

use crate::harness::{Run, Sandbox, codes};

const CRITICAL: &str = "CVE-2026-1000";

/// A sandbox with a report of trivy and one of grype, both with one critical and one low finding.
fn scanned() -> Sandbox {
    let sandbox = Sandbox::new();
    let scan = Scan::of(&debian_like())
        .vulnerability(CRITICAL, "libssl3", Severity::Critical)
        .vulnerability("CVE-2026-1001", "zlib1g", Severity::Low);
    sandbox.write("trivy.json", scan.trivy());
    sandbox.write("grype.json", scan.grype());
    sandbox
}

fn gate(sandbox: &Sandbox, words: &[&str]) -> Run {
    sandbox.boltseal(&[&["gate", "--format", "json"], words].concat())
}

#[test]
fn one_critical_finding_is_one_too_many() {
    let sandbox = scanned();
    for report in ["trivy.json", "grype.json"] {
        let result = gate(&sandbox, &[report]).exits(10).json();
        assert_eq!(result["schema"], "boltseal.gate/v1");
        assert_eq!(result["outcome"], "refused");
        let counts = json!({"critical": 1, "high": 0, "medium": 0, "low": 1,
            "informational": 0, "unknown": 0});
        assert_eq!(result["counts"], counts);
        assert_eq!(result["thresholds"]["critical"], 0);
        assert_eq!(result["thresholds"]["low"], "unlimited");
        assert_eq!(result["reports"][0]["file"], report);
        assert_eq!(result["reports"][0]["counts"], counts);
        assert!(result["reports"][0]["scanner"]["name"].is_string());
        assert!(result["reasons"][0]["found"].as_str().unwrap().contains('1'));
    }
}

#[test]
fn limits_are_met_by_as_many() {
    let sandbox = scanned();
    let passed = gate(&sandbox, &["trivy.json", "grype.json", "--max-critical", "1"]).exits(0);
    assert_eq!(passed.json()["outcome"], "passed");
    gate(&sandbox, &["trivy.json", "--max-critical", "unlimited"]).exits(0);
    gate(&sandbox, &["trivy.json", "--max-critical", "1", "--max-low", "0"]).exits(10);
    gate(&sandbox, &["trivy.json", "--max-critical", "-1"]).exits(2);
    gate(&sandbox, &["trivy.json", "--max-critical=-1"]).exits(2);
}

#[test]
fn people_read_the_verdict_first() {
    let sandbox = scanned();
    let refused = sandbox.boltseal(&["gate", "trivy.json"]).exits(10);
    assert_eq!(refused.stdout, "");
    assert!(refused.stderr.starts_with("REFUSED"), "{}", refused.stderr);
    for part in ["expected", "found", "where", "fix", "critical", "over", "trivy.json"] {
        assert!(refused.stderr.contains(part), "no {part} in {}", refused.stderr);
    }
    let passed = sandbox.boltseal(&["gate", "trivy.json", "--max-critical", "1"]).exits(0);
    assert!(passed.stdout.starts_with("PASSED"), "{}", passed.stdout);
    assert!(!passed.stdout.contains('\u{1b}'), "no colours but on a terminal");
}

#[test]
fn a_waiver_counts_until_its_day() {
    let sandbox = scanned();
    let waiver = |day: &str| {
        format!(
            "[[waiver]]\nid = \"{CRITICAL}\"\npackage = \"libssl3\"\nreason = \"not reachable\"\n\
             owner = \"team@example.com\"\nexpires = {day}\n"
        )
    };
    sandbox.write("valid.toml", waiver("2999-12-31"));
    sandbox.write("expired.toml", waiver("2020-12-31"));
    sandbox.write("wrong.toml", "[[waiver]]\nid = \"*\"\n");
    let run = gate(&sandbox, &["trivy.json", "--waivers", "valid.toml"]).exits(0);
    let result = run.json();
    assert_eq!(
        (&result["waived"][0]["id"], &result["counts"]["critical"]),
        (&json!(CRITICAL), &json!(0))
    );
    let run = gate(&sandbox, &["trivy.json", "--waivers", "expired.toml"]).exits(10);
    assert!(run.stdout.contains("2020-12-31"), "{}", run.stdout);
    gate(&sandbox, &["trivy.json", "--waivers", "wrong.toml"]).exits(20);
    gate(&sandbox, &["trivy.json", "--waivers", "absent.toml"]).exits(20);
}

#[test]
fn an_old_report_is_no_answer() {
    let sandbox = scanned();
    let limits = ["--max-critical", "unlimited", "--max-scan-age"];
    let age = |age: &str| gate(&sandbox, &[&["trivy.json"], &limits[..], &[age]].concat());
    std::thread::sleep(std::time::Duration::from_millis(1100));
    age("0s").exits(10);
    age("1d").exits(0);
    age("unlimited").exits(0);
    age("soon").exits(2);
}

#[test]
fn what_cannot_be_read_is_never_clean() {
    let sandbox = scanned();
    sandbox.write("empty.json", "");
    sandbox.write("odd.json", r#"{"hello": "world"}"#);
    for (report, code) in [
        ("empty.json", "report-empty"),
        ("odd.json", "report-invalid"),
        ("absent.json", "report-unreadable"),
    ] {
        let run = gate(&sandbox, &["trivy.json", report, "--max-critical", "9"]).exits(20);
        assert_eq!(codes(&run.json()), [code]);
    }
    sandbox.boltseal(&["gate"]).exits(2);
}

#[test]
fn every_report_must_pass_and_all_reasons_are_said_in_order() {
    let sandbox = scanned();
    sandbox.write("empty.json", "");
    let result = gate(&sandbox, &["grype.json", "empty.json"]).exits(20).json();
    assert_eq!(codes(&result)[0], "report-empty");
    assert!(codes(&result).len() > 1, "{result}");
}

#[test]
fn the_result_goes_where_it_was_sent() {
    let sandbox = scanned();
    let run = gate(&sandbox, &["trivy.json", "--output", "result.json"]).exits(10);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.starts_with("REFUSED"), "{}", run.stderr);
    let written: serde_json::Value = serde_json::from_str(&sandbox.read("result.json")).unwrap();
    assert_eq!(written["exit"], 10);
    let quiet = gate(&sandbox, &["trivy.json", "-q"]).exits(10);
    assert_eq!(quiet.stderr, "");
    quiet.json();
}

/// A report of an earlier release is a baseline, and what the configuration says of a release is
/// not taken for one.
#[test]
fn findings_of_an_earlier_report_do_not_count() {
    let sandbox = scanned();
    let clean = Scan::of(&debian_like()).vulnerability("CVE-2026-1001", "zlib1g", Severity::Low);
    sandbox.write("before.json", clean.grype());
    let same = gate(&sandbox, &["trivy.json", "--baseline", "grype.json"]).exits(0).json();
    assert_eq!(same["diff"]["baseline"], "grype.json");
    assert_eq!(same["diff"]["carried"]["count"], 2);
    assert_eq!(same["carried"].as_array().map(Vec::len), Some(2));
    let more = gate(&sandbox, &["trivy.json", "--baseline", "before.json"]).exits(10).json();
    assert_eq!(
        (&more["diff"]["new"]["count"], &more["findings"][0]["since"]),
        (&1.into(), &"new".into())
    );
    sandbox.write("empty.json", "");
    let unread = gate(&sandbox, &["trivy.json", "--baseline", "empty.json"]).exits(20).json();
    assert_eq!(codes(&unread)[0], "report-empty");
    sandbox.write("boltseal.toml", "[gate]\nbaseline = \"previous-release\"\n");
    let ignored = gate(&sandbox, &["trivy.json"]).exits(10).json();
    let note = ignored["notes"][0].as_str().expect("a note");
    assert!(note.contains("previous-release") && note.contains("--baseline REPORT"), "{note}");
    let named = gate(&sandbox, &["trivy.json", "--baseline", "grype.json"]).exits(0).json();
    assert_eq!(named["notes"], json!([]));
}
