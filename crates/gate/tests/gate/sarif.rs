//! SARIF of grype, trivy and others.

use boltseal_core::{Exit, Severity};
use boltseal_gate::Listed;
use serde_json::{Value, json};

use crate::sample::{SCANNED, counts, digest, refused, report, sarif};

fn severity(rule: Value, result: Value) -> Severity {
    let mut result = result;
    result["ruleId"] = json!("R1");
    let rules = json!([{"id": "other"}, rule]);
    report(&sarif("scan-it", rules, json!([result]))).findings[0].severity
}

fn trivy_result(label: &str, level: &str) -> Value {
    json!({"ruleId": "CVE-1", "ruleIndex": 0, "level": level, "message": {"text": format!(
        "Package: zlib\nInstalled Version: 1.3\nVulnerability CVE-1\nSeverity: {label}\nFixed Version: 1.4\nLink: [x](y)")},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": "app/a.jar"}, "region": {"startLine": 1}}}]})
}

fn trivy_rule(label: &str, score: &str) -> Value {
    json!({"id": "CVE-1", "properties": {"tags": ["vulnerability", "security", label],
        "security-severity": score}})
}

#[test]
fn trivys_results_have_trivys_own_severity_and_not_the_score() {
    let read = report(&sarif(
        "Trivy",
        json!([trivy_rule("LOW", "9.8")]),
        json!([trivy_result("LOW", "note")]),
    ));
    let finding = &read.findings[0];
    assert_eq!((finding.severity, finding.package.as_str()), (Severity::Low, "zlib"));
    assert_eq!((finding.version.as_str(), finding.fixed_in.as_deref()), ("1.3", Some("1.4")));
    assert_eq!((finding.id.as_str(), finding.place.as_str()), ("CVE-1", "app/a.jar:1"));
    // The rule is that of the first package; the message is each result's own.
    let rules = json!([trivy_rule("LOW", "2.0")]);
    let own = report(&sarif("Trivy", rules, json!([trivy_result("CRITICAL", "error")])));
    assert_eq!(own.counts().critical, 1);
}

#[test]
fn a_label_that_the_level_denies_is_not_believed() {
    // As from a file name with line breaks.
    let rules = json!([trivy_rule("CRITICAL", "9.8")]);
    let read = report(&sarif("Trivy", rules, json!([trivy_result("LOW", "error")])));
    assert_eq!(read.counts().critical, 1);
    let rules = json!([trivy_rule("LOW", "2.0")]);
    let read = report(&sarif("Trivy", rules, json!([trivy_result("LOW", "error")])));
    assert_eq!(read.counts().high, 1);
}

#[test]
fn trivys_image_is_read_from_the_run() {
    let mut value = sarif("Trivy", json!([]), json!([]));
    value["runs"][0]["properties"] = json!({"imageName": "app:ci", "imageID": digest("app config"),
        "repoDigests": [format!("r.example/app@{}", digest("app"))], "repoTags": []});
    let image = report(&value).image;
    assert_eq!(
        (image.image_ids, image.repo_digests),
        (vec![digest("app config")], vec![digest("app")])
    );
    assert_eq!(image.name.as_deref(), Some("app:ci"));
}

fn grype_result(label: &str, level: &str, image: &str) -> Value {
    let place = format!("{image}@{}:/var/lib/dpkg/status", digest("layer"));
    json!({"ruleId": "CVE-1-zlib1g", "level": level, "message": {"text": format!(
        "A {label} vulnerability in deb package: zlib1g, version 1.3 was found in image {image} at: /x")},
        "locations": [{"logicalLocations": [{"fullyQualifiedName": place}]}]})
}

#[test]
fn grypes_results_have_grypes_own_severity_and_not_the_score() {
    let rules = json!([{"id": "CVE-1-zlib1g", "properties": {"security-severity": "9.8"}}]);
    let read = report(&sarif("grype", rules, json!([grype_result("medium", "warning", "app:ci")])));
    let finding = &read.findings[0];
    assert_eq!((finding.id.as_str(), finding.severity), ("CVE-1", Severity::Medium));
    assert_eq!((finding.package.as_str(), finding.version.as_str()), ("zlib1g", "1.3"));
    assert!(finding.place.ends_with(":/var/lib/dpkg/status"));
    // A layer's digest is no claim about the image; a pinned name is.
    assert!(read.image.is_unnamed());
    assert_eq!(read.image.name.as_deref(), Some("app:ci"));
    let pinned = format!("r.example/app@{}", digest("app"));
    let read = report(&sarif("grype", json!([]), json!([grype_result("low", "note", &pinned)])));
    assert_eq!(read.image.repo_digests, [digest("app")]);
}

#[test]
fn other_tools_have_a_label_a_tag_a_score_or_a_level_in_this_order() {
    let rule = |properties: Value| json!({"id": "R1", "properties": properties});
    let all =
        json!({"severity": "critical", "tags": ["security", "LOW"], "security-severity": "5.0"});
    assert_eq!(severity(rule(all.clone()), json!({"level": "note"})), Severity::Critical);
    let result = json!({"level": "note", "properties": {"severity": "medium"}});
    assert_eq!(severity(rule(all), result), Severity::Medium);
    let tagged = json!({"tags": ["security", "LOW"], "security-severity": "9.8"});
    assert_eq!(severity(rule(tagged), json!({"level": "error"})), Severity::Low);
    for (score, expected) in [
        ("9.0", Severity::Critical),
        ("7.0", Severity::High),
        ("4.0", Severity::Medium),
        ("0.1", Severity::Low),
        ("0.0", Severity::Unknown),
    ] {
        let scored = rule(json!({"security-severity": score}));
        assert_eq!(severity(scored, json!({"level": "error"})), expected, "{score}");
    }
    let nothing = || rule(json!({"tags": ["", "security", "external/cwe/cwe-20"]}));
    for (level, expected) in [
        ("error", Severity::High),
        ("warning", Severity::Medium),
        ("note", Severity::Low),
        ("none", Severity::Informational),
    ] {
        assert_eq!(severity(nothing(), json!({"level": level})), expected, "{level}");
    }
}

#[test]
fn a_level_comes_from_the_rule_or_is_a_warning() {
    let rule = json!({"id": "R1", "defaultConfiguration": {"level": "error"}});
    assert_eq!(severity(rule, json!({})), Severity::High);
    assert_eq!(severity(json!({"id": "R1"}), json!({})), Severity::Medium);
    assert_eq!(severity(json!({"id": "R1"}), json!({"kind": "review"})), Severity::Informational);
}

#[test]
fn a_rule_is_found_by_id_and_else_by_index() {
    let rules = json!([{"id": "R0", "properties": {"security-severity": "9.9"}}, {"id": "R1"}]);
    let by_index = json!([{"ruleIndex": 0, "level": "note"}]);
    assert_eq!(report(&sarif("x", rules.clone(), by_index)).findings[0].id, "R0");
    // Some scanners write index 0 everywhere.
    let both = json!([{"ruleId": "R1", "ruleIndex": 0, "level": "note"}]);
    assert_eq!(report(&sarif("x", rules.clone(), both)).counts().low, 1);
    let nested = json!([{"rule": {"index": 0}, "level": "note"}]);
    assert_eq!(report(&sarif("x", rules.clone(), nested)).counts().critical, 1);
    let nameless = refused(&sarif("x", rules, json!([{"level": "note"}])));
    assert_eq!(nameless.expected, "the id of a rule at runs[0].results[0].ruleId");
}

#[test]
fn labels_scores_and_levels_that_nobody_knows_are_refused() {
    let value = |rule: Value, result: Value| sarif("x", json!([rule]), json!([result]));
    let known = |level: &str| json!({"ruleId": "R1", "level": level});
    let odd_level = refused(&value(json!({"id": "R1"}), known("fatal")));
    assert_eq!((odd_level.code, odd_level.exit), ("unknown-severity", Exit::Invalid));
    let rule = json!({"id": "R1", "properties": {"severity": "scary"}});
    assert_eq!(refused(&value(rule, known("note"))).code, "unknown-severity");
    for score in ["11", "bad"] {
        let rule = json!({"id": "R1", "properties": {"security-severity": score}});
        assert_eq!(refused(&value(rule, known("note"))).code, "report-invalid", "{score}");
    }
}

#[test]
fn only_an_accepted_suppression_suppresses() {
    let result = |suppressions: Value, place: &str| {
        json!({"ruleId": "R1", "level": "error", "suppressions": suppressions,
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": place}}}]})
    };
    let read = report(&sarif(
        "x",
        json!([{"id": "R1"}]),
        json!([
            result(json!([{"kind": "external", "status": "accepted"}]), "a"),
            result(json!([{"kind": "external"}]), "b"),
            result(json!([{"status": "accepted"}, {"status": "underReview"}]), "c"),
            result(json!([]), "d"),
        ]),
    ));
    assert_eq!((read.counts().high, read.suppressed.len()), (3, 1));
    assert_eq!(read.suppressed[0].place, "a");
}

#[test]
fn results_that_found_nothing_do_not_count() {
    let read = report(&sarif(
        "x",
        json!([]),
        json!([
        {"ruleId": "R1", "kind": "pass"}, {"ruleId": "R2", "kind": "notApplicable"},
        {"ruleId": "R3", "level": "error", "baselineState": "absent"},
        {"ruleId": "R4", "level": "error", "baselineState": "unchanged"}]),
    ));
    assert_eq!(read.counts(), counts([0, 1, 0, 0, 0, 0]));
}

#[test]
fn a_run_that_did_not_finish_is_no_answer() {
    let mut value = sarif("x", json!([]), json!([]));
    assert_eq!(report(&value).counts(), counts([0; 6]));
    value["runs"][0]["invocations"][0]["executionSuccessful"] = json!(false);
    let reason = refused(&value);
    assert_eq!((reason.code, reason.exit), ("scan-unfinished", Exit::Undetermined));
    assert_eq!(reason.found, "status executionSuccessful: false");
    value["runs"][0]["invocations"] = json!([]);
    value["runs"][0]["results"] = Value::Null;
    assert_eq!(refused(&value).expected, "a list of results at runs[0].results");
    value["runs"] = json!([]);
    assert_eq!(refused(&value).code, "report-empty");
}

#[test]
fn the_time_is_that_of_the_oldest_run_if_all_say() {
    let mut value = sarif("x", json!([]), json!([]));
    assert_eq!(report(&value).packages, Listed::NotListed);
    let mut second = value["runs"][0].clone();
    second["invocations"][0] = json!({"startTimeUtc": "2026-02-01T00:00:00Z"});
    value["runs"].as_array_mut().unwrap().push(second);
    assert_eq!(report(&value).scanned_at, Some("2026-02-01T00:00:00Z".parse().unwrap()));
    value["runs"][1]["invocations"] = json!([]);
    assert_eq!(report(&value).scanned_at, None);
    assert_eq!(
        report(&sarif("x", json!([]), json!([]))).scanned_at,
        Some(SCANNED.parse().unwrap())
    );
}
