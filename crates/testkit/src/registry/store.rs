//! The store behind the registry, for tests that look into it or tamper with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use boltseal_core::{Descriptor, Digest};
use bytes::Bytes;
use jiff::Timestamp;

use super::content::Content;
use super::repository::{Manifest, Repositories, Repository};
use super::shared::{Shared, locked};

/// Direct access to what the registry holds. Nothing done here counts as a request, and nothing
/// is checked: that is the point. Cloning gives another handle to the same store.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) shared: Arc<Shared>,
}

/// Everything a store held at one moment. Bytes are shared, not copied.
#[derive(Clone, Debug)]
pub struct Snapshot(Repositories);

/// The whole.
impl Store {
    /// What the store holds now.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot(locked(&self.shared.repositories).clone())
    }

    /// Makes the store hold what it held then.
    pub fn restore(&self, snapshot: &Snapshot) {
        *locked(&self.shared.repositories) = snapshot.0.clone();
    }

    /// The names of the repositories.
    pub fn repositories(&self) -> Vec<String> {
        locked(&self.shared.repositories).keys().cloned().collect()
    }

    fn read<T>(&self, repository: &str, look: impl FnOnce(&Repository) -> T) -> Option<T> {
        locked(&self.shared.repositories).get(repository).map(look)
    }

    fn write<T>(&self, repository: &str, change: impl FnOnce(&mut Repository) -> T) -> T {
        let mut repositories = locked(&self.shared.repositories);
        change(repositories.entry(repository.to_owned()).or_default())
    }
}

/// Manifests.
impl Store {
    /// The bytes stored under a digest.
    pub fn manifest(&self, repository: &str, digest: &Digest) -> Option<Bytes> {
        let bytes = |it: &Repository| it.manifests.get(digest).map(|it| it.bytes.clone());
        self.read(repository, bytes)?
    }

    /// When a manifest came in.
    pub fn pushed_at(&self, repository: &str, digest: &Digest) -> Option<Timestamp> {
        self.read(repository, |it| it.manifests.get(digest).map(|it| it.pushed))?
    }

    /// The media type of a manifest, as it is served.
    pub fn media_type(&self, repository: &str, digest: &Digest) -> Option<String> {
        self.read(repository, |it| it.manifests.get(digest).map(|it| it.media_type.clone()))?
    }

    /// The digests of all manifests.
    pub fn manifests(&self, repository: &str) -> Vec<Digest> {
        let digests = |it: &Repository| it.manifests.keys().cloned().collect();
        self.read(repository, digests).unwrap_or_default()
    }

    /// Stores a manifest under the digest of its bytes, and lists it as a referrer where it has a
    /// `subject`. `media_type` is what the registry will say where the manifest itself says
    /// nothing.
    pub fn put_manifest(&self, repository: &str, bytes: Bytes, media_type: &str) -> Digest {
        let digest = Digest::sha256_of(&bytes);
        let manifest = Manifest::new(bytes, media_type, &digest);
        self.write(repository, |it| it.manifests.insert(digest.clone(), manifest));
        digest
    }

    /// Exchanges the bytes of a stored manifest, which keeps its digest, its type and its place
    /// in the list of referrers.
    ///
    /// # Panics
    /// There is no such manifest.
    pub fn set_manifest_bytes(&self, repository: &str, digest: &Digest, bytes: Bytes) {
        self.write(repository, |it| {
            let stored = it.manifests.get_mut(digest);
            stored.expect("a manifest with this digest is stored").bytes = bytes;
        });
    }

    /// Removes a manifest, also from the lists of referrers; tags that point at it dangle.
    /// Returns whether there was one.
    pub fn remove_manifest(&self, repository: &str, digest: &Digest) -> bool {
        self.write(repository, |it| it.manifests.remove(digest).is_some())
    }

    /// What the Referrers API lists for a subject, in the order of the digests.
    pub fn referrers_of(&self, repository: &str, subject: &Digest) -> Vec<Descriptor> {
        self.shared.referrers_of(repository, subject)
    }

