//! CycloneDX with vulnerabilities, and what Inspector's `ScanSbom` makes of it.

use boltseal_core::{Exit, Severity};
use boltseal_gate::Listed;
use serde_json::{Value, json};

use crate::sample::{SCANNED, counts, cyclonedx, digest, rated, read, refused, report};

fn severity(ratings: Value) -> Severity {
    report(&cyclonedx(&[rated("CVE-1", "NVD", ratings)])).findings[0].severity
}

fn rating(source: &str, severity: &str) -> Value {
    json!({"source": {"name": source}, "severity": severity, "method": "CVSSv31"})
}

fn epss() -> Value {
    json!({"source": {"name": "EPSS"}, "severity": "none", "score": 0.9, "method": "other"})
}

#[test]
fn the_rating_of_the_own_source_counts() {
    let own_low = json!([rating("Amazon Linux", "critical"), rating("NVD", "low"), epss()]);
    assert_eq!(severity(own_low), Severity::Low);
    let own_unknown = json!([rating("Amazon Linux", "high"), rating("NVD", "unknown")]);
    assert_eq!(severity(own_unknown), Severity::Unknown);
    // Of several by the own source the highest.
    let two = json!([rating("NVD", "medium"), rating("NVD", "high")]);
    assert_eq!(severity(two), Severity::High);
}

#[test]
fn without_an_own_rating_the_highest_that_is_a_severity_counts() {
    let others =
        json!([epss(), rating("debian", "low"), rating("redhat", "high"), rating("x", "unknown")]);
    assert_eq!(severity(others), Severity::High);
    assert_eq!(
        severity(json!([rating("x", "unknown"), rating("y", "info")])),
        Severity::Informational
    );
    let mut anonymous =
        rated("CVE-1", "", json!([{"severity": "medium"}, {"severity": "critical"}]));
    anonymous["source"] = json!({});
    assert_eq!(report(&cyclonedx(&[anonymous])).counts().critical, 1);
}

#[test]
fn epss_and_other_scores_are_no_severities() {
    assert_eq!(severity(json!([epss()])), Severity::Unknown);
    assert_eq!(severity(json!([])), Severity::Unknown);
    assert_eq!(
        severity(json!([{"method": "other", "score": 1.0, "source": {"name": "KEV"}}])),
        Severity::Unknown
    );
    // EPSS by the own source is none either.
    assert_eq!(
        severity(
            json!([{"source": {"name": "NVD"}, "severity": "none", "score": 0.9, "method": "other"},
            rating("x", "high")])
        ),
        Severity::High
    );
}

#[test]
fn none_is_informational_where_it_is_a_severity() {
    // A CVSS of 0, and grype's negligible.
    assert_eq!(severity(json!([rating("NVD", "none")])), Severity::Informational);
    assert_eq!(severity(json!([{"severity": "none"}])), Severity::Informational);
}

#[test]
fn a_cvss_score_without_a_label_has_the_rating_of_its_version() {
    let score = |method: &str, score: f64| severity(json!([{"method": method, "score": score}]));
    assert_eq!(score("CVSSv31", 9.8), Severity::Critical);
    assert_eq!(score("CVSSv4", 7.0), Severity::High);
    assert_eq!(score("CVSSv2", 9.8), Severity::High);
    let bad = cyclonedx(&[rated("CVE-1", "NVD", json!([{"method": "CVSSv3", "score": 98}]))]);
    assert_eq!(
        refused(&bad).expected,
        "a CVSS score from 0 to 10 at vulnerabilities[0].ratings[0].score"
    );
}

#[test]
fn a_label_that_nobody_knows_is_refused() {
    let reason = refused(&cyclonedx(&[rated("CVE-9", "NVD", json!([rating("NVD", "serious")]))]));
    assert_eq!((reason.code, reason.exit), ("unknown-severity", Exit::Invalid));
    assert_eq!(reason.found, "\"serious\" for CVE-9");
}

