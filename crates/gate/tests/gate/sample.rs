//! Documents as the scanners write them, cut to what matters.

use boltseal_core::{Counts, Digest, Ecosystem, Inventory, Package, Reason};
use boltseal_gate::{
    Decision, GateRequest, GateSubject, PlatformImage, Report, ReportError, judge,
};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Every sample scan is of this time.
pub(crate) const SCANNED: &str = "2026-03-01T12:00:00Z";

/// An hour after the sample scans.
pub(crate) fn now() -> Timestamp {
    "2026-03-01T13:00:00Z".parse().expect("a time")
}

pub(crate) fn read(value: &Value) -> Result<Report, ReportError> {
    Report::parse("report.json", value.to_string().as_bytes())
}

pub(crate) fn report(value: &Value) -> Report {
    read(value).expect("a report that can be judged")
}

/// The reason why `value` cannot be judged.
pub(crate) fn refused(value: &Value) -> Reason {
    read(value).expect_err("a report that cannot be judged").into()
}

/// Critical, high, medium, low, informational and unknown findings.
pub(crate) fn counts(numbers: [u64; 6]) -> Counts {
    let [critical, high, medium, low, informational, unknown] = numbers;
    Counts { critical, high, medium, low, informational, unknown }
}

pub(crate) fn decide(reports: &[Report]) -> Decision {
    judge(&GateRequest::new(reports, now()))
}

pub(crate) fn decide_for(reports: &[Report], subject: GateSubject<'_>) -> Decision {
    judge(&GateRequest { subject: Some(subject), ..GateRequest::new(reports, now()) })
}

pub(crate) fn codes(decision: &Decision) -> Vec<&'static str> {
    decision.reasons.iter().map(|reason| reason.code).collect()
}

pub(crate) fn digest(name: &str) -> Digest {
    Digest::sha256_of(name.as_bytes())
}

/// An image whose manifest is `app` and whose config is `app config`.
pub(crate) fn app(inventory: Option<&Inventory>) -> GateSubject<'_> {
    GateSubject {
        index: None,
        names: vec!["registry.example/app:1".to_owned()],
        platforms: vec![PlatformImage {
            platform: Some("linux/amd64".parse().expect("a platform")),
            digest: digest("app"),
            config: digest("app config"),
            inventory,
        }],
    }
}

pub(crate) fn inventory(packages: &[(Ecosystem, &str, &str)]) -> Inventory {
    let package = |(ecosystem, name, path): &(Ecosystem, &str, &str)| Package {
        ecosystem: *ecosystem,
        name: (*name).to_owned(),
        version: "1".to_owned(),
        architecture: None,
        source: None,
        licence: None,
        purl: format!("pkg:{}/{name}@1", ecosystem.purl_type()),
        path: (*path).to_owned(),
        layer: digest("layer"),
    };
    Inventory { packages: packages.iter().map(package).collect(), ..Inventory::default() }
}

pub(crate) fn grype(matches: &[Value]) -> Value {
    json!({
        "matches": matches,
        "source": {"type": "image", "target": {
            "userInput": "app:ci", "imageID": digest("app config"),
            "manifestDigest": digest("a daemon's own manifest"), "repoDigests": [],
            "architecture": "amd64", "os": "linux"
        }},
        "distro": {"name": "debian", "version": "13", "idLike": []},
        "descriptor": {"name": "grype", "version": "0.121.2", "timestamp": SCANNED,
            "db": {"status": {"schemaVersion": "v6.1.2", "built": "2026-02-28T06:00:00Z",
                "from": "https://grype.example/v6.tar.zst?checksum=sha256%3Aab", "valid": true}}}
    })
}

pub(crate) fn grype_match(id: &str, package: &str, severity: &str) -> Value {
    json!({
        "vulnerability": {"id": id, "severity": severity, "namespace": "debian:distro:debian:13",
            "fix": {"versions": ["1.4"], "state": "fixed"}},
        "relatedVulnerabilities": [],
        "artifact": {"name": package, "version": "1.3", "type": "deb",
            "locations": [{"path": "/var/lib/dpkg/status", "layerID": digest("layer")}],
            "purl": format!("pkg:deb/debian/{package}@1.3")}
    })
}

