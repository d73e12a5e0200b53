//! trivy's JSON, schema version 2.

use boltseal_core::Severity;
use serde_json::{Map, Value, json};

use super::purl;
use super::scan::{PackageList, Scan, Seen};
use crate::image::Deb;

pub(super) fn write(scan: &Scan) -> Value {
    let name = format!("{}@{}", scan.repository, scan.digest);
    json!({
        "SchemaVersion": 2,
        "Trivy": {"Version": "0.69.1"},
        "CreatedAt": scan.at.to_string(),
        "ArtifactName": name,
        "ArtifactType": "container_image",
        "Metadata": {
            "OS": {"Family": "debian", "Name": "12.5"},
            "ImageID": scan.image_id,
            "RepoDigests": [name],
            "ImageConfig": {
                "architecture": scan.platform.architecture,
                "os": scan.platform.os,
                "variant": scan.platform.variant,
            },
        },
        "Results": [result(scan, &name)],
    })
}

fn result(scan: &Scan, name: &str) -> Value {
    let mut result = Map::new();
    result.insert("Target".to_owned(), json!(format!("{name} (debian 12.5)")));
    result.insert("Class".to_owned(), json!("os-pkgs"));
    result.insert("Type".to_owned(), json!("debian"));
    let packages = match scan.package_list {
        PackageList::Absent => None,
        PackageList::Empty => Some(Vec::new()),
        PackageList::Full => Some(scan.packages.iter().map(package).collect()),
    };
    if let Some(packages) = packages {
        result.insert("Packages".to_owned(), Value::Array(packages));
    }
    // trivy leaves the list out when it is empty.
    if !scan.findings.is_empty() {
        let rows = scan.findings.iter().map(|seen| row(scan, seen));
        result.insert("Vulnerabilities".to_owned(), rows.collect());
    }
    Value::Object(result)
}

fn package(package: &Deb) -> Value {
    let (epoch, version, release) = split_version(package.version);
    let mut entry = json!({
        "ID": format!("{}@{}", package.name, package.version),
        "Name": package.name,
        "Identifier": {"PURL": purl::of(package)},
        "Version": version,
        "Release": release,
        "Arch": package.architecture,
        "SrcName": package.source.unwrap_or(package.name).split(' ').next(),
    });
    if epoch > 0 {
        entry["Epoch"] = json!(epoch);
    }
    entry
}

fn row(scan: &Scan, seen: &Seen) -> Value {
    let finding = &seen.finding;
    let mut row = json!({
        "VulnerabilityID": finding.id,
        "PkgID": format!("{}@{}", finding.package, finding.version),
        "PkgName": finding.package,
        "InstalledVersion": finding.version,
        "Status": if finding.fixed_in.is_some() { "fixed" } else { "affected" },
        "SeveritySource": "debian",
        "PrimaryURL": format!("https://avd.aquasec.com/nvd/{}", finding.id.to_lowercase()),
        "DataSource": {
            "ID": "debian",
            "Name": "Debian Security Tracker",
            "URL": "https://salsa.debian.org/security-tracker-team/security-tracker",
        },
        "Title": format!("a vulnerability of {}", finding.package),
        "Severity": seen.label(label),
    });
    if let Some(package) = scan.package_of(seen) {
        row["PkgIdentifier"] = json!({"PURL": purl::of(package)});
    }
    if let Some(fixed) = &finding.fixed_in {
        row["FixedVersion"] = json!(fixed);
    }
    row
}

fn label(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "CRITICAL",
        Severity::High => "HIGH",
        Severity::Medium => "MEDIUM",
        Severity::Low => "LOW",
        Severity::Unknown => "UNKNOWN",
        Severity::Informational => panic!("trivy has no word for informational findings"),
    }
}

/// `[EPOCH:]VERSION[-RELEASE]`, as trivy takes Debian's versions apart.
fn split_version(whole: &str) -> (u64, &str, &str) {
    let (epoch, rest) = whole.split_once(':').unwrap_or(("0", whole));
    let (version, release) = rest.rsplit_once('-').unwrap_or((rest, ""));
    (epoch.parse().unwrap_or_default(), version, release)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::debian_like;

    #[test]
    fn lists_packages_as_asked_and_names_the_image() {
        let image = debian_like();
        let scan = Scan::of(&image);
        let report = write(&scan);
        assert_eq!(report["Metadata"]["ImageID"], json!(image.config_digest()));
        let packages = report["Results"][0]["Packages"].as_array().unwrap();
        assert_eq!(packages.len(), image.packages().len());
        assert!(report["Results"][0].get("Vulnerabilities").is_none());
        let of = |list| write(&scan.clone().package_list(list))["Results"][0]["Packages"].clone();
        assert_eq!(of(PackageList::Empty), json!([]));
        assert!(of(PackageList::Absent).is_null());
    }

    #[test]
    fn takes_versions_apart() {
        assert_eq!(split_version("1:4.13+dfsg1-1+b1"), (1, "4.13+dfsg1", "1+b1"));
        assert_eq!(split_version("12.4"), (0, "12.4", ""));
    }
}
