//! Layers.

use std::io::{self, Write};

use boltseal_core::{Descriptor, Digest, media_type};
use bytes::Bytes;

use super::debian::{Deb, debian_status};
use super::entry::{Data, Entry, RawEntry};
use super::hashing::Hashing;
use super::stored::{BuiltLayer, StreamedLayer, gzip, write_members};

/// Says what is in a layer, entry by entry. Paths have no leading `/`.
#[derive(Clone, Debug)]
pub struct LayerBuilder {
    entries: Vec<Entry>,
    packages: Vec<Deb>,
    packing: Packing,
    media_type: Option<String>,
    cut_at: Option<usize>,
}

/// How a layer is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// As gzip, without a time.
    Gzip,
    /// As two gzip members, one after the other, as pigz and estargz write many.
    GzipMembers,
    /// As it is.
    Plain,
}

impl Default for LayerBuilder {
    fn default() -> Self {
        Self::new()
    }
}

/// What is in it.
impl LayerBuilder {
    /// An empty layer, stored as gzip.
    pub const fn new() -> Self {
        Self {
            entries: Vec::new(),
            packages: Vec::new(),
            packing: Packing::Gzip,
            media_type: None,
            cut_at: None,
        }
    }

    /// A file with mode 0644.
    #[must_use]
    pub fn file(self, path: &str, bytes: impl Into<Bytes>) -> Self {
        self.file_mode(path, 0o644, bytes)
    }

    /// A file with a mode.
    #[must_use]
    pub fn file_mode(self, path: &str, mode: u32, bytes: impl Into<Bytes>) -> Self {
        self.entry(Entry::File(path.to_owned(), mode, Data::Bytes(bytes.into())))
    }

    /// A file whose path stands in a PAX header, as Docker writes long and non-ASCII ones.
    #[must_use]
    pub fn pax_file(self, path: &str, bytes: impl Into<Bytes>) -> Self {
        self.entry(Entry::Pax(path.to_owned(), bytes.into()))
    }

    /// A file of zeros, which compress about a thousandfold: a zip bomb where it is large. It
    /// costs no memory.
    #[must_use]
    pub fn zeros(self, path: &str, size: u64) -> Self {
        self.entry(Entry::File(path.to_owned(), 0o644, Data::Zeros(size)))
    }

    /// A file that does not compress, the same for the same seed.
    #[must_use]
    pub fn noise(self, path: &str, size: u64, seed: u64) -> Self {
        let data = Data::Noise { size, seed };
        self.entry(Entry::File(path.to_owned(), 0o644, data))
    }

    /// A directory with mode 0755.
    #[must_use]
    pub fn dir(self, path: &str) -> Self {
        self.entry(Entry::Dir(format!("{}/", path.trim_end_matches('/')), 0o755))
    }

    /// A symbolic link.
    #[must_use]
    pub fn symlink(self, path: &str, target: &str) -> Self {
        self.entry(Entry::Symlink(path.to_owned(), target.to_owned()))
    }

    /// A hard link.
    #[must_use]
    pub fn hard_link(self, path: &str, target: &str) -> Self {
        self.entry(Entry::HardLink(path.to_owned(), target.to_owned()))
    }

    /// Removes a path of the layers below.
    #[must_use]
    pub fn whiteout(self, path: &str) -> Self {
        let hidden = match path.rsplit_once('/') {
            Some((parent, name)) => format!("{parent}/.wh.{name}"),
            None => format!(".wh.{path}"),
        };
        self.file(&hidden, "")
    }

    /// Removes everything that the layers below have in a directory.
    #[must_use]
    pub fn opaque(self, directory: &str) -> Self {
        self.file(&format!("{directory}/.wh..wh..opq"), "")
    }

    /// An entry that is written as it is, however wrong.
    #[must_use]
    pub fn raw(self, entry: RawEntry) -> Self {
        self.entry(Entry::Raw(entry))
    }

    /// `var/lib/dpkg/status` with these packages.
    #[must_use]
    pub fn dpkg(mut self, packages: &[Deb]) -> Self {
        self.packages = packages.to_vec();
        self.file("var/lib/dpkg/status", debian_status(packages))
    }

    fn entry(mut self, entry: Entry) -> Self {
        self.entries.push(entry);
        self
    }
}

/// How it is stored.
impl LayerBuilder {
    /// Stored in this way.
    #[must_use]
    pub const fn packing(mut self, packing: Packing) -> Self {
        self.packing = packing;
        self
    }

    /// Stored as it is.
    #[must_use]
    pub const fn plain(self) -> Self {
        self.packing(Packing::Plain)
    }

    /// Declared as this type, whatever it is.
    #[must_use]
    pub fn media_type(mut self, media_type: &str) -> Self {
        self.media_type = Some(media_type.to_owned());
        self
    }

    /// Stored without its end: only the first `length` bytes, whose digest the descriptor holds.
    #[must_use]
    pub const fn truncated(mut self, length: usize) -> Self {
        self.cut_at = Some(length);
        self
    }

