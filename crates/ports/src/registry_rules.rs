use std::collections::BTreeSet;

use async_trait::async_trait;
use boltseal_core::Tag;

use crate::RegistryError;

/// What a registry's service demands beyond the distribution specification. The registry client
/// asks for a turn before every request; the journeys ask for the rest before they write.
#[async_trait]
pub trait RegistryRules: Send + Sync {
    /// Waits until one more request of this kind may be sent.
    async fn turn(&self, call: RegistryCall);

    /// Those of `tags` that can be set once and never moved; [`None`] where this caller may not
    /// find that out.
    async fn immutable(&self, tags: &[Tag]) -> Result<Option<BTreeSet<Tag>>, RegistryError>;

    /// How many referrers one subject may have.
    fn most_referrers(&self) -> usize;
}

/// What a request to a registry does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RegistryCall {
    /// Reads a blob, or asks whether it is there.
    BlobRead,
    /// Reads a manifest, or lists referrers.
    ManifestRead,
    /// Writes a manifest, or a tag.
    ManifestWrite,
    /// Begins an upload.
    UploadBegin,
    /// Sends an upload's bytes, and ends it.
    UploadEnd,
}
