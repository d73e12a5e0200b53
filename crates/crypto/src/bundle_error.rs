//! What can be wrong with a bundle.

use boltseal_core::json::JsonError;

use crate::{BundleVersion, EnvelopeError};

/// Bytes that are no Sigstore bundle, or not one that may be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// A certificate chain in a bundle v0.3, which forbids it, or an empty chain.
    #[error("expected one certificate in a bundle {version}, found {found}")]
    Certificate {
        /// The bundle's version.
        version: BundleVersion,
        /// What is there.
        found: &'static str,
    },
    /// The same log entry or timestamp twice.
    #[error("expected different {what}, found one twice")]
    Duplicate {
        /// What appears twice.
        what: &'static str,
    },
    /// The envelope inside is not one.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// A log entry without the proof that the version demands.
    #[error("expected {expected} with each log entry of a bundle {version}, found none")]
    LogEntry {
        /// What is missing.
        expected: &'static str,
        /// The bundle's version.
        version: BundleVersion,
    },
    /// Another media type, or none.
    #[error("expected the media type of a bundle v0.1, v0.2 or v0.3, found {found:?}")]
    MediaType {
        /// What is there.
        found: String,
    },
    /// A member that should hold exactly one of several forms.
    #[error("expected exactly one of {expected}, found {found}")]
    OneOf {
        /// The forms.
        expected: &'static str,
        /// How many are there.
        found: usize,
    },
    /// An envelope in a bundle has exactly one signature.
    #[error("expected exactly one signature in the bundle's envelope, found {found}")]
    Signatures {
        /// How many there are.
        found: usize,
    },
    /// Too large.
    #[error("expected a bundle of at most {limit} bytes, found {found}")]
    TooLarge {
        /// The bound.
        limit: usize,
        /// The size.
        found: usize,
    },
    /// Too many log entries or timestamps.
    #[error("expected at most {limit} {what} in a bundle, found {found}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// The bound.
        limit: usize,
        /// How many there are.
        found: usize,
    },
    /// A member that bundles do not have; protobuf's readers refuse it too.
    #[error("expected no member {member:?} in a bundle")]
    UnknownMember {
        /// The member.
        member: String,
    },
    /// Not strict JSON, or not of a bundle's form.
    #[error("expected a Sigstore bundle, found {0}")]
    Unreadable(JsonError),
}
