use std::collections::BTreeMap;

use boltseal_core::Severity;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::ScanType;

/// What a scan found.
#[derive(Clone, Debug)]
pub struct Findings {
    /// Each finding.
    pub list: Vec<Finding>,
    /// `findingSeverityCounts` in place of what [`Findings::list`] adds up to.
    pub counts: Option<BTreeMap<String, u64>>,
    /// When the scan was finished.
    pub completed: Completed,
}

/// One finding.
#[derive(Clone, Debug)]
pub struct Finding {
    /// `CVE-…`.
    pub id: String,
    /// How bad it is, as the service spells it: `HIGH`, `UNDEFINED`, `UNTRIAGED`, …
    pub severity: String,
    /// The package that has it.
    pub package: String,
    /// The package's version.
    pub version: String,
    /// Where it is repaired.
    pub fixed_in: Option<String>,
    /// `ACTIVE`, `SUPPRESSED` or `CLOSED`; only Inspector tells.
    pub status: String,
}

/// When a scan says that it was finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completed {
    /// So long before it is asked for.
    Ago(SignedDuration),
    /// It does not say.
    Unsaid,
}

impl Finding {
    /// An active finding of a package.
    pub fn new(id: &str, severity: Severity, package: &str, version: &str) -> Self {
        Self {
            id: id.to_owned(),
            severity: label(severity).to_owned(),
            package: package.to_owned(),
            version: version.to_owned(),
            fixed_in: None,
            status: "ACTIVE".to_owned(),
        }
    }

    fn basic(&self) -> Value {
        json!({
            "name": self.id,
            "description": "made up",
            "uri": format!("https://security-tracker.debian.org/tracker/{}", self.id),
            "severity": self.severity,
            "attributes": [
                {"key": "package_version", "value": self.version},
                {"key": "package_name", "value": self.package},
            ],
        })
    }

    fn enhanced(&self) -> Value {
        let seen = 1_760_000_000;
        let mut package = json!({"name": self.package, "version": self.version, "epoch": 0,
            "arch": "AMD64", "packageManager": "OS"});
        if let Some(version) = &self.fixed_in {
            package["fixedInVersion"] = version.as_str().into();
        }
        json!({
            "awsAccountId": "111122223333",
            "findingArn": format!("arn:aws:inspector2:us-east-1:111122223333:finding/{}", self.id),
            "firstObservedAt": seen,
            "lastObservedAt": seen,
            "updatedAt": seen,
            "severity": self.severity,
            "status": self.status,
            "title": format!("{} - {}", self.id, self.package),
            "type": "PACKAGE_VULNERABILITY",
            "description": "made up",
            "score": 7.5,
            "fixAvailable": if self.fixed_in.is_some() { "YES" } else { "NO" },
            "exploitAvailable": "NO",
            "remediation": {"recommendation": {"text": "None Provided"}},
            "resources": [{"type": "AWS_ECR_CONTAINER_IMAGE", "id": "image", "tags": {}}],
            "packageVulnerabilityDetails": {
                "vulnerabilityId": self.id,
                "source": "DEBIAN_CVE",
                "sourceUrl": format!("https://security-tracker.debian.org/tracker/{}", self.id),
                "vendorSeverity": "not yet assigned",
                "cvss": [],
                "relatedVulnerabilities": [],
                "referenceUrls": [],
                "vendorCreatedAt": seen,
                "vulnerablePackages": [package],
            },
        })
    }
}

impl Findings {
    /// A scan that was just finished.
    pub fn new(list: Vec<Finding>) -> Self {
        Self { list, counts: None, completed: Completed::Ago(SignedDuration::ZERO) }
    }

    /// `imageScanFindings` with those of one page.
    pub(super) fn document(&self, scan_type: ScanType, page: &[&Finding]) -> Value {
        let mut document = json!({"findingSeverityCounts": self.counts()});
        match scan_type {
            ScanType::Basic => {
                let page: Vec<_> = page.iter().map(|it| it.basic()).collect();
                document["findings"] = page.into();
            }
            ScanType::Enhanced => {
                let page: Vec<_> = page.iter().map(|it| it.enhanced()).collect();
                document["enhancedFindings"] = page.into();
            }
        }
        if let Completed::Ago(ago) = self.completed {
            let time = Timestamp::now().saturating_sub(ago).unwrap_or(Timestamp::MIN);
            document["imageScanCompletedAt"] = time.as_second().into();
            document["vulnerabilitySourceUpdatedAt"] = (time.as_second() - 3600).into();
        }
        document
    }

    fn counts(&self) -> BTreeMap<String, u64> {
        if let Some(counts) = &self.counts {
            return counts.clone();
        }
        let mut counts = BTreeMap::new();
        for finding in &self.list {
            *counts.entry(finding.severity.clone()).or_default() += 1;
        }
        counts
    }
}

const fn label(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "CRITICAL",
        Severity::High => "HIGH",
        Severity::Medium => "MEDIUM",
        Severity::Low => "LOW",
        Severity::Informational => "INFORMATIONAL",
        Severity::Unknown => "UNDEFINED",
    }
}
