//! The kinds of keys.

use std::fmt;
use std::str::FromStr;

/// A kind of key that boltseal signs and verifies with. Each kind has one hash of its own:
/// P-256 SHA-256, P-384 SHA-384, P-521 SHA-512, RSA (PKCS#1 v1.5) SHA-256, Ed25519 none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyAlgorithm {
    /// ECDSA on NIST P-256 with SHA-256: what every reader of signatures takes by default.
    P256,
    /// ECDSA on NIST P-384 with SHA-384.
    P384,
    /// ECDSA on NIST P-521 with SHA-512.
    P521,
    /// Pure Ed25519 (RFC 8032), without a prehash.
    Ed25519,
    /// RSA with a modulus of 2048 bits, PKCS#1 v1.5, SHA-256.
    Rsa2048,
    /// RSA with a modulus of 3072 bits, PKCS#1 v1.5, SHA-256.
    Rsa3072,
    /// RSA with a modulus of 4096 bits, PKCS#1 v1.5, SHA-256.
    Rsa4096,
}

impl KeyAlgorithm {
    /// The kinds that a user may ask to be generated, by the names that [`FromStr`] takes.
    pub const OFFERED: [Self; 5] =
        [Self::P256, Self::P384, Self::P521, Self::Ed25519, Self::Rsa3072];

    /// Its short name, such as `p256` or `rsa3072`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "p256",
            Self::P384 => "p384",
            Self::P521 => "p521",
            Self::Ed25519 => "ed25519",
            Self::Rsa2048 => "rsa2048",
            Self::Rsa3072 => "rsa3072",
            Self::Rsa4096 => "rsa4096",
        }
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for KeyAlgorithm {
    type Err = AlgorithmError;

    fn from_str(text: &str) -> Result<Self, AlgorithmError> {
        Self::OFFERED
            .into_iter()
            .find(|algorithm| algorithm.name() == text)
            .ok_or_else(|| AlgorithmError { found: text.chars().take(40).collect() })
    }
}

/// A name that is none of [`KeyAlgorithm::OFFERED`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected p256, p384, p521, ed25519 or rsa3072, found {found:?}")]
pub struct AlgorithmError {
    /// The name, cut at 40 characters.
    pub found: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offered_names_round_trip_and_others_are_refused() {
        for algorithm in KeyAlgorithm::OFFERED {
            assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
        }
        for name in ["", "P256", "rsa2048", "rsa1024", "dsa"] {
            assert!(name.parse::<KeyAlgorithm>().is_err(), "{name}");
        }
    }
}
