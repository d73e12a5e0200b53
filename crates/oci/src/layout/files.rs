//! The files of an image layout, whether they lie in a directory or in an archive.

use std::io::Read as _;

use boltseal_core::Digest;
use boltseal_ports::{BlobReader, RegistryError};
use bytes::Bytes;

use super::meter::Meter;
use super::trouble;

/// What an image layout is read through. All calls block. Nobody outside can name it: it is public
/// because the layouts that are made of it are.
pub trait Files: Send + Sync + 'static {
    /// Opens the file of this name, such as `index.json`, at its start; `None` where it is
    /// proven not to be there.
    fn open(&self, name: &str) -> Result<Option<Opened>, RegistryError>;

    /// The file as people would find it, for errors.
    fn place(&self, name: &str) -> String;

    /// Where reads are counted.
    fn meter(&self) -> &Meter;
}

/// A file that can be read.
pub struct Opened {
    /// Its bytes, not more than `size`.
    pub(crate) reader: BlobReader,
    /// How many bytes it has.
    pub(crate) size: u64,
}

/// The name of a blob's file (image-spec, `image-layout.md`, "Blobs").
pub(crate) fn blob_name(digest: &Digest) -> String {
    format!("blobs/{}/{}", digest.algorithm().name(), digest.hex())
}

/// Opens a file and counts that.
pub(crate) fn open(files: &dyn Files, name: &str) -> Result<Option<Opened>, RegistryError> {
    let opened = files.open(name)?;
    files.meter().read(opened.as_ref().map_or(0, |it| it.size));
    Ok(opened)
}

/// Reads a whole file of at most `limit` bytes.
pub(crate) fn read(
    files: &dyn Files,
    name: &str,
    limit: u64,
) -> Result<Option<Bytes>, RegistryError> {
    let Some(opened) = open(files, name)? else {
        return Ok(None);
    };
    if opened.size > limit {
        return Err(trouble::too_large(&files.place(name), limit, opened.size));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(opened.size).unwrap_or_default());
    opened
        .reader
        .take(opened.size)
        .read_to_end(&mut bytes)
        .map_err(|error| trouble::unreachable(&files.place(name), &error))?;
    Ok(Some(bytes.into()))
}
