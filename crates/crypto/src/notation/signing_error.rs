//! Why an envelope is not made, or not taken.

use jiff::Timestamp;

use super::algorithm::Algorithm;
use super::integrity_error::IntegrityError;
use crate::KeyAlgorithm;

/// An envelope that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SigningError {
    /// The signature would expire before it is made.
    #[error("expected an expiry after {signed_at}, found {expiry}")]
    Expiry {
        /// The expiry.
        expiry: Timestamp,
        /// The time of signing.
        signed_at: Timestamp,
    },
    /// A kind of key that the Notary Project does not allow.
    #[error("expected a key on P-256, P-384 or P-521, or an RSA key, found {found}")]
    Kind {
        /// The kind of key.
        found: KeyAlgorithm,
    },
    /// A certificate is not valid at the time of signing.
    #[error("expected certificates that are valid at {at}, found {subject:?}, which is not")]
    NotValid {
        /// The certificate.
        subject: String,
        /// The time of signing.
        at: Timestamp,
    },
    /// The certificate is another key's.
    #[error("expected the certificate of the signing key {key}, found {subject:?} of another key")]
    OtherKey {
        /// The leaf.
        subject: String,
        /// The signing key's hint (see [`PublicKey::hint`](crate::PublicKey::hint)).
        key: String,
    },
    /// The signer's answer does not verify.
    #[error("expected an {} signature by the leaf's key, found another one", expected.name())]
    Signature {
        /// The algorithm.
        expected: Algorithm,
    },
}

/// An answer of AWS Signer that must not be attached.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignedPayloadError {
    /// It claims to be from the future.
    #[error("expected a signature made by {now}, found one of {at}")]
    Ahead {
        /// Its signing time.
        at: Timestamp,
        /// The time now.
        now: Timestamp,
    },
    /// It has expired already.
    #[error("expected a signature that has not expired, found one that did at {at}")]
    Expired {
        /// The expiry.
        at: Timestamp,
    },
    /// It does not hold together.
    #[error(transparent)]
    Integrity(#[from] IntegrityError),
    /// It does not say which job of AWS Signer made it.
    #[error("expected the job and profile of AWS Signer in its critical attributes, found none")]
    NoJob,
    /// A certificate was not valid at its signing time.
    #[error("expected certificates that were valid at {at}, found {subject:?}, which was not")]
    NotValid {
        /// The certificate.
        subject: String,
        /// Its signing time.
        at: Timestamp,
    },
    /// It signs something else, or more than was asked for.
    #[error("expected a signature of the payload that was sent, found one of another")]
    OtherPayload,
    /// Another profile made it.
    #[error("expected a signature by {expected}, found one by {found}")]
    OtherProfile {
        /// The profile's ARN.
        expected: String,
        /// The ARN of the version that signed.
        found: String,
    },
}
