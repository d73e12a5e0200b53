//! What can be wrong with a key.

/// A key that cannot be read, made or used. No variant holds key material or a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The content of an encrypted key file is not what cosign writes.
    #[error("expected cosign's encrypted key (scrypt and nacl/secretbox), found {found}")]
    Container {
        /// What is wrong with it.
        found: &'static str,
    },
    /// The backend failed at what cannot fail for a good key.
    #[error("the cryptographic backend could not {what}")]
    Backend {
        /// What it was asked for.
        what: &'static str,
    },
    /// A PEM block of another kind.
    #[error("expected a PEM block {expected}, found {found:?}")]
    Label {
        /// The kinds that are read.
        expected: &'static str,
        /// The label found.
        found: String,
    },
    /// The key is encrypted and there is no password.
    #[error("expected a password for the encrypted key in COSIGN_PASSWORD, found none")]
    PasswordMissing,
    /// The key is encrypted and the password does not open it.
    #[error("expected the password that opens the encrypted key, found another, or a damaged key")]
    PasswordWrong,
    /// Not PEM at all, or damaged PEM.
    #[error("expected PEM, found {found}")]
    Pem {
        /// What is wrong with it.
        found: &'static str,
    },
    /// Larger than any key.
    #[error("expected a key of at most {limit} bytes, found {found}")]
    TooLarge {
        /// The bound.
        limit: usize,
        /// The size.
        found: usize,
    },
    /// A key of a kind boltseal does not use, or damaged.
    #[error(
        "expected a key on P-256, P-384 or P-521, Ed25519, or RSA of 2048, 3072 or 4096 bits, \
         found {found}"
    )]
    Unsupported {
        /// What was found.
        found: &'static str,
    },
}
