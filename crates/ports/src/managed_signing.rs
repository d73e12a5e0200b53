//! Registries that sign what is pushed by themselves, as ECR does.

use async_trait::async_trait;
use boltseal_core::Digest;

use crate::SignerError;

/// The signing that a repository does by itself. Called by the seal step, which waits.
#[async_trait]
pub trait ManagedSigning: Send + Sync {
    /// The ARNs of the profiles that sign what is pushed; none where the registry signs nothing
    /// here.
    async fn profiles(&self) -> Result<Vec<String>, SignerError>;

    /// How far the signature of `image` by `profile` is.
    async fn status(&self, profile: &str, image: &Digest) -> Result<ManagedSignature, SignerError>;
}

/// How far a registry's own signature is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ManagedSignature {
    /// It is a referrer of the image.
    Done,
    /// There will be none.
    Failed {
        /// Why, in the registry's words.
        reason: String,
    },
    /// The registry knows of none: not yet, or not of an image that it was sent before signing
    /// was set up.
    NotListed,
    /// Not yet.
    Pending,
}
