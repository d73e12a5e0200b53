use std::fmt;

use boltseal_core::{Exit, Reason};
use boltseal_ports::{
    IdentityError, IdentityErrorKind, RegistryError, RegistryErrorKind, ScanError, ScanErrorKind,
    SignerError, SignerErrorKind,
};

/// Why AWS did not do what it was asked. Never holds a token or a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsError {
    /// The class, which decides the exit code.
    pub kind: AwsErrorKind,
    /// The call and what it was about, or the setting.
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
pub enum AwsErrorKind {
    /// There is no such repository, key, profile or image.
    Absent,
    /// The account is none of those that are allowed.
    ForeignAccount,
    /// An ID token or credentials that have expired, and no fresh ones can be had.
    Expired,
    /// A setting, a name or the state of a resource is such that it can never work.
    Invalid,
    /// Throttled, for longer than boltseal waits.
    Throttled,
    /// No credentials, expired ones, or not allowed.
    Unauthorised,
    /// No answer.
    Unreachable,
    /// An answer that is none.
    Unreadable,
}

impl AwsError {
    /// A failure of `kind` at `place`; the rest is filled by the methods below.
    pub fn new(kind: AwsErrorKind, place: impl Into<String>) -> Self {
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
            AwsErrorKind::Absent | AwsErrorKind::Invalid => Exit::Invalid,
            AwsErrorKind::Expired | AwsErrorKind::ForeignAccount | AwsErrorKind::Unauthorised => {
                Exit::Unauthorised
            }
            AwsErrorKind::Throttled | AwsErrorKind::Unreachable | AwsErrorKind::Unreadable => {
                Exit::Undetermined
            }
        }
    }

    /// The stable code of this failure's class.
    pub const fn code(&self) -> &'static str {
        match self.kind {
            AwsErrorKind::Absent => "aws-absent",
            AwsErrorKind::Expired => "identity-expired",
            AwsErrorKind::ForeignAccount => "aws-account-refused",
            AwsErrorKind::Invalid => "aws-invalid",
            AwsErrorKind::Throttled => "aws-throttled",
            AwsErrorKind::Unauthorised => "aws-unauthorised",
            AwsErrorKind::Unreachable => "aws-unreachable",
            AwsErrorKind::Unreadable => "aws-unreadable",
        }
    }
}

impl From<AwsError> for Reason {
    fn from(error: AwsError) -> Self {
        Self::new(error.exit(), error.code())
            .expected(error.expected)
            .found(error.found)
            .place(error.place)
            .fix(error.fix)
    }
}

impl From<AwsError> for RegistryError {
    fn from(error: AwsError) -> Self {
        let kind = match error.kind {
            AwsErrorKind::Absent => RegistryErrorKind::NoRepository,
            AwsErrorKind::Invalid => RegistryErrorKind::Rejected,
            AwsErrorKind::Expired | AwsErrorKind::ForeignAccount | AwsErrorKind::Unauthorised => {
                RegistryErrorKind::Unauthorised
            }
            AwsErrorKind::Throttled => RegistryErrorKind::Throttled,
            AwsErrorKind::Unreachable => RegistryErrorKind::Unreachable,
            AwsErrorKind::Unreadable => RegistryErrorKind::Unreadable,
        };
        let AwsError { place, expected, found, fix, .. } = error;
        Self { kind, place, expected, found, fix }
    }
}

impl From<AwsError> for SignerError {
    fn from(error: AwsError) -> Self {
        let kind = match error.kind {
            AwsErrorKind::Absent | AwsErrorKind::Invalid => SignerErrorKind::Invalid,
            AwsErrorKind::Expired | AwsErrorKind::ForeignAccount | AwsErrorKind::Unauthorised => {
                SignerErrorKind::Unauthorised
            }
            AwsErrorKind::Throttled | AwsErrorKind::Unreachable | AwsErrorKind::Unreadable => {
                SignerErrorKind::Unreachable
            }
        };
        let AwsError { place: key, expected, found, fix, .. } = error;
        Self { kind, key, expected, found, fix }
    }
}

impl From<AwsError> for ScanError {
    fn from(error: AwsError) -> Self {
        let kind = match error.kind {
            AwsErrorKind::Absent => ScanErrorKind::NoRepository,
            AwsErrorKind::Invalid => ScanErrorKind::Invalid,
            AwsErrorKind::Expired | AwsErrorKind::ForeignAccount | AwsErrorKind::Unauthorised => {
                ScanErrorKind::Unauthorised
            }
            AwsErrorKind::Throttled => ScanErrorKind::Throttled,
            AwsErrorKind::Unreachable => ScanErrorKind::Unreachable,
            AwsErrorKind::Unreadable => ScanErrorKind::Unreadable,
        };
        let AwsError { place, expected, found, fix, .. } = error;
        Self { kind, place, expected, found, fix }
    }
}

impl AwsError {
    /// The same, about the key as its user named it.
    pub(crate) fn for_key(self, key: &str) -> SignerError {
        let kind = match self.kind {
            AwsErrorKind::Absent | AwsErrorKind::Invalid => SignerErrorKind::Invalid,
            AwsErrorKind::Expired | AwsErrorKind::ForeignAccount | AwsErrorKind::Unauthorised => {
                SignerErrorKind::Unauthorised
            }
            AwsErrorKind::Throttled | AwsErrorKind::Unreachable | AwsErrorKind::Unreadable => {
                SignerErrorKind::Unreachable
            }
        };
        let Self { expected, found, fix, .. } = self;
        SignerError { kind, key: key.to_owned(), expected, found, fix }
    }
}

impl From<IdentityError> for AwsError {
    fn from(error: IdentityError) -> Self {
        let kind = match error.kind {
            IdentityErrorKind::Absent | IdentityErrorKind::Refused => AwsErrorKind::Unauthorised,
            IdentityErrorKind::Expired => AwsErrorKind::Expired,
            IdentityErrorKind::Malformed => AwsErrorKind::Invalid,
            IdentityErrorKind::Unreachable => AwsErrorKind::Unreachable,
        };
        let IdentityError { place, expected, found, fix, .. } = error;
        Self { kind, place, expected, found, fix }
    }
}

impl fmt::Display for AwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.place, self.expected, self.found)
    }
}

impl std::error::Error for AwsError {}
