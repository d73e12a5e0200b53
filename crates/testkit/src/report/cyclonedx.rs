//! `CycloneDX` with vulnerabilities, as grype writes it.

use boltseal_core::Severity;
use serde_json::{Value, json};

use super::grype::VERSION;
use super::purl;
use super::scan::{PackageList, Scan, Seen};
use crate::image::Deb;

pub(super) fn write(scan: &Scan) -> Value {
    let rows = scan.findings.iter().enumerate();
    let vulnerabilities: Vec<_> = rows.map(|(at, seen)| row(scan, at, seen)).collect();
    let mut document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": serial(scan),
        "version": 1,
        "metadata": {
            "timestamp": scan.at.to_string(),
            "tools": {
                "components": [
                    {"type": "application", "author": "anchore", "name": "grype",
                     "version": VERSION}
                ],
            },
            "component": {
                "bom-ref": "image",
                "type": "container",
                "name": scan.repository,
                "version": scan.digest,
            },
        },
        "vulnerabilities": vulnerabilities,
    });
    let components = match scan.package_list {
        PackageList::Absent => return document,
        PackageList::Empty => Vec::new(),
        PackageList::Full => scan.packages.iter().map(component).collect(),
    };
    document["components"] = Value::Array(components);
    document
}

fn component(package: &Deb) -> Value {
    json!({
        "bom-ref": purl::of(package),
        "type": "library",
        "name": package.name,
        "version": package.version,
        "purl": purl::of(package),
    })
}

fn row(scan: &Scan, at: usize, seen: &Seen) -> Value {
    let finding = &seen.finding;
    let url = format!("https://security-tracker.debian.org/tracker/{}", finding.id);
    let source = json!({"name": "debian:distro:debian:12", "url": url});
    let affected = scan
        .package_of(seen)
        .map_or_else(|| format!("pkg:generic/{}@{}", finding.package, finding.version), purl::of);
    json!({
        "bom-ref": format!("vulnerability-{at}"),
        "id": finding.id,
        "source": source,
        "ratings": [{"source": source, "severity": seen.label(label)}],
        "affects": [{"ref": affected}],
    })
}

const fn label(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
        Severity::Informational => "info",
        Severity::Unknown => "unknown",
    }
}

/// A UUID (version 8: made as its maker likes) of the image's digest.
fn serial(scan: &Scan) -> String {
    let hex = scan.digest.hex();
    let (a, b, c, d) = (&hex[..8], &hex[8..12], &hex[13..16], &hex[17..20]);
    format!("urn:uuid:{a}-{b}-8{c}-8{d}-{}", &hex[20..32])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::debian_like;

    #[test]
    fn what_is_affected_is_a_component() {
        let image = debian_like();
        let scan = Scan::of(&image).vulnerability("CVE-1", "zlib1g", Severity::Critical);
        let report = write(&scan);
        let affected = &report["vulnerabilities"][0]["affects"][0]["ref"];
        let components = report["components"].as_array().unwrap();
        assert!(components.iter().any(|it| it["bom-ref"] == *affected));
        assert_eq!(components.len(), image.packages().len());
        let absent = write(&scan.package_list(PackageList::Absent));
        assert!(absent.get("components").is_none());
    }
}
