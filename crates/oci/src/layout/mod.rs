//! An OCI image layout directory, as a registry (image-spec, `image-layout.md`).
//!
//! - Manifests and blobs are files under `blobs/`, written whole or not at all.
//! - A tag is the name of an entry in `index.json`; evidence is listed there without a name.
//! - `index.json` changes under a lock, by a temporary file, fsync and rename; what boltseal does
//!   not know in it is kept.

pub(crate) mod blob;
pub(crate) mod blocking;
pub(crate) mod directory;
pub(crate) mod files;
pub(crate) mod image;
pub(crate) mod index_json;
mod lock;
pub(crate) mod manifest;
pub(crate) mod meter;
pub(crate) mod referrer;
mod tag;
pub(crate) mod trouble;
pub(crate) mod version;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use boltseal_core::{Descriptor, Digest, Location, Pick, RawManifest, Tag};
use boltseal_ports::{
    Blob, BlobReader, ManifestRole, Pushed, Referrers, Registry, RegistryError, TagWriter, Traffic,
};
use bytes::Bytes;

pub use self::image::OnlyImageError;

use self::blocking::blocking;
use self::directory::Directory;
use self::files::Files as _;
use self::index_json::IndexJson;

/// A layout. Clones share their counters.
#[derive(Clone, Debug)]
pub struct Layout {
    location: Location,
    directory: Arc<Directory>,
}

impl Layout {
    /// Opens a layout that exists. Reads `oci-layout` and `index.json`; blocks for that long.
    ///
    /// # Errors
    /// `Unreachable` where there is no directory, `Contradiction` where it is no layout of version
    /// 1.0.0 or its `index.json` is broken.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, RegistryError> {
        let layout = Self::at(path.as_ref());
        if !layout.directory.exists() {
            return Err(trouble::no_directory(path.as_ref()));
        }
        version::check(&*layout.directory)?;
        IndexJson::read(&*layout.directory)?;
        Ok(layout)
    }

    /// Opens a layout, and makes an empty one first where there is no directory or an empty one.
    /// Nothing is ever put into a directory with other files.
    pub fn open_or_create(path: impl AsRef<Path>) -> Result<Self, RegistryError> {
        Self::at(path.as_ref()).directory.create()?;
        Self::open(path)
    }

    /// What `oci:DIR` alone means: the one image listed in `index.json`, evidence left out. The
    /// descriptor is as it is listed there. Blocks for a few small reads.
    pub fn only_image(&self) -> Result<Descriptor, OnlyImageError> {
        image::only(&*self.directory)
    }

    fn at(path: &Path) -> Self {
        Self {
            location: Location::Layout(path.to_owned()),
            directory: Arc::new(Directory::new(path.to_owned())),
        }
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Directory) -> Result<T, RegistryError> + Send + 'static,
    ) -> Result<T, RegistryError> {
        let directory = Arc::clone(&self.directory);
        blocking(move || work(&directory)).await
    }
}

#[async_trait]
impl Registry for Layout {
    fn location(&self) -> &Location {
        &self.location
    }

    fn traffic(&self) -> Traffic {
        self.directory.meter().traffic()
    }

    async fn fetch_manifest(&self, pick: &Pick) -> Result<Option<RawManifest>, RegistryError> {
        let pick = pick.clone();
        self.run(move |directory| manifest::fetch(directory, &pick)).await
    }

    async fn fetch_blob(
        &self,
        descriptor: &Descriptor,
        limit: u64,
    ) -> Result<Option<Bytes>, RegistryError> {
        let descriptor = descriptor.clone();
        self.run(move |directory| blob::fetch(directory, &descriptor, limit)).await
    }

    async fn open_blob(
        &self,
        descriptor: &Descriptor,
    ) -> Result<Option<BlobReader>, RegistryError> {
        let descriptor = descriptor.clone();
        self.run(move |directory| blob::open(directory, &descriptor)).await
    }

    async fn push_blob(&self, blob: Blob<'_>) -> Result<Pushed, RegistryError> {
        blob::push(&self.directory, blob).await
    }

    async fn push_manifest(
        &self,
        manifest: &RawManifest,
        role: ManifestRole,
    ) -> Result<(), RegistryError> {
        let manifest = manifest.clone();
        self.run(move |directory| manifest::push(directory, &manifest, role)).await
    }

    async fn referrers(&self, subject: &Digest) -> Result<Referrers, RegistryError> {
        let subject = subject.clone();
        self.run(move |directory| referrer::list(directory, &subject)).await
    }

    async fn link_referrers(
        &self,
        _subject: &Digest,
        added: &[Descriptor],
    ) -> Result<(), RegistryError> {
        let added = added.to_vec();
        self.run(move |directory| referrer::link(directory, &added)).await
    }
}

#[async_trait]
impl TagWriter for Layout {
    async fn put_tag(&self, tag: &Tag, manifest: &RawManifest) -> Result<(), RegistryError> {
        let (tag, manifest) = (tag.clone(), manifest.clone());
        self.run(move |directory| tag::put(directory, &tag, &manifest)).await
    }
}
