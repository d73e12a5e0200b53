//! Whoever knows whether a signature has been revoked.

use async_trait::async_trait;

/// AWS Signer's answer to whether signatures stand. Called by the verify step, once for each
/// Notation signature that counts otherwise and was made by AWS Signer.
#[async_trait]
pub trait RevocationAuthority: Send + Sync {
    /// What of a signature has been revoked: its job, its profile, hashes of certificates; empty
    /// where all of it stands.
    ///
    /// # Errors
    /// Why nobody answered, in words: that is never "not revoked".
    async fn revoked(&self, signature: &SignatureJob) -> Result<Vec<String>, String>;
}

/// What is known of a signature by its envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureJob {
    /// Its authentic signing time, in seconds since 1970.
    pub signed_at: i64,
    /// The ARN of the profile's version.
    pub profile_version: String,
    /// The ARN of the job.
    pub job: String,
    /// For each certificate of the chain, from the leaf on, the hexadecimal SHA-384 of its own
    /// signed part and of its issuer's, joined; the root is its own issuer.
    pub certificate_hashes: Vec<String>,
}
