//! Services that look for known vulnerabilities.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use boltseal_core::{Digest, Exit, Reason};
use jiff::Timestamp;

/// A scanning service. It only fetches: the gate judges what it answers, and the pipeline waits
/// and asks again.
#[async_trait]
pub trait Scanner: Send + Sync {
    /// Its name, as in `--scan`.
    fn name(&self) -> &str;

    /// What it needs.
    fn wants(&self) -> ScanInputKind;

    /// Finds out before anything is pushed whether a report can be had, should it take as long
    /// as `wait`.
    ///
    /// # Errors
    /// Where it certainly cannot: nothing is set up to scan, or no credentials last so long.
    async fn ready(&self, _wait: Duration) -> Result<(), ScanError> {
        Ok(())
    }

    /// Asks for a scan of the pushed image with this digest, where scans have to be asked for.
    /// Nothing to do where they start by themselves or where [`Scanner::report`] scans.
    async fn start(&self, digest: &Digest) -> Result<(), ScanError>;

    /// The report as it is now, all pages; finished or not. [`ScanErrorKind::Absent`] says that
    /// there is no scan of this image (yet).
    async fn report(&self, input: ScanInput<'_>) -> Result<ScanReport, ScanError>;
}

/// What a scanner needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScanInputKind {
    /// The image in the registry, so that it runs after the push.
    Pushed,
    /// An SBOM, so that it runs before anything is pushed.
    Sbom,
}

/// What is scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanInput<'a> {
    /// A pushed image: a platform's manifest, never an index.
    Pushed(&'a Digest),
    /// A `CycloneDX` document.
    Sbom(&'a [u8]),
}

/// A report as a service gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanReport {
    /// JSON that the gate reads: for ECR the list of all pages, each exactly as
    /// `DescribeImageScanFindings` answered it.
    pub bytes: Vec<u8>,
    /// What the configuration of the repository or registry promises; [`None`] where the scanner
    /// has no such thing or may not be asked.
    pub promise: Option<ScanPromise>,
    /// When the image was pushed, where the registry tells: findings from before are not about
    /// it.
    pub pushed_at: Option<Timestamp>,
}

/// The kind of scanning that a repository or registry is set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScanPromise {
    /// Operating-system packages, by the registry itself.
    Basic,
    /// All packages, by Inspector, again and again.
    Enhanced,
    /// Nothing is scanned by itself.
    Off,
}

/// A scan or a report that could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanError {
    /// The class, which decides the exit code and whether waiting helps.
    pub kind: ScanErrorKind,
    /// The scanner and what it was asked about.
    pub place: String,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// What would make it pass.
    pub fix: String,
}

/// The classes of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScanErrorKind {
    /// There is no scan of this image. One may still begin: waiting may help.
    Absent,
    /// The service refuses the request itself: an SBOM that it cannot read, an image that it
    /// does not know.
    Invalid,
    /// The service has scanned as much as it will for now (ECR: an image once in 24 hours).
    LimitReached,
    /// There is no such repository.
    NoRepository,
    /// Throttled, for longer than the adapter waits.
    Throttled,
    /// Not allowed.
    Unauthorised,
    /// No answer.
    Unreachable,
    /// An answer that is none.
    Unreadable,
    /// The service does not scan such images.
    Unsupported,
}

impl ScanErrorKind {
    /// The exit code that this failure alone leads to.
    pub const fn exit(self) -> Exit {
        match self {
            Self::Invalid | Self::NoRepository | Self::Unsupported => Exit::Invalid,
            Self::Unauthorised => Exit::Unauthorised,
            Self::Absent
            | Self::LimitReached
            | Self::Throttled
            | Self::Unreachable
            | Self::Unreadable => Exit::Undetermined,
        }
    }

    /// The stable code of this class.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Absent => "scan-absent",
            Self::Invalid => "scan-invalid",
            Self::LimitReached => "scan-limit-reached",
            Self::NoRepository => "repository-absent",
            Self::Throttled => "scan-throttled",
            Self::Unauthorised => "scan-unauthorised",
            Self::Unreachable => "scan-unreachable",
            Self::Unreadable => "scan-unreadable",
            Self::Unsupported => "scan-unsupported",
        }
    }
}

impl From<ScanError> for Reason {
    fn from(error: ScanError) -> Self {
        Self::new(error.kind.exit(), error.kind.code())
            .expected(error.expected)
            .found(error.found)
            .place(error.place)
            .fix(error.fix)
    }
}

impl fmt::Display for ScanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.place, self.expected, self.found)
    }
}

impl std::error::Error for ScanError {}
