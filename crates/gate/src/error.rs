use boltseal_core::json::JsonError;
use boltseal_core::{Exit, Reason, Severity};

use crate::Format;
use crate::shown::Shown;

/// A report that cannot be judged, and the file that it is.
///
/// Its [`Reason`] ends a run with 20 (invalid, empty, unknown severity), 21 (the scan is not
/// finished) or 30 (it contradicts itself).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {problem}", Shown(.file))]
pub struct ReportError {
    /// The file, as it was named.
    pub file: String,
    /// What is wrong with it.
    pub problem: ReportProblem,
}

/// What is wrong with a report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReportProblem {
    /// No bytes, or JSON without any content.
    #[error("expected a scanner's report, found an empty document")]
    Empty,
    /// Not all pages are there.
    #[error("expected all pages of the findings, found that {at} names a further page")]
    Incomplete {
        /// Where the further page is named.
        at: String,
    },
    /// A list of packages that nobody looked for vulnerabilities in.
    #[error(
        "expected a report of vulnerabilities, found a {} document without any list of them",
        .format.spelling()
    )]
    NoScan {
        /// The format.
        format: Format,
    },
    /// Not strict JSON.
    #[error("expected a report in JSON, found {0}")]
    NotJson(JsonError),
    /// Zero findings, and nothing says that the scan was finished.
    #[error("expected imageScanCompletedAt beside zero findings, found none")]
    NotSaidFinished,
    /// The scan was not finished.
    #[error("expected a finished scan, found status {} {}", Shown(.status), Shown(.description))]
    ScanUnfinished {
        /// The status, as the scanner spells it.
        status: String,
        /// What the scanner says about it, or empty.
        description: String,
    },
    /// A summary says more than the rows.
    #[error("expected {summary} {severity} findings as {at} says, found {rows}")]
    SummaryContradicts {
        /// Where the summary is.
        at: String,
        /// The severity.
        severity: Severity,
        /// What the summary says.
        summary: u64,
        /// How many rows there are.
        rows: u64,
    },
    /// A summary's total says more than the rows.
    #[error("expected {summary} findings as {at} says, found {rows}")]
    TotalContradicts {
        /// Where the summary is.
        at: String,
        /// The sum of what the summary says.
        summary: u64,
        /// How many rows there are.
        rows: u64,
    },
    /// More bytes than are read.
    #[error("expected a report of at most {limit} bytes, found {found}")]
    TooLarge {
        /// The limit.
        limit: usize,
        /// The size.
        found: usize,
    },
    /// JSON of no known format.
    #[error(
        "expected a report of grype, trivy, CycloneDX, ECR or SARIF in JSON, found {}",
        Shown(.found)
    )]
    UnknownFormat {
        /// What it looks like.
        found: String,
    },
    /// A severity label that nobody knows.
    #[error("expected a known severity in {at}, found {:?} for {}", Shown(.label).to_string(), Shown(.finding))]
    UnknownSeverity {
        /// The label.
        label: String,
        /// The finding's id, or the summary that has the label.
        finding: String,
        /// Where in the document.
        at: String,
    },
    /// A version of a format that is not read.
    #[error("expected {} {expected}, found {}", .format.spelling(), Shown(.found))]
    UnsupportedVersion {
        /// The format.
        format: Format,
        /// The versions that are read.
        expected: &'static str,
        /// The version.
        found: String,
    },
    /// Not of the format's form.
    #[error("expected {expected} at {at}, found {}", Shown(.found))]
    WrongForm {
        /// Where in the document.
        at: String,
        /// What was expected.
        expected: &'static str,
        /// What was found.
        found: String,
    },
}

impl ReportProblem {
    /// The stable code of the reason.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "report-empty",
            Self::Incomplete { .. } => "report-incomplete",
            Self::NoScan { .. } => "report-no-scan",
            Self::NotJson(_)
            | Self::TooLarge { .. }
            | Self::UnknownFormat { .. }
            | Self::UnsupportedVersion { .. }
            | Self::WrongForm { .. } => "report-invalid",
            Self::NotSaidFinished | Self::ScanUnfinished { .. } => "scan-unfinished",
            Self::SummaryContradicts { .. } | Self::TotalContradicts { .. } => {
                "summary-contradicts"
            }
            Self::UnknownSeverity { .. } => "unknown-severity",
        }
    }

    const fn exit(&self) -> Exit {
        match self {
            Self::NotSaidFinished | Self::ScanUnfinished { .. } => Exit::Undetermined,
            Self::SummaryContradicts { .. } | Self::TotalContradicts { .. } => Exit::Contradiction,
            _ => Exit::Invalid,
        }
    }

    fn fix(&self) -> &'static str {
        match self {
            Self::Empty => "run the scanner again and look at its own exit code and error output",
            Self::Incomplete { .. } => {
                "give every page: a JSON array of all answers, or the AWS CLI without --max-items"
            }
            Self::NoScan { .. } => {
                "give the report of a vulnerability scan; a bill of materials alone goes to --sbom"
            }
            Self::NotJson(_) => "ask the scanner for its JSON report, as in grype -o json",
            Self::NotSaidFinished | Self::ScanUnfinished { .. } => {
                "wait until the scan is finished, or scan the image again"
            }
            Self::SummaryContradicts { .. } | Self::TotalContradicts { .. } => {
                "give the whole report with every page, as the scanner wrote it"
            }
            Self::TooLarge { .. } => "give one report for each image, and no more than that",
            Self::UnknownFormat { .. } => {
                "give the JSON of grype, trivy, CycloneDX 1.4 to 1.7 with vulnerabilities, \
                 DescribeImageScanFindings or SARIF 2.1.0"
            }
            Self::UnknownSeverity { .. } => {
                "correct the label in the scanner's configuration, or report it to boltseal"
            }
            Self::UnsupportedVersion { .. } => "ask the scanner for a version that is read",
            Self::WrongForm { .. } => "give the report exactly as the scanner wrote it",
        }
    }

    /// The document's own words for what was expected and found.
    fn parts(&self) -> (String, String) {
        let message = self.to_string();
        let stem = message.strip_prefix("expected ").unwrap_or(&message);
        match stem.split_once(", found ") {
            Some((expected, found)) => (expected.to_owned(), found.trim_end().to_owned()),
            None => (String::new(), message),
        }
    }
}

impl From<ReportError> for Reason {
    fn from(error: ReportError) -> Self {
        let (expected, found) = error.problem.parts();
        Self::new(error.problem.exit(), error.problem.code())
            .expected(expected)
            .found(found)
            .place(Shown(&error.file).to_string())
            .fix(error.problem.fix())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_all_five_parts() {
        let error = ReportError {
            file: "grype.json".to_owned(),
            problem: ReportProblem::UnknownSeverity {
                label: "Catastrophic".to_owned(),
                finding: "CVE-2026-0001 in openssl".to_owned(),
                at: "matches[0].vulnerability.severity".to_owned(),
            },
        };
        let reason = Reason::from(error);
        assert_eq!((reason.code, reason.exit), ("unknown-severity", Exit::Invalid));
        assert!(reason.expected.contains("matches[0]"), "{reason:?}");
        assert_eq!(reason.found, "\"Catastrophic\" for CVE-2026-0001 in openssl");
        assert_eq!(reason.place, "grype.json");
        assert!(!reason.fix.is_empty());
    }
}
