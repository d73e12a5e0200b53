//! A place that holds manifests, blobs and referrers.

use async_trait::async_trait;
use boltseal_core::{Descriptor, Digest, Location, Pick, RawManifest, Tag};
use bytes::Bytes;

use crate::{Blob, BlobReader, RegistryError, RegistryRules, Traffic};

/// A repository of a registry, or an OCI image layout. Called by the pipeline only.
///
/// `Ok(None)` means that the place proved the absence (a 404 in the API's own form, a file that
/// is not there). Everything else that is not the thing asked for is an error.
#[async_trait]
pub trait Registry: Send + Sync {
    /// The place, as its user would write it.
    fn location(&self) -> &Location;

    /// Requests and bytes so far.
    fn traffic(&self) -> Traffic;

    /// What the service behind it demands; [`None`] for one that follows the specification alone.
    fn rules(&self) -> Option<&dyn RegistryRules> {
        None
    }

    /// The manifest with a digest or under a tag, at most 4 MiB; by digest, verified against it.
    async fn fetch_manifest(&self, pick: &Pick) -> Result<Option<RawManifest>, RegistryError>;

    /// A blob, whole and verified. `limit` is in bytes; a descriptor that promises more is an
    /// error before anything is read.
    async fn fetch_blob(
        &self,
        descriptor: &Descriptor,
        limit: u64,
    ) -> Result<Option<Bytes>, RegistryError>;

    /// A blob's bytes, not verified, for a blocking thread.
    async fn open_blob(&self, descriptor: &Descriptor)
    -> Result<Option<BlobReader>, RegistryError>;

    /// Tells which blobs are going to be pushed, with [`Probe::First`](crate::Probe::First). A
    /// place that can look for many at once does it here, and then for none by itself.
    async fn announce(&self, _blobs: &[Descriptor]) -> Result<(), RegistryError> {
        Ok(())
    }

    /// Makes sure that a blob is there. Never stores bytes that do not match the descriptor.
    async fn push_blob(&self, blob: Blob<'_>) -> Result<Pushed, RegistryError>;

    /// Stores a manifest under its digest; the place's own answer is compared with that digest.
    async fn push_manifest(
        &self,
        manifest: &RawManifest,
        role: ManifestRole,
    ) -> Result<(), RegistryError>;

    /// The manifests that refer to `subject`, all pages, at most 1,000.
    async fn referrers(&self, subject: &Digest) -> Result<Referrers, RegistryError>;

    /// Makes sure that `added`, whose manifests are stored already, are listed as referrers of
    /// `subject`. Nothing to do where the place lists them by itself; else one write of the
    /// fallback index, which is read again, and written again where an entry got lost. Called
    /// after all writes about `subject`: a list that it had to read is what the next call of
    /// [`Registry::referrers`] answers.
    async fn link_referrers(
        &self,
        subject: &Digest,
        added: &[Descriptor],
    ) -> Result<(), RegistryError>;
}

/// The right to move a tag; apart from [`Registry`], so that only the last step is given it.
#[async_trait]
pub trait TagWriter: Send + Sync {
    /// Points `tag` at a manifest that is stored already.
    async fn put_tag(&self, tag: &Tag, manifest: &RawManifest) -> Result<(), RegistryError>;
}

/// What became of a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// It was there.
    Existed,
    /// It was mounted from another repository.
    Mounted,
    /// It was sent.
    Uploaded,
}

/// What a manifest is to the release that stores it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManifestRole {
    /// A platform's manifest, reachable through its index.
    Child,
    /// Evidence; reachable through its `subject`.
    Referrer,
    /// The image itself. A layout lists it in `index.json`, so that it is kept without a tag.
    Root,
}

/// The referrers of a subject.
#[derive(Debug)]
pub struct Referrers {
    /// Descriptors as the place listed them: hints, until the manifests were read.
    pub descriptors: Vec<Descriptor>,
    /// Whether the list is known to be whole.
    pub absence: Absence,
}

/// Whether what is not listed is known not to be there.
#[derive(Debug)]
pub enum Absence {
    /// The Referrers API or the fallback index answered properly.
    Proven,
    /// The Referrers API gave an answer that is none; what is listed came from the fallback tag.
    Undetermined(RegistryError),
}
