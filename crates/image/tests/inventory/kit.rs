//! Layers made for tests.

use std::io::{Read, Write};

use boltseal_core::{Descriptor, Digest, Inventory, Package};
use boltseal_image::{LayerContents, LayerError, Limits, assemble, scan_layer};

pub(crate) const PLAIN: &str = "application/vnd.oci.image.layer.v1.tar";
pub(crate) const GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
pub(crate) const ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";

/// A layer as it is stored, and what manifest and configuration say of it.
pub(crate) struct Layer {
    pub(crate) stored: Vec<u8>,
    pub(crate) descriptor: Descriptor,
    pub(crate) diff_id: Digest,
}

impl Layer {
    pub(crate) fn plain(archive: Vec<u8>) -> Self {
        let diff_id = Digest::sha256_of(&archive);
        Self { descriptor: Descriptor::of(PLAIN, &archive), stored: archive, diff_id }
    }

    pub(crate) fn gzip(archive: &[u8]) -> Self {
        Self { diff_id: Digest::sha256_of(archive), ..Self::stored_as(GZIP, gzip(archive)) }
    }

    pub(crate) fn zstd(archive: &[u8]) -> Self {
        let stored = zstd::encode_all(archive, 1).unwrap();
        Self { diff_id: Digest::sha256_of(archive), ..Self::stored_as(ZSTD, stored) }
    }

    /// Anything, whose diffID is nothing's.
    pub(crate) fn stored_as(media_type: &str, stored: Vec<u8>) -> Self {
        let descriptor = Descriptor::of(media_type, &stored);
        Self { descriptor, stored, diff_id: Digest::sha256_of(b"") }
    }

    pub(crate) fn scan(&self) -> Result<LayerContents, LayerError> {
        self.scan_within(&Limits::default())
    }

    pub(crate) fn scan_within(&self, limits: &Limits) -> Result<LayerContents, LayerError> {
        scan_layer(&*self.stored, &self.descriptor, &self.diff_id, limits)
    }
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// An archive, entry by entry.
pub(crate) struct Archive(tar::Builder<Vec<u8>>);

impl Archive {
    pub(crate) fn new() -> Self {
        Self(tar::Builder::new(Vec::new()))
    }

    pub(crate) fn file(self, path: &str, content: &str) -> Self {
        self.entry(path, tar::EntryType::Regular, 0o644, content.as_bytes())
    }

    pub(crate) fn program(self, path: &str, content: &[u8]) -> Self {
        self.entry(path, tar::EntryType::Regular, 0o755, content)
    }

    pub(crate) fn directory(self, path: &str) -> Self {
        self.entry(path, tar::EntryType::Directory, 0o755, b"")
    }

    pub(crate) fn symlink(self, path: &str, target: &str) -> Self {
        self.link(path, tar::EntryType::Symlink, target)
    }

    pub(crate) fn hard_link(self, path: &str, target: &str) -> Self {
        self.link(path, tar::EntryType::Link, target)
    }

    pub(crate) fn entry(
        mut self,
        path: &str,
        kind: tar::EntryType,
        mode: u32,
        content: &[u8],
    ) -> Self {
        let mut header = header(kind, mode);
        header.set_size(content.len() as u64);
        self.0.append_data(&mut header, path, content).unwrap();
        self
    }

    fn link(mut self, path: &str, kind: tar::EntryType, target: &str) -> Self {
        self.0.append_link(&mut header(kind, 0o777), path, target).unwrap();
        self
    }

    /// An entry whose name goes into the header as it is.
    pub(crate) fn raw(mut self, name: &[u8], kind: tar::EntryType, content: &[u8]) -> Self {
        let mut header = header(kind, 0o644);
        header.set_size(content.len() as u64);
        header.as_mut_bytes()[..name.len()].copy_from_slice(name);
        header.set_cksum();
        self.0.append(&header, content).unwrap();
        self
    }

    pub(crate) fn pax(mut self, records: &[(&str, &[u8])]) -> Self {
        self.0.append_pax_extensions(records.iter().copied()).unwrap();
        self
    }

    pub(crate) fn bytes(self) -> Vec<u8> {
        self.0.into_inner().unwrap()
    }

    pub(crate) fn layer(self) -> Layer {
        Layer::gzip(&self.bytes())
    }
}

fn header(kind: tar::EntryType, mode: u32) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(0);
    header
}

/// The inventory of an image with these layers, lowest first.
pub(crate) fn inventory(layers: &[&Layer]) -> Inventory {
    assemble(layers.iter().map(|layer| layer.scan().unwrap()).collect())
}

/// `NAME VERSION` of each package, and the number of the layer that it came with.
pub(crate) fn origins(layers: &[&Layer]) -> Vec<(String, usize)> {
    let number = |package: &Package| {
        layers.iter().position(|layer| layer.descriptor.digest == package.layer).unwrap()
    };
    let packages = inventory(layers).packages;
    packages.iter().map(|it| (format!("{} {}", it.name, it.version), number(it))).collect()
}

/// A dpkg status with these packages, each `NAME VERSION`.
pub(crate) fn status(packages: &[&str]) -> String {
    let stanza = |package: &&str| {
        let (name, version) = package.split_once(' ').unwrap();
        format!(
            "Package: {name}\nStatus: install ok installed\nArchitecture: amd64\n\
             Version: {version}\n\n"
        )
    };
    packages.iter().map(stanza).collect()
}

pub(crate) const STATUS: &str = "var/lib/dpkg/status";

/// A reader that fails after `good` bytes.
pub(crate) struct Failing<'a> {
    pub(crate) good: &'a [u8],
}

impl Read for Failing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.good.read(buffer)? {
            0 => Err(std::io::ErrorKind::ConnectionReset.into()),
            read => Ok(read),
        }
    }
}
