//! An OCI image layout in a tar file, as a registry that is only read.
//!
//! `oci-archive:FILE`, what `docker save` of Docker 25 and later writes, and boltseal's evidence
//! file are such archives. Nothing is unpacked: members are read where they lie.

mod integrity;
mod member;
mod section;
mod tar_file;
mod writer;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use boltseal_core::{Descriptor, Digest, Location, Pick, RawManifest};
use boltseal_ports::{
    Blob, BlobReader, ManifestRole, Pushed, Referrers, Registry, RegistryError, RegistryErrorKind,
    Traffic,
};
use bytes::Bytes;

use self::tar_file::TarFile;
use crate::layout::blocking::blocking;
use crate::layout::files::{self, Files as _};
use crate::layout::index_json::IndexJson;
use crate::layout::{OnlyImageError, blob, image, manifest, referrer, version};

pub use self::writer::ArchiveWriter;

/// An archive. Clones share the open file and the counters.
#[derive(Clone, Debug)]
pub struct Archive {
    location: Location,
    file: Arc<TarFile>,
}

impl Archive {
    /// Opens an archive as `oci-archive:FILE`. Reads every header once, and blocks for that long.
    ///
    /// # Errors
    /// `Unreachable` where the file cannot be read. `Contradiction` where it is no tar file, is
    /// compressed, cut short, has more than 100,000 members, two of one name or one that leads
    /// out of it, or holds no image layout of version 1.0.0.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, RegistryError> {
        let file = TarFile::open(path.as_ref())?;
        version::check(&file)?;
        IndexJson::read(&file)?;
        Ok(Self { location: Location::OciArchive(path.as_ref().to_owned()), file: Arc::new(file) })
    }

    /// The same archive under the name its user gave it: `docker-archive:FILE` or
    /// `evidence:FILE`.
    #[must_use]
    pub fn named(mut self, location: Location) -> Self {
        self.location = location;
        self
    }

    /// What the archive alone means: its one image, evidence left out. Blocks for a few small
    /// reads.
    pub fn only_image(&self) -> Result<Descriptor, OnlyImageError> {
        image::only(&*self.file)
    }

    /// A member of any name, of at most `limit` bytes; `None` where there is none. Blocks.
    pub fn member(&self, name: &str, limit: u64) -> Result<Option<Bytes>, RegistryError> {
        files::read(&*self.file, name, limit)
    }

    /// The names of all members that are files, in no order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.file.names()
    }

    /// Hashes every blob, whether or not anything names it. Answers those that are not what their
    /// names say: none in an intact archive. Blocks for as long as the file takes to read.
    pub fn check_blobs(&self) -> Vec<RegistryError> {
        integrity::check(&self.file)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&TarFile) -> Result<T, RegistryError> + Send + 'static,
    ) -> Result<T, RegistryError> {
        let file = Arc::clone(&self.file);
        blocking(move || work(&file)).await
    }

    fn read_only(&self) -> RegistryError {
        RegistryError::new(RegistryErrorKind::Rejected, self.location.to_string())
            .expected("a place that can be written")
            .found("an archive, which is read only")
            .fix("name a registry or a layout directory (oci:DIR) to write to")
    }
}

#[async_trait]
impl Registry for Archive {
    fn location(&self) -> &Location {
        &self.location
    }

    fn traffic(&self) -> Traffic {
        self.file.meter().traffic()
    }

    async fn fetch_manifest(&self, pick: &Pick) -> Result<Option<RawManifest>, RegistryError> {
        let pick = pick.clone();
        self.run(move |file| manifest::fetch(file, &pick)).await
    }

    async fn fetch_blob(
        &self,
        descriptor: &Descriptor,
        limit: u64,
    ) -> Result<Option<Bytes>, RegistryError> {
        let descriptor = descriptor.clone();
        self.run(move |file| blob::fetch(file, &descriptor, limit)).await
    }

    async fn open_blob(
        &self,
        descriptor: &Descriptor,
    ) -> Result<Option<BlobReader>, RegistryError> {
        let descriptor = descriptor.clone();
        self.run(move |file| blob::open(file, &descriptor)).await
    }

    async fn push_blob(&self, _blob: Blob<'_>) -> Result<Pushed, RegistryError> {
        Err(self.read_only())
    }

    async fn push_manifest(
        &self,
        _manifest: &RawManifest,
        _role: ManifestRole,
    ) -> Result<(), RegistryError> {
        Err(self.read_only())
    }

    async fn referrers(&self, subject: &Digest) -> Result<Referrers, RegistryError> {
        let subject = subject.clone();
        self.run(move |file| referrer::list(file, &subject)).await
    }

    async fn link_referrers(
        &self,
        _subject: &Digest,
        _added: &[Descriptor],
    ) -> Result<(), RegistryError> {
        Err(self.read_only())
    }
}
