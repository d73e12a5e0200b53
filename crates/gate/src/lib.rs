//! The gate: scanner reports, thresholds and waivers in, a [`Decision`] with every reason out.
//!
//! [`Report::parse`] reads what grype, trivy, ECR, Inspector and writers of CycloneDX or SARIF
//! say; [`judge`] counts it as DESIGN.md 7 rules. It scans nothing, fetches nothing and knows no
//! clock: the time is part of the [`GateRequest`]. An empty answer is not a clean answer: a report
//! about another image, without a time, of a scan that did not finish, or blind to the packages
//! that are there does not pass.
//!
//! ```
//! use boltseal_gate::Report;
//! let error = Report::parse("scan.json", b"{}").unwrap_err();
//! assert_eq!(error.problem.code(), "report-empty");
//! ```

mod age;
mod baseline;
mod claim;
mod coverage;
mod cyclonedx;
mod decision;
mod ecr;
mod error;
mod format;
mod grype;
mod judge;
mod judged;
mod label;
mod limit;
mod listed;
mod node;
mod platform;
mod policy;
mod report;
mod request;
mod rows;
mod sarif;
mod scanner;
mod shown;
mod subject;
mod trivy;
mod waiver;
mod waiver_file;

pub use age::{MaxAge, MaxAgeError};
pub use baseline::{Baseline, Diff, Listing};
pub use claim::ImageClaim;
pub use decision::{Counting, Decision, Outcome, PlatformDecision, ReportJudgement, Since, Waived};
pub use ecr::EcrScanState;
pub use error::{ReportError, ReportProblem};
pub use format::Format;
pub use judge::judge;
pub use limit::{Limit, LimitError, Thresholds};
pub use listed::{Listed, ListedPackage};
pub use platform::NO_REPORT;
pub use policy::{CountedFindings, Scanning, effective_policy};
pub use report::{EcrScan, MAX_REPORT_BYTES, Report};
pub use request::{EcrPromise, GateRequest};
pub use scanner::{DatabaseFacts, ScannerFacts};
pub use subject::{GateSubject, PlatformImage};
pub use waiver::{WaivedPackage, Waiver, Waivers};
pub use waiver_file::{MAX_WAIVER_BYTES, WaiverError, WaiverProblem};
