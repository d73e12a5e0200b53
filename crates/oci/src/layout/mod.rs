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
mod registry;
mod tag;
pub(crate) mod trouble;
pub(crate) mod version;

use std::path::Path;
use std::sync::Arc;

use boltseal_core::Location;
use boltseal_ports::RegistryError;

pub use self::image::OnlyImageError;
pub use self::registry::LayoutRegistry;

use self::directory::{Absent, Directory};

/// A layout in a directory.
pub type Layout = LayoutRegistry<Directory>;

impl Layout {
    /// Opens a layout that exists. Reads `oci-layout` and `index.json`; blocks for that long.
    ///
    /// # Errors
    /// `Unreachable` where there is no directory, `Contradiction` where it is no layout of version
    /// 1.0.0 or its `index.json` is broken.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, RegistryError> {
        Self::of_directory(Directory::new(path.as_ref().to_owned(), Absent::Fault))
    }

    /// Opens a layout. Where there is no directory or an empty one, it is an empty layout, which
    /// the first write makes. Nothing is ever put into a directory with other files.
    pub fn open_or_create(path: impl AsRef<Path>) -> Result<Self, RegistryError> {
        Self::of_directory(Directory::new(path.as_ref().to_owned(), Absent::Empty))
    }

    fn of_directory(directory: Directory) -> Result<Self, RegistryError> {
        directory.check()?;
        let path = directory.root().to_owned();
        let directory = Arc::new(directory);
        Self::of(Location::Layout(path), Arc::clone(&directory), Some(directory))
    }
}
