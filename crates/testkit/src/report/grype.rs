//! grype's JSON.

use boltseal_core::{Severity, media_type};
use serde_json::{Value, json};

use super::purl;
use super::scan::{Scan, Seen};

/// The version that the shape was taken from.
pub(super) const VERSION: &str = "0.121.2";

pub(super) fn write(scan: &Scan) -> Value {
    let matches: Vec<_> = scan.findings.iter().map(|seen| row(scan, seen)).collect();
    json!({
        "matches": matches,
        "source": {
            "type": "image",
            "target": {
                "userInput": format!("{}@{}", scan.repository, scan.digest),
                "imageID": scan.image_id,
                "manifestDigest": scan.digest,
                "mediaType": media_type::OCI_MANIFEST,
                "tags": [],
                "repoDigests": [format!("{}@{}", scan.repository, scan.digest)],
                "architecture": scan.platform.architecture,
                "os": scan.platform.os,
            },
        },
        "distro": {"name": "debian", "version": "12", "idLike": []},
        "descriptor": {
            "name": "grype",
            "version": VERSION,
            "timestamp": scan.at.to_string(),
            "db": {
                "status": {
                    "schemaVersion": "v6.1.3",
                    "from": "https://grype.anchore.io/databases/v6/vulnerability-db_v6.1.3.tar.zst",
                    "built": scan.at.to_string(),
                    "valid": true,
                },
            },
        },
    })
}

fn row(scan: &Scan, seen: &Seen) -> Value {
    let finding = &seen.finding;
    let (versions, state) = match &finding.fixed_in {
        Some(version) => (vec![version], "fixed"),
        None => (Vec::new(), "not-fixed"),
    };
    json!({
        "vulnerability": {
            "id": finding.id,
            "dataSource": format!("https://security-tracker.debian.org/tracker/{}", finding.id),
            "namespace": "debian:distro:debian:12",
            "severity": seen.label(label),
            "urls": [],
            "cvss": [],
            "fix": {"versions": versions, "state": state},
        },
        "relatedVulnerabilities": [],
        "matchDetails": [{"type": "exact-direct-match", "matcher": "dpkg-matcher"}],
        "artifact": {
            "name": finding.package,
            "version": finding.version,
            "type": "deb",
            "locations": [{"path": finding.place}],
            "language": "",
            "licenses": [],
            "purl": scan.package_of(seen).map(purl::of).unwrap_or_default(),
        },
    })
}

const fn label(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
        Severity::Informational => "Negligible",
        Severity::Unknown => "Unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::debian_like;

    #[test]
    fn names_the_image_and_every_severity() {
        let image = debian_like();
        let scan = Severity::ALL.iter().fold(Scan::of(&image), |scan, it| {
            scan.vulnerability(&format!("CVE-{it}"), "libc6", *it)
        });
        let report = write(&scan.vulnerability("X", "libc6", Severity::Low).labelled("Extreme"));
        assert_eq!(report["source"]["target"]["manifestDigest"], json!(image.digest()));
        let labels: Vec<_> = report["matches"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["vulnerability"]["severity"].as_str().unwrap())
            .collect();
        let expected = ["Critical", "High", "Medium", "Low", "Negligible", "Unknown", "Extreme"];
        assert_eq!(labels, expected);
    }
}
