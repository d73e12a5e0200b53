//! trivy's JSON.

use boltseal_core::Exit;
use boltseal_gate::Listed;
use serde_json::json;

use crate::sample::{SCANNED, counts, digest, refused, report, trivy, trivy_debian, trivy_row};

#[test]
fn every_row_counts_with_trivys_own_severity() {
    let severities = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "UNKNOWN", ""];
    let rows = severities.iter().enumerate();
    let rows: Vec<_> = rows.map(|(n, word)| trivy_row(&format!("CVE-{n}"), "zlib", word)).collect();
    let read = report(&trivy(&[trivy_debian(&["zlib"], &rows)]));
    assert_eq!(read.counts(), counts([1, 1, 1, 1, 0, 2]));
}

#[test]
fn the_same_row_in_two_targets_counts_twice_and_in_one_once() {
    let row = trivy_row("CVE-1", "lodash", "HIGH");
    let target = |name: &str, rows: serde_json::Value| json!({"Target": name, "Class": "lang-pkgs", "Type": "npm", "Vulnerabilities": rows});
    let mut with_path = row.clone();
    with_path["PkgPath"] = json!("b/package.json");
    let results = [
        target("a/package-lock.json", json!([row, row])),
        target("b/package-lock.json", json!([row, with_path])),
    ];
    let read = report(&trivy(&results));
    assert_eq!(read.counts().high, 3);
    assert_eq!(read.findings[2].place, "b/package.json");
    assert_eq!(read.findings[0].fixed_in.as_deref(), Some("1.4"));
}

#[test]
fn secrets_and_failed_checks_are_rows_too_and_licences_are_said() {
    let read = report(&trivy(&[
        json!({"Target": "app/.env", "Class": "secret", "Secrets": [
            {"RuleID": "aws-access-key-id", "Severity": "CRITICAL", "StartLine": 3, "Match": "***"},
            {"RuleID": "aws-access-key-id", "Severity": "CRITICAL", "StartLine": 9, "Match": "***"}]}),
        json!({"Target": "Dockerfile", "Class": "config", "Misconfigurations": [
            {"ID": "DS002", "Severity": "HIGH", "Status": "FAIL", "CauseMetadata": {"StartLine": 1}},
            {"ID": "DS003", "Severity": "HIGH", "Status": "PASS"},
            {"ID": "DS004", "Severity": "HIGH", "Status": "EXCEPTION"}]}),
        json!({"Target": "OS Packages", "Class": "license", "Licenses": [
            {"Severity": "HIGH", "PkgName": "bash", "Name": "GPL-3.0-only"}]}),
    ]));
    assert_eq!(read.counts(), counts([2, 1, 0, 0, 0, 0]));
    assert_eq!(read.findings[1].place, "app/.env:9");
    assert_eq!(read.findings[2].place, "Dockerfile:1");
    assert_eq!(read.notes, ["rows about licences, which are not judged: 1"]);
}

#[test]
fn suppressed_findings_stay_out() {
    let mut result = trivy_debian(&["zlib"], &[]);
    result["ExperimentalModifiedFindings"] =
        json!([{"Type": "vulnerability", "Finding": trivy_row("CVE-1", "zlib", "CRITICAL")}]);
    assert_eq!(report(&trivy(&[result])).counts(), counts([0; 6]));
}

#[test]
fn a_label_that_nobody_knows_is_refused() {
    let rows = [trivy_row("CVE-7", "zlib", "SEVERE")];
    let reason = refused(&trivy(&[trivy_debian(&["zlib"], &rows)]));
    assert_eq!((reason.code, reason.exit), ("unknown-severity", Exit::Invalid));
    assert!(reason.found.contains("SEVERE") && reason.found.contains("CVE-7"), "{reason:?}");
}

#[test]
fn version_time_and_image_are_read() {
    let mut value = trivy(&[]);
    let named = format!("registry.example/app@{}", digest("app"));
    value["Metadata"]["RepoDigests"] = json!([named]);
    let read = report(&value);
    assert_eq!(
        (read.scanner.name.as_str(), read.scanner.version.as_deref()),
        ("trivy", Some("0.70.0"))
    );
    assert_eq!(read.scanned_at, Some(SCANNED.parse().unwrap()));
    assert_eq!(read.image.image_ids, [digest("app config")]);
    assert_eq!(read.image.repo_digests, [digest("app")]);
    value["CreatedAt"] = json!("0001-01-01T00:00:00Z");
    assert_eq!(report(&value).scanned_at, None);
}

#[test]
fn listed_packages_have_the_kind_of_their_purl_or_result() {
    let bare = json!({"Target": "app", "Class": "lang-pkgs", "Type": "gobinary",
        "Packages": [{"Name": "stdlib", "Version": "v1.24"}]});
    let Listed::Packages(packages) = report(&trivy(&[trivy_debian(&["zlib"], &[]), bare])).packages
    else {
        panic!("trivy lists packages");
    };
    let kinds: Vec<_> = packages.iter().map(|it| (it.kind.as_str(), it.name.as_str())).collect();
    assert_eq!(kinds, [("deb", "zlib"), ("golang", "stdlib")]);
}

#[test]
fn a_report_without_any_list_is_silent_unless_lists_are_the_default() {
    let silent = json!({"Target": "app (debian 13)", "Class": "os-pkgs", "Type": "debian"});
    let mut value = trivy(&[silent]);
    assert_eq!(report(&value).packages, Listed::Packages(Vec::new()));
    value.as_object_mut().unwrap().remove("Trivy");
    assert_eq!(report(&value).packages, Listed::NotListed);
    // Nothing about packages at all: trivy saw no operating system and no language.
    value["Results"] = json!([{"Target": "app/.env", "Class": "secret"}]);
    assert_eq!(report(&value).packages, Listed::Packages(Vec::new()));
}

#[test]
fn a_clean_report_may_leave_its_results_or_its_name_out() {
    for key in ["Results", "ArtifactName"] {
        let mut value = trivy(&[]);
        value.as_object_mut().unwrap().remove(key);
        assert_eq!(report(&value).counts(), counts([0; 6]), "{key}");
    }
}
