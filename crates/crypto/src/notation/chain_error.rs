//! Why a chain of certificates is none.

use super::certificate::CertificateError;

/// A chain that breaks a rule of the signature specification ("Certificate Requirements").
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// Basic constraints.
    #[error("certificate {subject:?}: expected {expected}, found something else or nothing")]
    BasicConstraints {
        /// The certificate.
        subject: String,
        /// What they must say.
        expected: &'static str,
    },
    /// One of the certificates cannot be read.
    #[error("certificate {position} of the chain: {error}")]
    Certificate {
        /// Its place, from 0 for the leaf.
        position: usize,
        /// What is wrong with it.
        error: CertificateError,
    },
    /// No certificate at all.
    #[error("expected a chain of certificates, found none")]
    Empty,
    /// The leaf's purposes.
    #[error("certificate {subject:?}: expected {expected}, found {found}")]
    ExtendedKeyUsage {
        /// The certificate.
        subject: String,
        /// What is allowed.
        expected: &'static str,
        /// What it says.
        found: String,
    },
    /// The leaf's key is of no kind that may sign.
    #[error(
        "certificate {subject:?}: expected a key on P-256, P-384 or P-521, or RSA of 2048, 3072 \
         or 4096 bits, found another"
    )]
    Key {
        /// The certificate.
        subject: String,
    },
    /// Key usage.
    #[error("certificate {subject:?}: expected {expected} as key usage, found {found}")]
    KeyUsage {
        /// The certificate.
        subject: String,
        /// What it must say.
        expected: &'static str,
        /// What it says.
        found: String,
    },
    /// A certificate was not issued by the next one.
    #[error("certificate {subject:?}: expected it to be issued by {issuer:?}, found it is not")]
    NotIssued {
        /// The certificate.
        subject: String,
        /// The next one.
        issuer: String,
    },
    /// The last certificate is not self-signed: the root is left out.
    #[error("certificate {subject:?}: expected a self-signed one at the end of the chain")]
    NotSelfSigned {
        /// The certificate.
        subject: String,
    },
    /// More certificates below a CA than it allows.
    #[error("certificate {subject:?}: expected at most {limit} CAs below it, found {found}")]
    PathLength {
        /// The CA.
        subject: String,
        /// What it allows.
        limit: u8,
        /// How many there are.
        found: usize,
    },
    /// A certificate that is not the last one is self-signed.
    #[error("certificate {subject:?}: expected no self-signed one before the end of the chain")]
    SelfSignedInside {
        /// The certificate.
        subject: String,
    },
    /// A certificate is signed with SHA-1 or with an algorithm that is not known.
    #[error(
        "certificate {subject:?}: expected a signature with SHA-256, SHA-384 or SHA-512, found \
         another"
    )]
    SignatureAlgorithm {
        /// The certificate.
        subject: String,
    },
    /// Too many certificates.
    #[error("expected a chain of at most {limit} certificates, found {found}")]
    TooLong {
        /// The bound.
        limit: usize,
        /// How many there are.
        found: usize,
    },
}
