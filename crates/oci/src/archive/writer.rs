//! Archives that boltseal writes.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use boltseal_core::{Digest, RawManifest, Tag};
use boltseal_ports::{ManifestRole, RegistryError, RegistryErrorKind};
use bytes::Bytes;
use tempfile::NamedTempFile;

use crate::layout::files::blob_name;
use crate::layout::index_json::{INDEX_JSON, IndexJson};
use crate::layout::manifest;
use crate::layout::version::{OCI_LAYOUT, OCI_LAYOUT_JSON};
use crate::layout::{directory, trouble};

/// Collects an image layout and writes it as a tar file. The same calls give the same bytes:
/// members stand in the order of their names, without times, owners or directories.
///
/// Everything is kept in memory: it is made for evidence, not for layers.
#[derive(Clone, Debug)]
pub struct ArchiveWriter {
    index: IndexJson,
    members: BTreeMap<String, Bytes>,
}

impl Default for ArchiveWriter {
    fn default() -> Self {
        Self::new()
    }
}

impl ArchiveWriter {
    /// An archive of an empty layout.
    pub fn new() -> Self {
        let layout = (OCI_LAYOUT.to_owned(), Bytes::from_static(OCI_LAYOUT_JSON));
        Self { index: IndexJson::empty(), members: BTreeMap::from([layout]) }
    }

    /// Adds a manifest and, unless it is a child of another, lists it in `index.json`.
    ///
    /// # Errors
    /// `Malformed` where a referrer is not what a manifest should be.
    pub fn add_manifest(
        &mut self,
        raw: &RawManifest,
        role: ManifestRole,
    ) -> Result<(), RegistryError> {
        let name = blob_name(raw.digest());
        let listed = manifest::entry(&name, raw, role)?;
        self.members.insert(name, raw.bytes().clone());
        if let Some(listed) = listed {
            self.index.list(&listed);
        }
        Ok(())
    }

    /// Adds a manifest, and names it in `index.json`.
    pub fn add_tagged(&mut self, raw: &RawManifest, tag: &Tag) {
        let name = blob_name(raw.digest());
        self.members.insert(name, raw.bytes().clone());
        self.index.name(tag, &raw.descriptor());
    }

    /// Adds a blob, and answers its digest.
    pub fn add_blob(&mut self, bytes: Bytes) -> Digest {
        let digest = Digest::sha256_of(&bytes);
        self.members.insert(blob_name(&digest), bytes);
        digest
    }

    /// Adds a member of any other name, such as `boltseal/policy.json`.
    ///
    /// # Errors
    /// `Rejected` where the name belongs to the layout, leads out of the archive or is taken by
    /// other bytes.
    pub fn add_member(&mut self, name: &str, bytes: Bytes) -> Result<(), RegistryError> {
        let plain = |part: &str| !["", ".", ".."].contains(&part);
        let layouts = [INDEX_JSON, OCI_LAYOUT].contains(&name) || name.starts_with("blobs/");
        if layouts || !name.split('/').all(plain) {
            return Err(refused(name, "a name that the layout leaves free"));
        }
        if self.members.get(name).is_some_and(|there| *there != bytes) {
            return Err(refused(name, "one content for each name"));
        }
        self.members.insert(name.to_owned(), bytes);
        Ok(())
    }

    /// Writes the archive; it appears under `path` whole or not at all. Blocks.
    pub fn write(&self, path: &Path) -> Result<(), RegistryError> {
        let place = path.display().to_string();
        let failed = |error: io::Error| trouble::unreachable(&place, &error);
        let parent = path.parent().filter(|it| !it.as_os_str().is_empty());
        let file = directory::temporary_in(parent.unwrap_or(Path::new("."))).map_err(failed)?;
        let file = self.write_to(file).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(path).map_err(|error| failed(error.error))?;
        Ok(())
    }

    fn write_to(&self, file: NamedTempFile) -> io::Result<NamedTempFile> {
        let mut tar = tar::Builder::new(BufWriter::new(file));
        let index = Bytes::from(self.index.to_bytes());
        let mut members: BTreeMap<&str, &Bytes> = BTreeMap::from([(INDEX_JSON, &index)]);
        members.extend(self.members.iter().map(|(name, bytes)| (name.as_str(), bytes)));
        for (name, bytes) in members {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(tar::EntryType::Regular);
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            header.set_mtime(0);
            tar.append_data(&mut header, name, &bytes[..])?;
        }
        let mut file = tar.into_inner()?;
        file.flush()?;
        file.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

fn refused(name: &str, expected: &str) -> RegistryError {
    RegistryError::new(RegistryErrorKind::Rejected, name)
        .expected(expected)
        .found(format!("{name:?}"))
        .fix("choose another name for the archive's member")
}
