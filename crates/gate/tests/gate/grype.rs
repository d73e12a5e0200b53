//! grype's JSON.

use boltseal_core::{Exit, Severity};
use serde_json::json;

use crate::sample::{SCANNED, counts, digest, grype, grype_match, read, refused, report};

#[test]
fn every_match_counts_with_grypes_own_severity() {
    let severities = ["Critical", "High", "Medium", "Low", "Negligible", "Unknown", ""];
    let rows = severities.iter().enumerate();
    let rows: Vec<_> =
        rows.map(|(n, word)| grype_match(&format!("CVE-{n}"), "zlib", word)).collect();
    assert_eq!(report(&grype(&rows)).counts(), counts([1, 1, 1, 1, 1, 2]));
}

#[test]
fn a_match_becomes_a_finding() {
    let read = report(&grype(&[grype_match("CVE-2026-1", "zlib1g", "High")]));
    let finding = &read.findings[0];
    assert_eq!((finding.id.as_str(), finding.package.as_str()), ("CVE-2026-1", "zlib1g"));
    assert_eq!((finding.version.as_str(), finding.severity), ("1.3", Severity::High));
    assert_eq!(finding.place, "/var/lib/dpkg/status");
    assert_eq!(finding.fixed_in.as_deref(), Some("1.4"));
}

#[test]
fn exact_duplicates_count_once_and_other_places_again() {
    let row = grype_match("CVE-1", "zlib", "High");
    let mut elsewhere = row.clone();
    elsewhere["artifact"]["locations"][0]["path"] = json!("/opt/zlib");
    let mut no_path = row.clone();
    no_path["artifact"]["locations"] = json!([]);
    let read = report(&grype(&[row.clone(), row, elsewhere, no_path]));
    assert_eq!(read.counts().high, 3);
    assert_eq!(read.findings[2].place, "pkg:deb/debian/zlib@1.3");
}

#[test]
fn a_label_that_nobody_knows_is_named_with_its_finding() {
    let reason = refused(&grype(&[
        grype_match("CVE-1", "zlib", "High"),
        grype_match("CVE-2", "zlib", "Catastrophic"),
    ]));
    assert_eq!((reason.code, reason.exit), ("unknown-severity", Exit::Invalid));
    assert_eq!(reason.found, "\"Catastrophic\" for CVE-2");
    assert_eq!(reason.expected, "a known severity in matches[1].vulnerability.severity");
}

#[test]
fn scanner_database_time_and_image_are_read() {
    let read = report(&grype(&[]));
    let database = read.scanner.database.unwrap();
    assert_eq!(
        (read.scanner.name.as_str(), read.scanner.version.as_deref()),
        ("grype", Some("0.121.2"))
    );
    assert!(database.name.starts_with("https://grype.example/v6.tar.zst"));
    assert_eq!(database.version.as_deref(), Some("v6.1.2"));
    assert_eq!(database.built, Some("2026-02-28T06:00:00Z".parse().unwrap()));
    assert_eq!(read.scanned_at, Some(SCANNED.parse().unwrap()));
    assert_eq!(read.image.image_ids, [digest("app config")]);
    assert_eq!(read.image.platform.unwrap().to_string(), "linux/amd64");
}

#[test]
fn the_database_of_older_versions_is_read() {
    let mut value = grype(&[]);
    value["descriptor"]["db"] = json!({"built": "2023-05-01T00:00:00Z", "schemaVersion": 5,
        "location": "/root/.cache/grype/db/5", "checksum": "sha256:12", "error": null});
    let database = report(&value).scanner.database.unwrap();
    assert_eq!(
        (database.name.as_str(), database.version.as_deref()),
        ("grype-db", Some("sha256:12"))
    );
}

#[test]
fn a_directory_or_a_missing_descriptor_is_no_claim() {
    let mut value = grype(&[]);
    value["source"] = json!({"type": "directory", "target": "/src"});
    let directory = report(&value);
    assert!(directory.image.is_unnamed());
    assert_eq!(directory.image.name.as_deref(), Some("/src"));
    value.as_object_mut().unwrap().remove("descriptor");
    assert_eq!(report(&value).scanned_at, None);
    value["source"] = json!({"type": "image", "target": {"imageID": "latest"}});
    assert_eq!(read(&value).unwrap_err().problem.code(), "report-invalid");
}

#[test]
fn what_grype_ignored_is_said() {
    let mut value = grype(&[]);
    value["ignoredMatches"] = json!([grype_match("CVE-1", "zlib", "Critical")]);
    let read = report(&value);
    assert_eq!(read.counts(), counts([0; 6]));
    assert_eq!(read.notes, ["matches that grype was told to ignore, not counted: 1"]);
}

#[test]
fn a_database_is_known_by_its_version_or_by_its_time() {
    let database = |db: serde_json::Value| {
        let mut value = grype(&[]);
        value["descriptor"]["db"] = db;
        report(&value).scanner.database
    };
    assert_eq!(database(json!({"error": "none"})), None);
    assert_eq!(database(json!({"schemaVersion": 5})).unwrap().version.as_deref(), Some("5"));
    assert!(database(json!({"built": "2026-01-01T00:00:00Z"})).unwrap().built.is_some());
}

#[test]
fn the_manifest_names_the_image_too() {
    assert_eq!(report(&grype(&[])).image.manifests, [digest("a daemon's own manifest")]);
}
