//! An image layout, behind the ports, wherever its files lie.

use std::sync::Arc;

use async_trait::async_trait;
use boltseal_core::{Descriptor, Digest, Location, Pick, RawManifest, Tag};
use boltseal_ports::{
    Blob, BlobReader, ManifestRole, Pushed, Referrers, Registry, RegistryError, RegistryErrorKind,
    TagWriter, Traffic,
};
use bytes::Bytes;

use super::blocking::blocking;
use super::directory::Directory;
use super::files::Files;
use super::image::OnlyImageError;
use super::index_json::IndexJson;
use super::{blob, image, manifest, referrer, tag, version};

/// An image layout whose files lie in an `F`: a directory or an archive. Clones share the files
/// and the counters.
#[derive(Debug)]
pub struct LayoutRegistry<F> {
    location: Location,
    files: Arc<F>,
    /// The same files, where they can be written.
    directory: Option<Arc<Directory>>,
}

impl<F> Clone for LayoutRegistry<F> {
    fn clone(&self) -> Self {
        Self {
            location: self.location.clone(),
            files: Arc::clone(&self.files),
            directory: self.directory.clone(),
        }
    }
}

impl<F: Files> LayoutRegistry<F> {
    /// Takes `files` for a layout, if they are one. Reads `oci-layout` and `index.json`. Where
    /// they can be written, they are `directory` too.
    pub(crate) fn of(
        location: Location,
        files: Arc<F>,
        directory: Option<Arc<Directory>>,
    ) -> Result<Self, RegistryError> {
        version::check(&*files)?;
        IndexJson::read(&*files)?;
        Ok(Self { location, files, directory })
    }

    /// The files themselves.
    pub(crate) fn files(&self) -> &F {
        &self.files
    }

    /// The same layout at the location that its user named.
    pub(crate) fn at(self, location: Location) -> Self {
        Self { location, ..self }
    }

    /// What the layout alone means: the one image listed in `index.json`, evidence left out. The
    /// descriptor is as it is listed there. Blocks for a few small reads.
    pub fn only_image(&self) -> Result<Descriptor, OnlyImageError> {
        image::only(&*self.files)
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&F) -> Result<T, RegistryError> + Send + 'static,
    ) -> Result<T, RegistryError> {
        let files = Arc::clone(&self.files);
        blocking(move || work(&files)).await
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Directory) -> Result<T, RegistryError> + Send + 'static,
    ) -> Result<T, RegistryError> {
        let directory = Arc::clone(self.directory()?);
        blocking(move || work(&directory)).await
    }

    /// The directory, in which alone a layout can be written.
    fn directory(&self) -> Result<&Arc<Directory>, RegistryError> {
        self.directory.as_ref().ok_or_else(|| {
            RegistryError::new(RegistryErrorKind::Rejected, self.location.to_string())
                .expected("a place that can be written")
                .found("an archive, which is read only")
                .fix("name a registry or a layout directory (oci:DIR) to write to")
        })
    }
}

#[async_trait]
impl<F: Files> Registry for LayoutRegistry<F> {
    fn location(&self) -> &Location {
        &self.location
    }

    fn traffic(&self) -> Traffic {
        self.files.meter().traffic()
    }

    async fn fetch_manifest(&self, pick: &Pick) -> Result<Option<RawManifest>, RegistryError> {
        let pick = pick.clone();
        self.read(move |files| manifest::fetch(files, &pick)).await
    }

    async fn fetch_blob(
        &self,
        descriptor: &Descriptor,
        limit: u64,
    ) -> Result<Option<Bytes>, RegistryError> {
        let descriptor = descriptor.clone();
        self.read(move |files| blob::fetch(files, &descriptor, limit)).await
    }

    async fn open_blob(
        &self,
        descriptor: &Descriptor,
    ) -> Result<Option<BlobReader>, RegistryError> {
        let descriptor = descriptor.clone();
        self.read(move |files| blob::open(files, &descriptor)).await
    }

    async fn push_blob(&self, blob: Blob<'_>) -> Result<Pushed, RegistryError> {
        blob::push(self.directory()?, blob).await
    }

    async fn push_manifest(
        &self,
        manifest: &RawManifest,
        role: ManifestRole,
    ) -> Result<(), RegistryError> {
        let manifest = manifest.clone();
        self.write(move |directory| manifest::push(directory, &manifest, role)).await
    }

    async fn referrers(&self, subject: &Digest) -> Result<Referrers, RegistryError> {
        let subject = subject.clone();
        self.read(move |files| referrer::list(files, &subject)).await
    }

    async fn link_referrers(
        &self,
        _subject: &Digest,
        added: &[Descriptor],
    ) -> Result<(), RegistryError> {
        let added = added.to_vec();
        self.write(move |directory| referrer::link(directory, &added)).await
    }
}

#[async_trait]
impl TagWriter for LayoutRegistry<Directory> {
    async fn put_tag(&self, tag: &Tag, manifest: &RawManifest) -> Result<(), RegistryError> {
        let (tag, manifest) = (tag.clone(), manifest.clone());
        self.write(move |directory| tag::put(directory, &tag, &manifest)).await
    }
}
