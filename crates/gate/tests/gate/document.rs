//! What is no report, and which format a report has.

use boltseal_core::{Exit, Reason};
use boltseal_gate::{Format, MAX_REPORT_BYTES, Report};
use serde_json::json;

use crate::sample::{cyclonedx, digest, ecr_basic, grype, read, refused, report, sarif, trivy};

fn of_bytes(bytes: &[u8]) -> Reason {
    Report::parse("report.json", bytes).unwrap_err().into()
}

#[test]
fn an_empty_document_is_no_report() {
    for empty in ["", " \n\t", "{}", "[]", "null", "[{}, null]"] {
        let reason = of_bytes(empty.as_bytes());
        assert_eq!((reason.code, reason.exit), ("report-empty", Exit::Invalid), "{empty:?}");
        assert_eq!(reason.place, "report.json");
    }
}

#[test]
fn what_is_not_strict_json_is_no_report() {
    let whole = grype(&[]).to_string();
    let twice = whole.replacen("\"matches\":[]", "\"matches\":[],\"matches\":[]", 1);
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for text in
        ["NAME  INSTALLED  VULN", &whole[1..], &whole[..40], &format!("{whole}{{}}"), &twice, &deep]
    {
        let reason = of_bytes(text.as_bytes());
        assert_eq!((reason.code, reason.exit), ("report-invalid", Exit::Invalid), "{text:.60}");
    }
    assert!(of_bytes(twice.as_bytes()).found.contains("\"matches\" twice"));
}

#[test]
fn a_report_over_the_limit_is_not_read() {
    let reason = of_bytes(&vec![b' '; MAX_REPORT_BYTES + 1]);
    assert_eq!((reason.code, reason.exit), ("report-invalid", Exit::Invalid));
    assert_eq!(reason.expected, "a report of at most 67108864 bytes");
    assert_eq!(reason.found, "67108865");
}

#[test]
fn json_of_no_known_format_is_refused_and_says_what_it_looks_like() {
    let reason = refused(&json!({"spdxVersion": "SPDX-2.3", "packages": []}));
    assert_eq!((reason.code, reason.exit), ("report-invalid", Exit::Invalid));
    assert!(reason.found.contains("packages, spdxVersion"), "{}", reason.found);
    // Bare lists of nothing are no report of anybody.
    assert_eq!(refused(&json!({"matches": []})).code, "report-invalid");
    assert_eq!(refused(&json!({"SchemaVersion": 2})).code, "report-invalid");
    assert_eq!(refused(&json!({"findings": []})).code, "report-invalid");
    assert_eq!(refused(&json!([1, "x"])).code, "report-invalid");
    assert_eq!(refused(&json!("clean")).code, "report-invalid");
}

#[test]
fn a_document_with_the_marks_of_two_formats_is_refused() {
    let mut both = grype(&[]);
    both["SchemaVersion"] = json!(2);
    let reason = refused(&both);
    assert_eq!((reason.code, reason.found.as_str()), ("report-invalid", "the marks of 2 formats"));
}

#[test]
fn the_format_is_detected_from_the_content() {
    let wrapped = json!({"sbom": cyclonedx(&[])});
    for (value, format) in [
        (grype(&[]), Format::Grype),
        (trivy(&[]), Format::Trivy),
        (cyclonedx(&[]), Format::CycloneDx),
        (wrapped, Format::CycloneDx),
        (ecr_basic(&[], json!({})), Format::Ecr),
        (json!([ecr_basic(&[], json!({}))]), Format::Ecr),
        (sarif("x", json!([]), json!([])), Format::Sarif),
    ] {
        assert_eq!(report(&value).format, format);
    }
}

#[test]
fn the_digest_is_of_the_bytes_and_the_document_is_kept() {
    let value = trivy(&[]);
    let text = serde_json::to_string_pretty(&value).unwrap();
    let read = Report::parse("t.json", text.as_bytes()).unwrap();
    assert_eq!(read.digest, digest(&text));
    assert_eq!((read.file.as_str(), &read.raw), ("t.json", &value));
    let again = Report::from_value("t.json", read.digest.clone(), value).unwrap();
    assert_eq!(again, read);
}

#[test]
fn other_versions_of_a_format_are_refused_by_name() {
    let mut old = trivy(&[]);
    old["SchemaVersion"] = json!(1);
    let mut new = cyclonedx(&[]);
    new["specVersion"] = json!("1.8");
    let mut early = cyclonedx(&[]);
    early["specVersion"] = json!("1.3");
    let mut sarif1 = sarif("x", json!([]), json!([]));
    sarif1["version"] = json!("1.0.0");
    for (value, expected) in [
        (old, "trivy schema version 2"),
        (new, "CycloneDX specVersion 1.4, 1.5, 1.6 or 1.7"),
        (early, "CycloneDX specVersion 1.4, 1.5, 1.6 or 1.7"),
        (sarif1, "SARIF 2.1.0"),
    ] {
        let reason = refused(&value);
        assert_eq!((reason.code, reason.expected.as_str()), ("report-invalid", expected));
    }
    for version in ["1.4", "1.5", "1.6", "1.7"] {
        let mut value = cyclonedx(&[]);
        value["specVersion"] = json!(version);
        assert!(read(&value).is_ok(), "{version}");
    }
}

#[test]
fn a_member_of_another_type_is_named() {
    let mut value = trivy(&[json!({"Target": "x", "Vulnerabilities": [{"VulnerabilityID": 7}]})]);
    let reason = refused(&value);
    assert_eq!(reason.expected, "a text at Results[0].Vulnerabilities[0].VulnerabilityID");
    assert_eq!(reason.found, "7");
    value["Results"] = json!("none");
    assert_eq!(refused(&value).expected, "a list of objects at Results");
    value["Results"] = json!([]);
    value["CreatedAt"] = json!("yesterday");
    assert_eq!(refused(&value).expected, "a time (RFC 3339) at CreatedAt");
}
