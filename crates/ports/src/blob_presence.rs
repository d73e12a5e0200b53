use std::collections::BTreeSet;

use async_trait::async_trait;
use boltseal_core::Digest;

use crate::RegistryError;

/// Tells for many blobs at once which of them a repository holds, instead of one `HEAD` each.
/// Called once before the layers of an image are pushed.
#[async_trait]
pub trait BlobPresence: Send + Sync {
    /// Those of `digests` that the repository holds. One that is not in the answer is proven to
    /// be absent; what could not be found out is an error.
    async fn present(&self, digests: &[Digest]) -> Result<BTreeSet<Digest>, RegistryError>;
}