#[test]
fn an_entry_counts_once_however_many_packages_it_affects() {
    let mut entry = rated("CVE-1", "NVD", json!([rating("NVD", "high")]));
    entry["affects"] = json!([{"ref": "zlib"}, {"ref": "nested"},
        {"ref": "urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#pkg:npm/%40a/left-pad@1.3.0?x=y"}]);
    let read = report(&cyclonedx(&[entry.clone(), entry]));
    assert_eq!(read.counts(), counts([0, 1, 0, 0, 0, 0]));
    assert_eq!(read.findings[0].package, "left-pad, minizip, zlib1g");
    assert_eq!(read.findings[0].version, "1.3.0, 1.1, 1.3");
    assert!(read.findings[0].place.ends_with("nested, zlib"), "{}", read.findings[0].place);
}

#[test]
fn what_the_document_says_does_not_count_is_suppressed() {
    let states = ["not_affected", "false_positive", "resolved", "resolved_with_pedigree"];
    let open = ["exploitable", "in_triage", ""];
    let entry = |state: &&str| {
        let mut entry = rated(&format!("CVE-{state}"), "NVD", json!([rating("NVD", "high")]));
        entry["analysis"] = json!({"state": state});
        entry
    };
    let entries: Vec<_> = states.iter().chain(&open).map(entry).collect();
    let read = report(&cyclonedx(&entries));
    assert_eq!((read.counts().high, read.suppressed.len()), (3, 4));
}

#[test]
fn a_bill_of_materials_is_no_report() {
    let mut value = cyclonedx(&[]);
    assert_eq!(report(&value).counts(), counts([0; 6]));
    value.as_object_mut().unwrap().remove("vulnerabilities");
    let reason = refused(&value);
    assert_eq!((reason.code, reason.exit), ("report-no-scan", Exit::Invalid));
}

#[test]
fn components_are_listed_at_every_level_and_the_operating_system_is_none() {
    let Listed::Packages(mut packages) = report(&cyclonedx(&[])).packages else {
        panic!("CycloneDX lists packages");
    };
    packages.sort_by(|one, other| one.name.cmp(&other.name));
    let names: Vec<_> = packages.iter().map(|it| (it.kind.as_str(), it.name.as_str())).collect();
    assert_eq!(names, [("deb", "minizip"), ("deb", "zlib1g")]);

    // Findings about another document's components list nothing; nothing at all lists nothing.
    let mut value = cyclonedx(&[rated("CVE-1", "NVD", json!([]))]);
    value.as_object_mut().unwrap().remove("components");
    assert_eq!(report(&value).packages, Listed::NotListed);
    value["vulnerabilities"] = json!([]);
    assert_eq!(report(&value).packages, Listed::Packages(Vec::new()));
}

#[test]
fn the_scanner_is_found_among_the_tools_of_every_version() {
    let mut value = cyclonedx(&[]);
    value["metadata"]["tools"] = json!([{"vendor": "x", "name": "syft", "version": "1"},
        {"vendor": "aquasecurity", "name": "trivy", "version": "0.60"}]);
    let scanner = report(&value).scanner;
    assert_eq!((scanner.name.as_str(), scanner.version.as_deref()), ("trivy", Some("0.60")));
    assert!(report(&value).notes[0].contains("not asked for vulnerabilities"));
    value["metadata"]["tools"] = json!({"components": [{"name": "boltseal"}],
        "services": [{"name": "Amazon Inspector Scan SBOM API", "version": "a+b"}]});
    assert_eq!(report(&value).scanner.name, "Amazon Inspector Scan SBOM API");
    value.as_object_mut().unwrap().remove("metadata");
    assert_eq!((report(&value).scanner.name.as_str(), report(&value).scanned_at), ("", None));
}

