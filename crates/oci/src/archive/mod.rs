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

use boltseal_core::Location;
use boltseal_ports::RegistryError;
use bytes::Bytes;

use self::tar_file::TarFile;
use crate::layout::{LayoutRegistry, files};

pub use self::writer::ArchiveWriter;

/// A layout in a tar file; every write is refused.
pub type Archive = LayoutRegistry<TarFile>;

impl Archive {
    /// Opens an archive as `oci-archive:FILE`. Reads every header once, and blocks for that long.
    ///
    /// # Errors
    /// `Unreachable` where the file cannot be read. `Contradiction` where it is no tar file, is
    /// compressed, cut short, has more than 100,000 members, two of one name or one that leads
    /// out of it, or holds no image layout of version 1.0.0.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, RegistryError> {
        let path = path.as_ref();
        let file = Arc::new(TarFile::open(path)?);
        Self::of(Location::OciArchive(path.to_owned()), file, None)
    }

    /// The same archive under the name its user gave it: `docker-archive:FILE` or
    /// `evidence:FILE`.
    #[must_use]
    pub fn named(self, location: Location) -> Self {
        self.at(location)
    }

    /// A member of any name, of at most `limit` bytes; `None` where there is none. Blocks.
    pub fn member(&self, name: &str, limit: u64) -> Result<Option<Bytes>, RegistryError> {
        files::read(self.files(), name, limit)
    }

    /// The names of all members that are files, in no order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files().names()
    }

    /// Hashes every blob, whether or not anything names it. Answers those that are not what their
    /// names say: none in an intact archive. Blocks for as long as the file takes to read.
    pub fn check_blobs(&self) -> Vec<RegistryError> {
        integrity::check(self.files())
    }
}
