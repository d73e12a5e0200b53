use boltseal_core::{Counts, Digest, Finding, json};
use jiff::Timestamp;
use serde_json::Value;

use crate::node::Node;
use crate::rows::Rows;
use crate::{
    Format, ImageClaim, Listed, ReportError, ReportProblem, ScannerFacts, cyclonedx, ecr, grype,
    sarif, trivy,
};

/// The largest report that is read: 64 MiB. A report of trivy with all packages of a large image
/// has some 20 MiB; read, a report takes some seven times its size.
pub const MAX_REPORT_BYTES: usize = 64 << 20;

/// A scanner's report, read and found consistent with itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The file, as it was named.
    pub file: String,
    /// Its format.
    pub format: Format,
    /// The digest of the file's bytes.
    pub digest: Digest,
    /// Who scanned.
    pub scanner: ScannerFacts,
    /// When, where the report says: the scan's own time, never the database's.
    pub scanned_at: Option<Timestamp>,
    /// What was scanned.
    pub image: ImageClaim,
    /// What was found: open findings without exact duplicates, in the report's order.
    pub findings: Vec<Finding>,
    /// What the report itself says does not count (ECR's suppressed and closed findings, VEX
    /// states in CycloneDX, accepted suppressions in SARIF).
    pub suppressed: Vec<Finding>,
    /// What the scanner saw.
    pub packages: Listed,
    /// Which of ECR's two shapes the report has; [`None`] in other formats.
    pub ecr_shape: Option<EcrScan>,
    /// What is worth knowing about the report, in words.
    pub notes: Vec<String>,
    /// The whole document, for the `vuln` statement.
    pub raw: Value,
}

/// ECR's scan types, which answer in different shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EcrScan {
    /// Basic scanning: `findings`.
    Basic,
    /// Enhanced scanning, by Inspector: `enhancedFindings`.
    Enhanced,
}

impl Report {
    /// Reads a report of at most [`MAX_REPORT_BYTES`]; the format is detected from the content.
    ///
    /// # Errors
    /// [`ReportError`] for a document that is empty, not strict JSON (duplicate keys, trailing
    /// data, more than 128 levels), of no known format or of another form; for a severity label
    /// that nobody knows, a summary that says more than the rows, and an unfinished scan.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, ReportError> {
        let read = || {
            if bytes.len() > MAX_REPORT_BYTES {
                return Err(ReportProblem::TooLarge {
                    limit: MAX_REPORT_BYTES,
                    found: bytes.len(),
                });
            }
            if bytes.iter().all(u8::is_ascii_whitespace) {
                return Err(ReportProblem::Empty);
            }
            let raw = json::parse(bytes).map_err(ReportProblem::NotJson)?;
            Self::import(file, Digest::sha256_of(bytes), raw)
        };
        read().map_err(|problem| ReportError { file: file.to_owned(), problem })
    }

    /// Reads a report that is already JSON, such as `scanner.result` of a `vuln` statement, whose
    /// file had `digest`. The caller has refused duplicate keys.
    ///
    /// # Errors
    /// As [`Report::parse`].
    pub fn from_value(file: &str, digest: Digest, raw: Value) -> Result<Self, ReportError> {
        Self::import(file, digest, raw)
            .map_err(|problem| ReportError { file: file.to_owned(), problem })
    }

    /// The open findings, by severity, before waivers.
    pub fn counts(&self) -> Counts {
        self.findings.iter().map(|it| it.severity).collect()
    }

    fn import(file: &str, digest: Digest, raw: Value) -> Result<Self, ReportProblem> {
        let document = Node::root(&raw);
        if is_void(&raw) {
            return Err(ReportProblem::Empty);
        }
        let format = Format::detect(&document)?;
        let imported = match format {
            Format::CycloneDx => cyclonedx::import(&document),
            Format::Ecr => ecr::import(&document),
            Format::Grype => grype::import(&document),
            Format::Sarif => sarif::import(&document),
            Format::Trivy => trivy::import(&document),
        }?;
        let (findings, suppressed) = imported.rows.finish();
        Ok(Self {
            file: file.to_owned(),
            format,
            digest,
            scanner: imported.scanner,
            scanned_at: imported.scanned_at,
            image: imported.image,
            findings,
            suppressed,
            packages: imported.packages,
            ecr_shape: imported.ecr_shape,
            notes: imported.notes,
            raw,
        })
    }
}

/// What an importer reads out of a document.
#[derive(Debug)]
pub(crate) struct Imported {
    pub(crate) scanner: ScannerFacts,
    pub(crate) scanned_at: Option<Timestamp>,
    pub(crate) image: ImageClaim,
    pub(crate) rows: Rows,
    pub(crate) packages: Listed,
    pub(crate) ecr_shape: Option<EcrScan>,
    pub(crate) notes: Vec<String>,
}

/// Whether a document says nothing at all.
fn is_void(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().all(is_void),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}
