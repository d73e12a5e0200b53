//! Keys that sign, here or far away.

use std::fmt;

use async_trait::async_trait;
use boltseal_core::{Exit, Reason};

/// A signing key. It may be a file or a KMS on the other side of the world: every call may take
/// seconds and may fail. Called by the seal step, once for the public key and once a statement.
#[async_trait]
pub trait Signer: Send + Sync {
    /// The key, as its user named it; never its content.
    fn name(&self) -> &str;

    /// The public key as DER `SubjectPublicKeyInfo`.
    async fn public_key(&self) -> Result<Vec<u8>, SignerError>;

    /// Finds out before anything is written whether the key can sign now, where it can be asked.
    /// One that cannot sign any more still verifies.
    ///
    /// # Errors
    /// Where it certainly cannot. What could not be found out is told by the first signature.
    async fn ready(&self) -> Result<(), SignerError> {
        Ok(())
    }

    /// Signs `message` with the key's own hash (P-256 SHA-256, P-384 SHA-384, P-521 SHA-512,
    /// RSA PKCS#1 v1.5 SHA-256, Ed25519 none). ECDSA signatures are DER. The caller verifies
    /// each one before using it.
    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError>;

    /// Signs `message` as Notation wants it (P-256 SHA-256, P-384 SHA-384, P-521 SHA-512; RSA
    /// RSASSA-PSS with SHA-256 for 2048 bits, SHA-384 for 3072, SHA-512 for 4096, the salt as
    /// long as the hash). ECDSA signatures are DER. Ed25519 has no algorithm there: it is an
    /// error. The caller verifies each signature before using it.
    async fn sign_for_notation(&self, message: &[u8]) -> Result<Vec<u8>, SignerError>;
}

/// A signature that could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignerError {
    /// The class, which decides the exit code.
    pub kind: SignerErrorKind,
    /// The key, as its user named it.
    pub key: String,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// What would make it pass.
    pub fix: String,
}

/// The classes of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignerErrorKind {
    /// The key is malformed, disabled, or of a kind that cannot sign.
    Invalid,
    /// Throttled or unreachable.
    Unreachable,
    /// Not allowed.
    Unauthorised,
}

impl From<SignerError> for Reason {
    fn from(error: SignerError) -> Self {
        let (exit, code) = match error.kind {
            SignerErrorKind::Invalid => (Exit::Invalid, "key-invalid"),
            SignerErrorKind::Unreachable => (Exit::Undetermined, "key-unreachable"),
            SignerErrorKind::Unauthorised => (Exit::Unauthorised, "key-unauthorised"),
        };
        Self::new(exit, code)
            .expected(error.expected)
            .found(error.found)
            .place(error.key)
            .fix(error.fix)
    }
}

impl fmt::Display for SignerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.key, self.expected, self.found)
    }
}

impl std::error::Error for SignerError {}
