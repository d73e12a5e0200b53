//! Why a signature does not hold.

use crate::KeyAlgorithm;

/// A signature that does not verify. There is nothing to learn from how it fails, so the
/// variants only tell a bad signature from one that cannot be checked with what is at hand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The signature is over other content, by another key, or damaged.
    #[error("expected a signature by the {algorithm} key {hint}, found one that does not verify")]
    Mismatch {
        /// The kind of key it was checked with.
        algorithm: KeyAlgorithm,
        /// The key's hint (see [`crate::PublicKey::hint`]).
        hint: String,
    },
    /// Only a digest is at hand, and this kind of key needs the content, or another digest.
    #[error(
        "expected the content itself to check a signature by an {algorithm} key, found only its \
         {digest} digest"
    )]
    NeedsContent {
        /// The kind of key.
        algorithm: KeyAlgorithm,
        /// The digest's algorithm.
        digest: &'static str,
    },
}
