//! The digest that a bundle names for its artifact.

use aws_lc_rs::digest::{SHA256, SHA384, SHA512};
use boltseal_core::Algorithm;
use serde_json::Value;
use sigstore_types::HashAlgorithm;

use crate::base64_text;
use crate::scheme::Hash;

/// The digest that a bundle names for its artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageDigest {
    /// Its algorithm.
    pub algorithm: MessageHash,
    /// Its bytes.
    pub value: Vec<u8>,
}

impl MessageDigest {
    pub(crate) fn read(value: &Value) -> Option<Self> {
        let algorithm = match value.get("algorithm")?.as_str()? {
            "SHA2_256" => MessageHash::Sha256,
            "SHA2_384" => MessageHash::Sha384,
            "SHA2_512" => MessageHash::Sha512,
            _ => return None,
        };
        let value = base64_text::decode(value.get("digest")?.as_str()?)?;
        (value.len() == algorithm.hash().output_len()).then_some(Self { algorithm, value })
    }
}

/// The hashes that a bundle may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageHash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl MessageHash {
    pub(crate) fn hash(self) -> Hash {
        match self {
            Self::Sha256 => &SHA256,
            Self::Sha384 => &SHA384,
            Self::Sha512 => &SHA512,
        }
    }

    pub(crate) const fn is(self, algorithm: Algorithm) -> bool {
        matches!(
            (self, algorithm),
            (Self::Sha256, Algorithm::Sha256) | (Self::Sha512, Algorithm::Sha512)
        )
    }

    pub(crate) const fn family(self) -> HashAlgorithm {
        match self {
            Self::Sha256 => HashAlgorithm::Sha2256,
            Self::Sha384 => HashAlgorithm::Sha2384,
            Self::Sha512 => HashAlgorithm::Sha2512,
        }
    }
}
