//! Findings: one thing that a scanner says is wrong.

use serde::Serialize;

use crate::Severity;

/// One finding, in the scanner's own unit (a row of trivy, a match of grype, an entry of
/// `vulnerabilities[]` in CycloneDX, a result in SARIF).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Finding {
    /// The vulnerability's id, such as `CVE-2026-0001`.
    pub id: String,
    /// The package's name; empty where the report names none.
    pub package: String,
    /// The package's version; empty where the report names none.
    pub version: String,
    /// Where the package is, such as a path or a purl; empty where the report does not say.
    pub place: String,
    /// The scanner's own severity.
    pub severity: Severity,
    /// The version that fixes it, where the report names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed_in: Option<String>,
}