#[test]
fn the_image_is_read_from_every_scanners_place() {
    let mut value = cyclonedx(&[]);
    assert_eq!(report(&value).image.manifests, [digest("app")]);
    assert_eq!(report(&value).scanned_at, Some(SCANNED.parse().unwrap()));
    let hex = digest("app").hex().to_owned();
    value["metadata"]["component"] = json!({"type": "container", "name": "app", "version": "1.0",
        "purl": format!("pkg:oci/app@sha256%3A{hex}?repository_url=registry.example/app"),
        "properties": [
            {"name": "aquasecurity:trivy:ImageID", "value": digest("app config")},
            {"name": "amazon:inspector:sbom_generator:image_id", "value": digest("other")},
            {"name": "aquasecurity:trivy:RepoDigest", "value": format!("r.example/app@{}", digest("index"))}]});
    let image = report(&value).image;
    assert_eq!(image.manifests, [digest("app")]);
    assert_eq!(image.image_ids, [digest("app config"), digest("other")]);
    assert_eq!(image.repo_digests, [digest("index")]);
    value["metadata"]["component"] =
        json!({"type": "file", "name": "app", "version": digest("app")});
    assert!(report(&value).image.is_unnamed());
    value["metadata"]["component"]["properties"] =
        json!([{"name": "aquasecurity:trivy:ImageID", "value": "latest"}]);
    assert!(read(&value).is_err());
}

/// What Inspector answers, with a summary of critical, high, medium, low and other.
fn inspector(entries: &[Value], summary: [u64; 5]) -> Value {
    let labels = ["critical", "high", "medium", "low", "other"];
    let line = |(label, count): (&str, u64)| {
        json!({"name": format!("amazon:inspector:sbom_scanner:{label}_vulnerabilities"),
            "value": count.to_string()})
    };
    let lines: Vec<_> = labels.into_iter().zip(summary).map(line).collect();
    let mut sbom = cyclonedx(entries);
    sbom["metadata"] = json!({"timestamp": SCANNED, "properties": lines,
        "tools": {"services": [{"name": "Amazon Inspector Scan SBOM API", "version": "7+8+9"}]}});
    json!({"sbom": sbom})
}

#[test]
fn inspectors_answer_is_read_and_its_fixed_versions_too() {
    let mut entry = rated("CVE-1", "NVD", json!([epss(), rating("NVD", "high")]));
    entry["properties"] = json!([
        {"name": "amazon:inspector:sbom_scanner:exploit_available", "value": "true"},
        {"name": "amazon:inspector:sbom_scanner:fixed_version:zlib", "value": "1.4"}]);
    let read = report(&inspector(&[entry], [0, 1, 0, 0, 0]));
    assert_eq!(read.counts().high, 1);
    assert_eq!(read.findings[0].fixed_in.as_deref(), Some("1.4"));
    assert_eq!(read.scanner.name, "Amazon Inspector Scan SBOM API");
}

#[test]
fn nothing_found_by_inspector_has_no_list_and_a_summary_of_zeros() {
    let mut value = inspector(&[], [0; 5]);
    value["sbom"].as_object_mut().unwrap().remove("vulnerabilities");
    assert_eq!(report(&value).counts(), counts([0; 6]));
}

#[test]
fn inspectors_summary_counts_nvd_and_itself_but_no_distribution() {
    let entries = [
        rated("CVE-1", "NVD", json!([rating("NVD", "medium"), rating("Amazon Linux", "high")])),
        rated("CVE-2", "NVD", json!([rating("Amazon Linux", "high"), epss()])),
        rated("ALAS-3", "ALAS2023", json!([rating("AMAZON_INSPECTOR", "low")])),
        rated("GHSA-4", "GITHUB", json!([rating("GITHUB", "critical")])),
    ];
    let read = report(&inspector(&entries, [1, 0, 1, 1, 1]));
    assert_eq!(read.counts(), counts([1, 1, 1, 1, 0, 0]));
}

