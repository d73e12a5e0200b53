//! Services that make whole signatures, such as AWS Signer.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::SignerError;

/// A service that signs payloads of Notation and answers a complete envelope, with a key and a
/// chain of its own. Called by the seal step, once for each subject that it has not signed yet.
#[async_trait]
pub trait PayloadSigner: Send + Sync {
    /// The ARN of the signing profile, without a version.
    fn profile(&self) -> &str;

    /// Has a payload of at most 4,096 bytes signed. The caller checks the envelope before using
    /// it.
    async fn sign_payload(&self, payload: &[u8]) -> Result<SignedPayload, SignerError>;
}

/// What came of signing a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedPayload {
    /// The whole JWS envelope.
    pub envelope: Vec<u8>,
    /// Annotations for the signature's manifest.
    pub annotations: BTreeMap<String, String>,
    /// The job, by which the signature can be revoked.
    pub job: String,
}
