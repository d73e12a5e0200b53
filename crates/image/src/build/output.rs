//! The image layout that an image is written into.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use boltseal_core::{Descriptor, Digest, media_type};
use serde::Serialize;
use tempfile::NamedTempFile;

use super::build_error::{BuildError, BuildFault, io_at};

/// A layout that is being filled. Its `index.json` is written last: without one it is none.
pub(super) struct Output {
    root: PathBuf,
    blobs: PathBuf,
}

/// Members stand in this order in the written bytes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'a> {
    schema_version: u8,
    media_type: &'a str,
    config: &'a Descriptor,
    layers: &'a [Descriptor],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Index<'a> {
    schema_version: u8,
    media_type: &'a str,
    manifests: [&'a Descriptor; 1],
}

impl Output {
    /// A layout in a directory that is absent or empty.
    pub(super) fn create(root: &Path) -> Result<Self, BuildError> {
        let blobs = root.join("blobs").join("sha256");
        fs::create_dir_all(root).map_err(io_at(root))?;
        if let Some(entry) = fs::read_dir(root).map_err(io_at(root))?.next() {
            let name = entry.map_err(io_at(root))?.file_name();
            return Err(BuildFault::NotEmpty(name.display().to_string()).at(root));
        }
        fs::create_dir_all(&blobs).map_err(io_at(&blobs))?;
        let output = Self { root: root.to_owned(), blobs };
        output.write("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#)?;
        Ok(output)
    }

    /// The layout's directory.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// A file for a blob whose digest is not known yet.
    pub(super) fn unnamed(&self) -> Result<NamedTempFile, BuildError> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".boltseal-tmp-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        builder.tempfile_in(&self.root).map_err(io_at(&self.root))
    }

    /// Gives a blob its name.
    pub(super) fn keep(&self, file: NamedTempFile, digest: &Digest) -> Result<(), BuildError> {
        let path = self.blobs.join(digest.hex());
        file.persist(&path).map_err(|error| io_at(&path)(error.error))?;
        Ok(())
    }

    /// Writes a small blob.
    pub(super) fn put(&self, media_type: &str, bytes: &[u8]) -> Result<Descriptor, BuildError> {
        let descriptor = Descriptor::of(media_type, bytes);
        let mut file = self.unnamed()?;
        file.write_all(bytes).map_err(io_at(&self.blobs))?;
        self.keep(file, &descriptor.digest)?;
        Ok(descriptor)
    }

    /// Writes the manifest and lists it.
    pub(super) fn finish(
        &self,
        config: &Descriptor,
        layers: &[Descriptor],
    ) -> Result<Descriptor, BuildError> {
        let manifest =
            Manifest { schema_version: 2, media_type: media_type::OCI_MANIFEST, config, layers };
        let descriptor = self.put(media_type::OCI_MANIFEST, &to_json(&manifest))?;
        let index = Index {
            schema_version: 2,
            media_type: media_type::OCI_INDEX,
            manifests: [&descriptor],
        };
        self.write("index.json", &to_json(&index))?;
        Ok(descriptor)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), BuildError> {
        let path = self.root.join(name);
        fs::write(&path, bytes).map_err(io_at(&path))
    }
}

/// Compact JSON; members in the order of the struct.
pub(super) fn to_json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("structs of strings and numbers always serialise")
}
