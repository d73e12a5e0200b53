use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Counts, Digest};

/// cosign's vulnerability predicate v1 (`COSIGN_VULN_ATTESTATION_SPEC.md`), which holds the
/// scanner's whole report, so that it can be judged again later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vuln {
    /// What asked for the scan.
    #[serde(default)]
    pub invocation: Invocation,
    /// The scanner and what it said.
    pub scanner: Scanner,
    /// When it scanned.
    pub metadata: ScanMetadata,
    /// What boltseal read out of the report; absent in other tools' statements.
    #[serde(default, rename = "boltseal_report", skip_serializing_if = "Option::is_none")]
    pub report: Option<ReportFacts>,
}

/// Who asked for the scan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invocation {
    /// Parameters of the scan.
    #[serde(default)]
    pub parameters: Vec<String>,
    /// The run that asked.
    #[serde(default)]
    pub uri: String,
    /// The run's event.
    #[serde(default)]
    pub event_id: String,
    /// The builder.
    #[serde(default, rename = "builder.id")]
    pub builder_id: String,
}

/// The scanner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scanner {
    /// Its URI; empty where it has none that is known. Other writers put a name here.
    #[serde(default)]
    pub uri: String,
    /// Its version.
    #[serde(default)]
    pub version: String,
    /// Its database.
    #[serde(default)]
    pub db: Database,
    /// Its whole report.
    #[serde(default)]
    pub result: Value,
}

/// The scanner's database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Database {
    /// Its URI or name.
    #[serde(default)]
    pub uri: String,
    /// Its version, or the time it was built.
    #[serde(default)]
    pub version: String,
}

/// When it scanned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScanMetadata {
    /// RFC 3339, UTC; left out where the report does not say, for readers of this type parse
    /// whatever stands here.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scan_started_on: String,
    /// RFC 3339, UTC; what freshness policies read.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scan_finished_on: String,
}

/// What boltseal read out of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportFacts {
    /// The digest of the report file.
    pub digest: Digest,
    /// The report's format, such as `trivy`.
    pub format: String,
    /// The scanner's name, as the report says.
    #[serde(default)]
    pub scanner: String,
    /// Findings per severity, waived ones left out.
    pub counts: Counts,
}