pub(crate) fn trivy(results: &[Value]) -> Value {
    json!({
        "SchemaVersion": 2, "Trivy": {"Version": "0.70.0"}, "CreatedAt": SCANNED,
        "ArtifactName": "app:ci", "ArtifactType": "container_image",
        "Metadata": {"ImageID": digest("app config"), "RepoTags": ["app:ci"],
            "ImageConfig": {"architecture": "amd64", "os": "linux"}},
        "Results": results
    })
}

pub(crate) fn trivy_row(id: &str, package: &str, severity: &str) -> Value {
    json!({"VulnerabilityID": id, "PkgName": package, "InstalledVersion": "1.3",
        "FixedVersion": "1.4", "Severity": severity, "SeveritySource": "debian"})
}

/// A result of trivy about Debian packages.
pub(crate) fn trivy_debian(packages: &[&str], rows: &[Value]) -> Value {
    let package = |name: &&str| {
        json!({"ID": format!("{name}@1.3"), "Name": name, "Version": "1.3",
            "Identifier": {"PURL": format!("pkg:deb/debian/{name}@1.3?arch=amd64")}})
    };
    let packages: Vec<_> = packages.iter().map(package).collect();
    json!({"Target": "app:ci (debian 13)", "Class": "os-pkgs", "Type": "debian",
        "Packages": packages, "Vulnerabilities": rows})
}

pub(crate) fn cyclonedx(vulnerabilities: &[Value]) -> Value {
    json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"timestamp": SCANNED,
            "tools": {"components": [{"type": "application", "name": "grype", "version": "1"}]},
            "component": {"bom-ref": "root", "type": "container", "name": "app:ci",
                "version": digest("app")}},
        "components": [
            {"bom-ref": "zlib", "type": "library", "name": "zlib1g", "version": "1.3",
                "purl": "pkg:deb/debian/zlib1g@1.3",
                "components": [{"bom-ref": "nested", "type": "library", "name": "minizip",
                    "version": "1.1", "purl": "pkg:deb/debian/minizip@1.1"}]},
            {"bom-ref": "os", "type": "operating-system", "name": "debian", "version": "13"}
        ],
        "vulnerabilities": vulnerabilities
    })
}

pub(crate) fn rated(id: &str, source: &str, ratings: Value) -> Value {
    json!({"bom-ref": id, "id": id, "source": {"name": source}, "ratings": ratings,
        "affects": [{"ref": "zlib"}]})
}

pub(crate) fn ecr(findings: Value) -> Value {
    json!({
        "registryId": "111122223333", "repositoryName": "app",
        "imageId": {"imageDigest": digest("app"), "imageTag": "1"},
        "imageScanStatus": {"status": "COMPLETE", "description": "done"},
        "imageScanFindings": findings
    })
}

pub(crate) fn ecr_basic(findings: &[Value], summary: Value) -> Value {
    ecr(json!({"imageScanCompletedAt": SCANNED, "findings": findings,
        "vulnerabilitySourceUpdatedAt": "2026-02-28T00:00:00Z",
        "findingSeverityCounts": summary}))
}

pub(crate) fn ecr_row(id: &str, severity: &str) -> Value {
    json!({"name": id, "severity": severity, "uri": "https://example.org",
        "attributes": [{"key": "package_name", "value": "zlib"},
            {"key": "package_version", "value": "1.3"}]})
}

pub(crate) fn sarif(tool: &str, rules: Value, results: Value) -> Value {
    json!({"version": "2.1.0", "runs": [{
        "tool": {"driver": {"name": tool, "version": "1.0", "rules": rules}},
        "invocations": [{"executionSuccessful": true, "endTimeUtc": SCANNED}],
        "results": results
    }]})
}
