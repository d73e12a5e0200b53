use std::fmt;

use serde::{Serialize, Serializer};

use crate::node::{Node, sketch};
use crate::{ReportProblem, cyclonedx, ecr, grype, sarif, trivy};

/// The format of a report, detected from its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// CycloneDX 1.4 to 1.7 in JSON with vulnerabilities, bare or in the `{"sbom": ...}` of
    /// Inspector's `ScanSbom`.
    CycloneDx,
    /// What ECR's `DescribeImageScanFindings` answers, one page or a list of all pages.
    Ecr,
    /// grype's JSON.
    Grype,
    /// SARIF 2.1.0.
    Sarif,
    /// trivy's JSON, schema version 2.
    Trivy,
}

impl Format {
    /// The name, as in JSON results and in the `vuln` statement.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CycloneDx => "cyclonedx",
            Self::Ecr => "ecr",
            Self::Grype => "grype",
            Self::Sarif => "sarif",
            Self::Trivy => "trivy",
        }
    }

    /// The name as people spell it.
    pub(crate) const fn spelling(self) -> &'static str {
        match self {
            Self::CycloneDx => "CycloneDX",
            Self::Ecr => "ECR",
            Self::Sarif => "SARIF",
            Self::Grype | Self::Trivy => self.name(),
        }
    }

    /// The format that `document` has.
    pub(crate) fn detect(document: &Node<'_>) -> Result<Self, ReportProblem> {
        let is = |detect: fn(&Node<'_>) -> bool| detect(document);
        let candidates = [
            (Self::CycloneDx, is(cyclonedx::is_one)),
            (Self::Ecr, is(ecr::is_one)),
            (Self::Grype, is(grype::is_one)),
            (Self::Sarif, is(sarif::is_one)),
            (Self::Trivy, is(trivy::is_one)),
        ];
        let found: Vec<Self> =
            candidates.iter().filter(|(_, fits)| *fits).map(|(format, _)| *format).collect();
        match found[..] {
            [format] => Ok(format),
            [] => Err(ReportProblem::UnknownFormat { found: sketch(document.value()) }),
            _ => Err(ReportProblem::UnknownFormat {
                found: format!("the marks of {} formats", found.len()),
            }),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