    /// The layer, in memory.
    ///
    /// # Panics
    /// An entry has a path that tar cannot hold; [`LayerBuilder::raw`] is there for those.
    pub fn build(&self) -> BuiltLayer {
        let mut bytes = Vec::new();
        let streamed = self.write_to(&mut bytes).expect("memory takes every layer");
        let (bytes, descriptor) = match self.cut_at {
            None => (Bytes::from(bytes), streamed.descriptor),
            Some(length) => {
                bytes.truncate(length);
                let descriptor = Descriptor::of(&streamed.descriptor.media_type, &bytes);
                (Bytes::from(bytes), descriptor)
            }
        };
        BuiltLayer { bytes, descriptor, diff_id: streamed.diff_id, packages: self.packages.clone() }
    }

    /// Writes the layer, whole, without keeping it in memory.
    ///
    /// # Errors
    /// `sink` fails, or an entry has a path that tar cannot hold.
    pub fn write_to(&self, sink: impl Write) -> io::Result<StreamedLayer> {
        let stored = Hashing::new(sink);
        let (stored, diff_id, tar_size) = match self.packing {
            Packing::Plain => self.write_tar(stored)?,
            Packing::Gzip => {
                let (gzip, diff_id, size) = self.write_tar(gzip(stored))?;
                (gzip.finish()?, diff_id, size)
            }
            Packing::GzipMembers => {
                let (tar, diff_id, size) = self.write_tar(Vec::new())?;
                (write_members(stored, &tar)?, diff_id, size)
            }
        };
        let (mut sink, digest, size) = stored.finish();
        sink.flush()?;
        Ok(StreamedLayer {
            descriptor: Descriptor::new(self.stored_type(), digest, size),
            diff_id,
            tar_size,
        })
    }

    fn stored_type(&self) -> &str {
        match (&self.media_type, self.packing) {
            (Some(declared), _) => declared,
            (None, Packing::Plain) => media_type::OCI_LAYER,
            (None, Packing::Gzip | Packing::GzipMembers) => media_type::OCI_LAYER_GZIP,
        }
    }

    fn write_tar<W: Write>(&self, sink: W) -> io::Result<(W, Digest, u64)> {
        let mut tar = tar::Builder::new(Hashing::new(sink));
        for entry in &self.entries {
            entry.write(&mut tar)?;
        }
        Ok(tar.into_inner()?.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(layer: &BuiltLayer) -> Vec<String> {
        let tar = layer.tar().unwrap();
        let mut archive = tar::Archive::new(tar.as_ref());
        let entries = archive.entries().unwrap();
        let name = |entry: io::Result<tar::Entry<'_, _>>| {
            String::from_utf8(entry.unwrap().path_bytes().to_vec()).unwrap()
        };
        entries.map(name).collect()
    }

    #[test]
    fn holds_every_kind_of_entry() {
        let long = format!("{}/file", "d".repeat(150));
        let layer = LayerBuilder::new()
            .dir("etc")
            .file("etc/motd", "hello")
            .symlink("bin", "usr/bin")
            .hard_link("etc/copy", "etc/motd")
            .whiteout("etc/issue")
            .whiteout("old")
            .opaque("var/cache")
            .file(&long, "")
            .pax_file("ünï/name", "x")
            .raw(RawEntry::file("../../escape", "x"))
            .build();
        let expected = [
            "etc/",
            "etc/motd",
            "bin",
            "etc/copy",
            "etc/.wh.issue",
            ".wh.old",
            "var/cache/.wh..wh..opq",
            &long,
            "ünï/name",
            "../../escape",
        ];
        assert_eq!(names(&layer), expected);
    }

    #[test]
    fn is_the_same_every_time_and_hashes_to_its_descriptor() {
        for packing in [Packing::Gzip, Packing::GzipMembers, Packing::Plain] {
            let builder = LayerBuilder::new().noise("n", 5000, 1).packing(packing);
            let (one, two) = (builder.build(), builder.build());
            assert_eq!(one.bytes, two.bytes);
            assert_eq!(one.descriptor.digest, Digest::sha256_of(&one.bytes));
            assert_eq!(one.descriptor.size, one.bytes.len() as u64);
            assert_eq!(one.diff_id, Digest::sha256_of(&one.tar().unwrap()));
        }
    }

    #[test]
    fn zeros_compress_and_noise_does_not() {
        let size = 1024 * 1024;
        let zeros = LayerBuilder::new().zeros("z", size).build();
        assert!(zeros.bytes.len() < 4096);
        let noise = LayerBuilder::new().noise("n", size, 7).build();
        assert!(noise.bytes.len() as u64 > size);
    }

    #[test]
    fn a_truncated_layer_matches_its_descriptor_and_does_not_inflate() {
        let layer = LayerBuilder::new().noise("n", 5000, 1).truncated(2000).build();
        assert_eq!(layer.bytes.len(), 2000);
        assert_eq!(layer.descriptor.digest, Digest::sha256_of(&layer.bytes));
        assert!(layer.tar().is_err());
    }

    #[test]
    fn a_stated_size_may_lie() {
        let raw = RawEntry::file("big", "small").stating(1 << 40);
        let layer = LayerBuilder::new().raw(raw).plain().build();
        let mut archive = tar::Archive::new(layer.bytes.as_ref());
        let entry = archive.entries().unwrap().next().unwrap().unwrap();
        assert_eq!(entry.header().size().unwrap(), 1 << 40);
    }
}
