//! Why bytes are no envelope.

use boltseal_core::json::JsonError;

use super::payload::PAYLOAD_TYPE;
use super::signed_attributes::SigningScheme;

/// Bytes that are no envelope, or one that breaks a rule of its format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// An algorithm that the Notary Project does not allow.
    #[error("expected one of ES256, ES384, ES512, PS256, PS384, PS512, found {found:?}")]
    Algorithm {
        /// Its name or number, cut at 160 characters.
        found: String,
    },
    /// Not the CBOR of a `COSE_Sign1`.
    #[error("expected a COSE_Sign1 envelope, found {found}")]
    Cbor {
        /// What is wrong with it.
        found: &'static str,
    },
    /// Another kind of payload.
    #[error("expected a payload of type {PAYLOAD_TYPE}, found {found:?}")]
    ContentType {
        /// What it is, cut at 160 characters.
        found: String,
    },
    /// A header is said to be critical and is not there, or must not be listed.
    #[error("expected critical headers that are there, found {name:?}")]
    CriticalAbsent {
        /// The header, cut at 160 characters.
        name: String,
    },
    /// A header is listed as critical twice.
    #[error("expected each critical header once, found {name:?} twice")]
    CriticalTwice {
        /// The header, cut at 160 characters.
        name: String,
    },
    /// The signature would expire before it was made.
    #[error("expected an expiry after the signing time, found one that is not")]
    ExpiryOrder,
    /// Not the strict JSON of a flattened JWS.
    #[error("expected a flattened JWS envelope, found {0}")]
    Json(#[from] JsonError),
    /// A part is missing, of another type, or encoded in another way.
    #[error("expected {expected} as {name:?}, found something else or nothing")]
    Member {
        /// The part.
        name: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// A header that decides how to verify is not marked critical.
    #[error("expected {name:?} among the critical headers, found it left out")]
    NotCritical {
        /// The header.
        name: &'static str,
    },
    /// A signing scheme that nobody knows.
    #[error("expected notary.x509 or notary.x509.signingAuthority, found {found:?}")]
    Scheme {
        /// Its name, cut at 160 characters.
        found: String,
    },
    /// A time that the signing scheme does not allow.
    #[error("expected no {name:?} under the signing scheme {scheme}, found one")]
    TimeForbidden {
        /// The signing scheme.
        scheme: SigningScheme,
        /// The header.
        name: &'static str,
    },
    /// The time that the signing scheme demands is missing.
    #[error("expected {name:?} under the signing scheme {scheme}, found none")]
    TimeMissing {
        /// The signing scheme.
        scheme: SigningScheme,
        /// The header.
        name: &'static str,
    },
    /// Too large.
    #[error("expected an envelope of at most {limit} bytes, found {found}")]
    TooLarge {
        /// The bound.
        limit: usize,
        /// The size.
        found: usize,
    },
    /// Too many of something.
    #[error("expected at most {limit} {what}, found {found}")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// The bound.
        limit: usize,
        /// How many there are.
        found: usize,
    },
}
