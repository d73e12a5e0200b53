//! Why a timestamp counts for nothing.

use super::chain_error::ChainError;

/// A timestamp that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimestampError {
    /// The authority's chain breaks a rule.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A hash other than the SHA-2 family's.
    #[error("expected SHA-256, SHA-384 or SHA-512 in the timestamp, found another hash")]
    Hash,
    /// It is over another message.
    #[error("expected a timestamp over this signature, found one over something else")]
    OtherMessage,
    /// The token's signature is damaged or somebody else's, or its attributes contradict it.
    #[error("expected a timestamp signed by its authority, found {found}")]
    Signature {
        /// What is wrong.
        found: &'static str,
    },
    /// The token does not carry the certificate that it names.
    #[error("expected the authority's certificate in the timestamp as it is named there")]
    SigningCertificate,
    /// Too large.
    #[error("expected a timestamp of at most {limit} bytes, found {found}")]
    TooLarge {
        /// The bound.
        limit: usize,
        /// The size.
        found: usize,
    },
    /// Not a `TimeStampToken`.
    #[error("expected a timestamp as in RFC 3161, found {found}")]
    Unreadable {
        /// What is wrong with it.
        found: &'static str,
    },
    /// The authority does not chain to a trusted root.
    #[error("expected an authority below a trusted root, found {found}")]
    Untrusted {
        /// Why no path leads there.
        found: String,
    },
}
