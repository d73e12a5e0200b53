//! Why a registry, a layout or an archive did not do what it was asked.

use std::fmt;

use boltseal_core::{Exit, Reason};

/// A failure, in the parts that every failure has. Never holds a token or a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryError {
    /// The class, which decides the exit code.
    pub kind: RegistryErrorKind,
    /// The request (`GET http://…`) or the file.
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
#[non_exhaustive]
pub enum RegistryErrorKind {
    /// The upload was given up by its source, for instance because the gate refused.
    Aborted,
    /// Content that contradicts its digest or its size: what was stored is not what is served.
    Contradiction,
    /// The tag cannot be moved: the registry says that it is immutable.
    Immutable,
    /// There is no such repository, and pushing does not make it.
    NoRepository,
    /// Content that is what its digest says, and breaks the specification or a bound.
    Malformed,
    /// The registry refused a write for a reason of its own.
    Rejected,
    /// Throttled, for longer than boltseal waits.
    Throttled,
    /// Not logged in, or not allowed.
    Unauthorised,
    /// No answer: no connection, a time-out, a reset, a server error, a file that cannot be read.
    Unreachable,
    /// An answer that is none: HTML, another type, an empty body.
    Unreadable,
}

impl RegistryError {
    /// A failure of `kind` at `place`; the rest is filled by the methods below.
    pub fn new(kind: RegistryErrorKind, place: impl Into<String>) -> Self {
        let (expected, found, fix) = (String::new(), String::new(), String::new());
        Self { kind, place: place.into(), expected, found, fix }
    }

    /// What was expected.
    #[must_use]
    pub fn expected(mut self, text: impl Into<String>) -> Self {
        self.expected = text.into();
        self
    }

    /// What was found.
    #[must_use]
    pub fn found(mut self, text: impl Into<String>) -> Self {
        self.found = text.into();
        self
    }

    /// What would make it pass.
    #[must_use]
    pub fn fix(mut self, text: impl Into<String>) -> Self {
        self.fix = text.into();
        self
    }

    /// The exit code that this failure alone leads to.
    pub const fn exit(&self) -> Exit {
        match self.kind {
            RegistryErrorKind::Contradiction | RegistryErrorKind::Malformed => Exit::Contradiction,
            RegistryErrorKind::Immutable => Exit::TagTaken,
            RegistryErrorKind::NoRepository => Exit::Invalid,
            RegistryErrorKind::Unauthorised => Exit::Unauthorised,
            RegistryErrorKind::Aborted
            | RegistryErrorKind::Rejected
            | RegistryErrorKind::Throttled
            | RegistryErrorKind::Unreachable
            | RegistryErrorKind::Unreadable => Exit::Undetermined,
        }
    }

    /// The stable code of this failure's class.
    pub const fn code(&self) -> &'static str {
        match self.kind {
            RegistryErrorKind::Aborted => "upload-aborted",
            RegistryErrorKind::Contradiction => "content-contradicts",
            RegistryErrorKind::Immutable => "tag-immutable",
            RegistryErrorKind::Malformed => "content-malformed",
            RegistryErrorKind::NoRepository => "repository-absent",
            RegistryErrorKind::Rejected => "registry-rejected",
            RegistryErrorKind::Throttled => "registry-throttled",
            RegistryErrorKind::Unauthorised => "registry-unauthorised",
            RegistryErrorKind::Unreachable => "registry-unreachable",
            RegistryErrorKind::Unreadable => "registry-unreadable",
        }
    }
}

impl From<RegistryError> for Reason {
    fn from(error: RegistryError) -> Self {
        Self::new(error.exit(), error.code())
            .expected(error.expected)
            .found(error.found)
            .place(error.place)
            .fix(error.fix)
    }
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.place, self.expected, self.found)
    }
}

impl std::error::Error for RegistryError {}