    /// Changes what the Referrers API says of one manifest, but not the manifest.
    ///
    /// # Panics
    /// There is no such referrer.
    pub fn edit_referrer(
        &self,
        repository: &str,
        digest: &Digest,
        edit: impl FnOnce(&mut Descriptor),
    ) {
        self.write(repository, |it| {
            let stored = it.manifests.get_mut(digest);
            let listing = stored.and_then(|it| it.listing.as_mut());
            edit(&mut listing.expect("a referrer with this digest is listed").descriptor);
        });
    }

    /// Takes a manifest off the lists of referrers; it stays stored. Returns whether it was
    /// listed.
    pub fn hide_referrer(&self, repository: &str, digest: &Digest) -> bool {
        self.write(repository, |it| {
            let stored = it.manifests.get_mut(digest);
            stored.and_then(|it| it.listing.take()).is_some()
        })
    }
}

/// Blobs.
impl Store {
    /// The bytes stored under a digest.
    ///
    /// # Panics
    /// The blob lies in a file that cannot be read.
    pub fn blob(&self, repository: &str, digest: &Digest) -> Option<Bytes> {
        let content = self.read(repository, |it| it.blobs.get(digest).cloned())??;
        Some(content.bytes().expect("the registry's own file is there"))
    }

    /// The size of a blob.
    pub fn blob_size(&self, repository: &str, digest: &Digest) -> Option<u64> {
        self.read(repository, |it| it.blobs.get(digest).map(Content::len))?
    }

    /// The digests of all blobs.
    pub fn blobs(&self, repository: &str) -> Vec<Digest> {
        let digests = |it: &Repository| it.blobs.keys().cloned().collect();
        self.read(repository, digests).unwrap_or_default()
    }

    /// Stores a blob under the digest of its bytes.
    pub fn put_blob(&self, repository: &str, bytes: Bytes) -> Digest {
        let digest = Digest::sha256_of(&bytes);
        self.set_blob_bytes(repository, &digest, bytes);
        digest
    }

    /// Stores bytes under a digest, whatever they hash to.
    pub fn set_blob_bytes(&self, repository: &str, digest: &Digest, bytes: Bytes) {
        self.write(repository, |it| it.blobs.insert(digest.clone(), bytes.into()));
    }

    /// Removes a blob. Returns whether there was one.
    pub fn remove_blob(&self, repository: &str, digest: &Digest) -> bool {
        self.write(repository, |it| it.blobs.remove(digest).is_some())
    }

    /// How often each digest, of a blob or a manifest, was written over HTTP; mounts count.
    pub fn writes_per_digest(&self, repository: &str) -> BTreeMap<Digest, u64> {
        self.read(repository, |it| it.writes.clone()).unwrap_or_default()
    }

    /// How often each blob was written over HTTP; mounts count.
    pub fn writes_per_blob(&self, repository: &str) -> BTreeMap<Digest, u64> {
        let mut writes = self.writes_per_digest(repository);
        let blobs = self.blobs(repository);
        writes.retain(|digest, _| blobs.contains(digest));
        writes
    }
}

/// Tags.
impl Store {
    /// All tags and what they point at.
    pub fn tags(&self, repository: &str) -> BTreeMap<String, Digest> {
        self.read(repository, |it| it.tags.clone()).unwrap_or_default()
    }

    /// What a tag points at.
    pub fn tag(&self, repository: &str, tag: &str) -> Option<Digest> {
        self.read(repository, |it| it.tags.get(tag).cloned())?
    }

    /// Points a tag at a digest, whether or not that is stored.
    pub fn set_tag(&self, repository: &str, tag: &str, digest: &Digest) {
        self.write(repository, |it| it.tags.insert(tag.to_owned(), digest.clone()));
    }

    /// Removes a tag. Returns whether there was one.
    pub fn remove_tag(&self, repository: &str, tag: &str) -> bool {
        self.write(repository, |it| it.tags.remove(tag).is_some())
    }
}