#[test]
fn a_summary_that_says_more_than_the_rows_contradicts() {
    let entries = [rated("CVE-1", "NVD", json!([rating("NVD", "medium"), rating("x", "high")]))];
    let reason = refused(&inspector(&entries, [0, 1, 0, 0, 0]));
    assert_eq!((reason.code, reason.exit), ("summary-contradicts", Exit::Contradiction));
    assert_eq!(reason.expected, "1 high findings as metadata.properties says");
    assert_eq!(reason.found, "0");
    let reason = refused(&inspector(&entries, [0, 0, 1, 0, 1]));
    assert_eq!((reason.code, reason.exit), ("summary-contradicts", Exit::Contradiction));
    assert_eq!(
        (reason.expected.as_str(), reason.found.as_str()),
        ("2 findings as metadata.properties says", "1")
    );
    let mut empty = inspector(&entries, [0, 0, 1, 0, 0]);
    empty["sbom"].as_object_mut().unwrap().remove("vulnerabilities");
    assert_eq!(refused(&empty).code, "summary-contradicts");
    // A summary that says less is the summary's affair.
    assert!(read(&inspector(&entries, [0; 5])).is_ok());
    // It is compared before duplicates and suppressed findings are removed.
    let mut gone = entries[0].clone();
    gone["analysis"] = json!({"state": "false_positive"});
    let twice = [entries[0].clone(), entries[0].clone(), gone];
    assert_eq!(report(&inspector(&twice, [0, 0, 3, 0, 0])).counts().medium, 1);
}

#[test]
fn a_summary_that_is_no_number_is_refused() {
    let mut value = inspector(&[], [0; 5]);
    value["sbom"]["metadata"]["properties"][0]["value"] = json!("many");
    assert_eq!(refused(&value).code, "report-invalid");
}

#[test]
fn a_component_counts_once_and_equal_versions_are_written_once() {
    let affecting = |refs: &[&str]| {
        let mut entry = rated("CVE-1", "NVD", json!([rating("NVD", "high")]));
        entry["affects"] = refs.iter().map(|it| json!({"ref": it})).collect();
        entry["properties"] = json!([
            {"name": "amazon:inspector:sbom_scanner:fixed_version:b", "value": "3"},
            {"name": "amazon:inspector:sbom_scanner:fixed_version:a", "value": "2"},
            {"name": "amazon:inspector:sbom_scanner:fixed_version:c", "value": "2"}]);
        report(&cyclonedx(&[entry])).findings.remove(0)
    };
    let finding = affecting(&["pkg:deb/b@1", "pkg:deb/a@1", "pkg:deb/b@1"]);
    assert_eq!((finding.package.as_str(), finding.version.as_str()), ("a, b", "1"));
    assert_eq!(finding.fixed_in.as_deref(), Some("2, 3"));
    let finding = affecting(&["pkg:deb/a@1", "pkg:deb/b@1", "pkg:deb/c@2"]);
    assert_eq!(finding.version, "1, 1, 2");
}

#[test]
fn trivys_findings_show_that_it_looked() {
    let mut value = cyclonedx(&[rated("CVE-1", "debian", json!([rating("debian", "low")]))]);
    value["metadata"]["tools"] = json!({"components": [{"name": "trivy", "version": "0.70"}]});
    assert_eq!(report(&value).notes, [""; 0]);
}

#[test]
fn a_score_of_something_else_is_no_severity_however_it_is_marked() {
    let own = |rating: Value| severity(json!([rating, {"severity": "low"}]));
    assert_eq!(
        own(json!({"source": {"name": "NVD"}, "severity": "none", "score": 0.3})),
        Severity::Low
    );
    assert_eq!(
        own(json!({"source": {"name": "NVD"}, "severity": "none", "method": "other"})),
        Severity::Low
    );
}

#[test]
fn a_scanner_among_components_is_found_beside_services() {
    let mut value = cyclonedx(&[]);
    value["metadata"]["tools"] = json!({"services": [{"name": "a store"}], "components": [{"name": "grype", "version": "1"}]});
    assert_eq!(report(&value).scanner.name, "grype");
}
