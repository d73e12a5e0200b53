//! Layers as they are stored.

use std::io::{self, Read as _, Write};

use boltseal_core::{Descriptor, Digest};
use bytes::Bytes;
use flate2::{Compression, GzBuilder, read::MultiGzDecoder, write::GzEncoder};

use super::debian::Deb;

/// A layer as it is stored.
#[derive(Clone, Debug)]
pub struct BuiltLayer {
    /// The stored bytes.
    pub bytes: Bytes,
    /// Type, digest and size of the stored bytes.
    pub descriptor: Descriptor,
    /// The digest of the tar.
    pub diff_id: Digest,
    /// The packages that its `var/lib/dpkg/status` lists.
    pub packages: Vec<Deb>,
}

/// A layer that was written somewhere else than to memory.
#[derive(Clone, Debug)]
pub struct StreamedLayer {
    /// Type, digest and size of the stored bytes.
    pub descriptor: Descriptor,
    /// The digest of the tar.
    pub diff_id: Digest,
    /// The size of the tar, in bytes.
    pub tar_size: u64,
}

impl BuiltLayer {
    /// A layer of stored bytes that came about otherwise, and the digest of their tar.
    pub fn of(bytes: impl Into<Bytes>, media_type: &str, diff_id: Digest) -> Self {
        let bytes = bytes.into();
        let descriptor = Descriptor::of(media_type, &bytes);
        Self { bytes, descriptor, diff_id, packages: Vec::new() }
    }

    /// The tar, inflated where it is stored as gzip.
    ///
    /// # Errors
    /// The gzip is damaged.
    pub fn tar(&self) -> io::Result<Bytes> {
        if !self.bytes.starts_with(&[0x1f, 0x8b]) {
            return Ok(self.bytes.clone());
        }
        let mut tar = Vec::new();
        MultiGzDecoder::new(self.bytes.as_ref()).read_to_end(&mut tar)?;
        Ok(tar.into())
    }
}

pub(super) fn gzip<W: Write>(sink: W) -> GzEncoder<W> {
    GzBuilder::new().mtime(0).write(sink, Compression::default())
}

pub(super) fn write_members<W: Write>(mut sink: W, tar: &[u8]) -> io::Result<W> {
    let (head, tail) = tar.split_at(tar.len() / 2);
    for half in [head, tail] {
        let mut member = gzip(sink);
        member.write_all(half)?;
        sink = member.finish()?;
    }
    Ok(sink)
}
