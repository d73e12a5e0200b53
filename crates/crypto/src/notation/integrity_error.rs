//! Why an envelope does not hold together.

use super::algorithm::Algorithm;
use super::chain_error::ChainError;
use super::envelope_error::EnvelopeError;
use super::payload::PayloadError;

/// An envelope that does not hold together, whoever is trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IntegrityError {
    /// The algorithm is not the one of the leaf's key.
    #[error("expected {} by the leaf's key, found {}", expected.name(), found.name())]
    Algorithm {
        /// The algorithm of the leaf's key.
        expected: Algorithm,
        /// The one that the envelope names.
        found: Algorithm,
    },
    /// The chain breaks a rule.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// It is no envelope.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The payload is none.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// The signature is over other content, by another key, or damaged.
    #[error("expected a signature by the leaf {subject:?}, found one that does not verify")]
    Signature {
        /// The leaf.
        subject: String,
    },
}
