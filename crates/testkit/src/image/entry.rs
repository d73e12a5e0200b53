//! Entries of a layer's tar.

use std::io::{self, Read as _, Write};

use bytes::Bytes;
use tar::{Builder, EntryType, Header};

use super::noise::Noise;

/// An entry that is written as it is, however wrong: a path that climbs, a size that lies.
#[derive(Clone, Debug)]
pub struct RawEntry {
    /// The path, at most 100 bytes, unchecked.
    pub path: Vec<u8>,
    /// The kind of entry.
    pub kind: EntryType,
    /// The target of a link, at most 100 bytes, unchecked.
    pub link: Vec<u8>,
    /// The mode bits.
    pub mode: u32,
    /// The size that the header states; that of `data` where `None`.
    pub stated_size: Option<u64>,
    /// What follows the header.
    pub data: Bytes,
}

impl RawEntry {
    /// A regular file.
    pub fn file(path: &str, data: impl Into<Bytes>) -> Self {
        Self {
            path: path.as_bytes().to_vec(),
            kind: EntryType::Regular,
            link: Vec::new(),
            mode: 0o644,
            stated_size: None,
            data: data.into(),
        }
    }

    /// A symbolic or hard link.
    pub fn link(kind: EntryType, path: &str, target: &str) -> Self {
        Self { kind, link: target.as_bytes().to_vec(), ..Self::file(path, Bytes::new()) }
    }

    /// The same, with a header that states another size.
    #[must_use]
    pub const fn stating(mut self, size: u64) -> Self {
        self.stated_size = Some(size);
        self
    }

    fn write(&self, tar: &mut Builder<impl Write>) -> io::Result<()> {
        let stated = self.stated_size.unwrap_or(self.data.len() as u64);
        let mut header = header(self.kind, self.mode, stated);
        let old = header.as_old_mut();
        copy(&self.path, &mut old.name);
        copy(&self.link, &mut old.linkname);
        header.set_cksum();
        let inner = tar.get_mut();
        inner.write_all(header.as_bytes())?;
        inner.write_all(&self.data)?;
        let rest = self.data.len() % 512;
        let padding = if rest == 0 { 0 } else { 512 - rest };
        inner.write_all(&vec![0; padding])
    }
}

/// One entry of a layer.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    Dir(String, u32),
    File(String, u32, Data),
    HardLink(String, String),
    /// A file whose path stands in a PAX header.
    Pax(String, Bytes),
    Raw(RawEntry),
    Symlink(String, String),
}

/// Where a file's bytes come from.
#[derive(Clone, Debug)]
pub(super) enum Data {
    Bytes(Bytes),
    Noise { size: u64, seed: u64 },
    Zeros(u64),
}

impl Entry {
    pub(super) fn write(&self, tar: &mut Builder<impl Write>) -> io::Result<()> {
        match self {
            Self::Dir(path, mode) => {
                let mut header = header(EntryType::Directory, *mode, 0);
                tar.append_data(&mut header, path, io::empty())
            }
            Self::File(path, mode, data) => data.write(path, *mode, tar),
            Self::HardLink(path, target) => {
                let mut header = header(EntryType::Link, 0o644, 0);
                tar.append_link(&mut header, path, target)
            }
            Self::Pax(path, bytes) => {
                tar.append_pax_extensions([("path", path.as_bytes())])?;
                let mut header = header(EntryType::Regular, 0o644, bytes.len() as u64);
                tar.append_data(&mut header, "in-pax-header", bytes.as_ref())
            }
            Self::Raw(raw) => raw.write(tar),
            Self::Symlink(path, target) => {
                let mut header = header(EntryType::Symlink, 0o777, 0);
                tar.append_link(&mut header, path, target)
            }
        }
    }
}

impl Data {
    fn write(&self, path: &str, mode: u32, tar: &mut Builder<impl Write>) -> io::Result<()> {
        let regular = |size| header(EntryType::Regular, mode, size);
        match self {
            Self::Bytes(bytes) => {
                let mut header = regular(bytes.len() as u64);
                tar.append_data(&mut header, path, bytes.as_ref())
            }
            Self::Noise { size, seed } => {
                let noise = Noise::new(*seed).take(*size);
                tar.append_data(&mut regular(*size), path, noise)
            }
            Self::Zeros(size) => {
                let zeros = io::repeat(0).take(*size);
                tar.append_data(&mut regular(*size), path, zeros)
            }
        }
    }
}

/// Owned by root, from the beginning of time, so that layers are reproducible.
fn header(kind: EntryType, mode: u32, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header
}

fn copy(from: &[u8], to: &mut [u8]) {
    let length = from.len().min(to.len());
    to[..length].copy_from_slice(&from[..length]);
}
