//! The image that memory is measured on: more than 4 GiB.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use boltseal_testkit::image::{DEBIAN_PACKAGES, LayerBuilder, LayoutWriter};
use bytes::Bytes;

use crate::console;
use crate::failure::Failure;
use crate::step::Step;

use super::{scratch, table};

const MEBIBYTE: u64 = 1024 * 1024;
const NOISE: u64 = 4096 * MEBIBYTE;

/// What the layout takes, what a registry takes again, and some room.
const NEEDED_MB: u64 = 2 * 4_800 + 500;

/// An OCI layout that is removed when it is dropped.
pub(super) struct BigImage {
    folder: tempfile::TempDir,
    pub(super) digest: String,
}

impl BigImage {
    /// Makes it piece by piece, in about a minute and a half.
    ///
    /// # Errors
    /// When the disk has not enough room for it and for a registry's copy.
    pub(super) fn make() -> Result<Self, Failure> {
        let folder = scratch()?;
        room(free_megabytes(folder.path())?, folder.path())?;
        console::heading("make an image of more than 4 GiB");
        let layout = folder.path().join("layout");
        let digest = write(&layout).map_err(Failure::file("write", layout))?;
        Ok(Self { folder, digest })
    }

    /// `oci:DIR:TAG`
    pub(super) fn name(&self) -> String {
        format!("oci:{}:latest", self.layout().display())
    }

    /// How large the layout is on disk.
    ///
    /// # Errors
    /// When it cannot be listed.
    pub(super) fn megabytes(&self) -> Result<u64, Failure> {
        let blobs = self.layout().join("blobs/sha256");
        let entries = fs::read_dir(&blobs).map_err(Failure::file("list", &blobs))?;
        let sizes = entries.map(|entry| entry.and_then(|it| it.metadata()).map(|it| it.len()));
        let sum: std::io::Result<u64> = sizes.sum();
        Ok(sum.map_err(Failure::file("list", blobs))? / 1_000_000)
    }

    fn layout(&self) -> PathBuf {
        self.folder.path().join("layout")
    }
}

/// A layer that does not compress, stored as gzip; one that does; one stored as plain tar; and
/// packages, so that there is an inventory.
fn write(directory: &Path) -> std::io::Result<String> {
    let text = text();
    let files = (0..64).map(|number| format!("srv/log/{number}"));
    let layers = [
        ("packages", LayerBuilder::new().dpkg(&DEBIAN_PACKAGES)),
        ("random, one file", LayerBuilder::new().noise("srv/model", NOISE, 1)),
        ("text, 64 files", files.fold(LayerBuilder::new(), |it, at| it.file(&at, text.clone()))),
        ("random, plain tar", LayerBuilder::new().noise("srv/data", 256 * MEBIBYTE, 2).plain()),
    ];
    let layout = LayoutWriter::create(directory)?;
    let mut written = Vec::new();
    let mut rows = Vec::new();
    for (what, layer) in layers {
        let layer = layout.stream_layer(&layer)?;
        let megabytes = |bytes: u64| format!("{} MB", bytes / 1_000_000);
        let sizes = [megabytes(layer.descriptor.size), megabytes(layer.tar_size)];
        rows.push([vec![what.to_owned()], sizes.to_vec()].concat());
        written.push(layer);
    }
    table::print(&["layer", "stored", "as tar"], rows);
    Ok(layout.add_streamed(&written, Some("latest"))?.to_string())
}

/// 16 MiB that compress about as logs do.
fn text() -> Bytes {
    let mut text = String::new();
    let mut number = 1_u32;
    while text.len() < 16 << 20 {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "time={number} level=info path=/v2/{:x} status=200", number >> 7);
    }
    text.into()
}

fn room(free: u64, folder: &Path) -> Result<(), Failure> {
    if free >= NEEDED_MB {
        return Ok(());
    }
    let purpose = "an image of 4 GiB and a registry's copy of it";
    Err(Failure::Space { needed: NEEDED_MB, free, path: folder.to_owned(), purpose })
}

/// What the file system of a folder has free, as `df` says (POSIX).
fn free_megabytes(folder: &Path) -> Result<u64, Failure> {
    let answer = Step::new("df").args(["-Pk"]).args([folder]).output()?;
    let answer = String::from_utf8_lossy(&answer.stdout).into_owned();
    let fields = answer.lines().nth(1).map(|line| line.split_whitespace().nth(3));
    let kibibytes: Option<u64> = fields.flatten().and_then(|field| field.parse().ok());
    let blocks = kibibytes.ok_or_else(|| Failure::Answer {
        answer,
        why: "`df -Pk` says how much is free in its fourth column".to_owned(),
    })?;
    Ok(blocks * 1024 / 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_named_before_anything_is_written() {
        let folder = Path::new("/tmp");
        assert!(room(NEEDED_MB, folder).is_ok());
        let failure = room(NEEDED_MB - 1, folder).unwrap_err().to_string();
        assert!(failure.contains("in /tmp, 10099 MB are free"), "{failure}");
        assert!(free_megabytes(folder).unwrap() > 0);
    }

    #[test]
    fn the_text_is_large_and_compresses_about_as_logs_do() {
        let layer = LayerBuilder::new().file("log", text()).build();
        let ratio = (16 << 20) / layer.bytes.len();
        assert!((3..9).contains(&ratio), "{ratio}");
    }
}
