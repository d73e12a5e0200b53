//! A layout that was made, read back with nothing of ours.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use boltseal_core::{Descriptor, Digest};
use boltseal_image::build::{BuildError, BuildOptions};
use flate2::read::GzDecoder;
use serde_json::Value;
use tempfile::TempDir;

/// One entry of a layer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) path: String,
    pub(crate) kind: tar::EntryType,
    pub(crate) mode: u32,
    pub(crate) link: Option<PathBuf>,
    pub(crate) content: Vec<u8>,
}

/// A directory for input and output.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn options(&self) -> BuildOptions {
        BuildOptions::new(self.path("out"))
    }

    pub(crate) fn blob(&self, digest: &str) -> Vec<u8> {
        let hex = digest.strip_prefix("sha256:").unwrap();
        let bytes = fs::read(self.path("out").join("blobs/sha256").join(hex)).unwrap();
        assert_eq!(Digest::sha256_of(&bytes).to_string(), digest);
        bytes
    }

    pub(crate) fn json(&self, digest: &str) -> Value {
        serde_json::from_slice(&self.blob(digest)).unwrap()
    }

    /// The manifest and the configuration. The layout around them is checked.
    pub(crate) fn image(&self, made: &Descriptor) -> (Value, Value) {
        let out = self.path("out");
        let index: Value =
            serde_json::from_slice(&fs::read(out.join("index.json")).unwrap()).unwrap();
        assert_eq!(index["manifests"], serde_json::json!([made]));
        let marker = fs::read_to_string(out.join("oci-layout")).unwrap();
        assert_eq!(marker, r#"{"imageLayoutVersion":"1.0.0"}"#);
        assert_eq!(names(&out), ["blobs", "index.json", "oci-layout"]);
        let manifest = self.json(&made.digest.to_string());
        let config = self.json(manifest["config"]["digest"].as_str().unwrap());
        let layers = manifest["layers"].as_array().unwrap();
        let diff_ids = config["rootfs"]["diff_ids"].as_array().unwrap();
        assert_eq!(layers.len(), diff_ids.len());
        for (layer, diff_id) in layers.iter().zip(diff_ids) {
            let stored = self.blob(layer["digest"].as_str().unwrap());
            assert_eq!(layer["size"], stored.len());
            assert_eq!(*diff_id, Digest::sha256_of(&inflate(&stored)).to_string());
        }
        (manifest, config)
    }

    /// The entries of the only layer, each of which has no time and belongs to root.
    pub(crate) fn entries(&self, manifest: &Value) -> Vec<Entry> {
        let stored = self.blob(manifest["layers"][0]["digest"].as_str().unwrap());
        let bytes = inflate(&stored);
        let mut archive = tar::Archive::new(&bytes[..]);
        let entry = |it: std::io::Result<tar::Entry<'_, &[u8]>>| {
            let mut it = it.unwrap();
            let header = it.header();
            let owner = (header.uid().unwrap(), header.gid().unwrap(), header.mtime().unwrap());
            assert_eq!(owner, (0, 0, 0));
            let (kind, mode) = (header.entry_type(), header.mode().unwrap());
            let link = it.link_name().unwrap().map(std::borrow::Cow::into_owned);
            let path = String::from_utf8(it.path_bytes().into_owned()).unwrap();
            let mut content = Vec::new();
            it.read_to_end(&mut content).unwrap();
            Entry { path, kind, mode, link, content }
        };
        archive.entries().unwrap().map(entry).collect()
    }

    pub(crate) fn layer_digest(manifest: &Value) -> String {
        manifest["layers"][0]["digest"].as_str().unwrap().to_owned()
    }
}

pub(crate) fn inflate(stored: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzDecoder::new(stored).read_to_end(&mut bytes).unwrap();
    bytes
}

pub(crate) fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> =
        entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The stable code of an error.
pub(crate) fn code(error: &BuildError) -> &'static str {
    error.fault.outcome().1
}

/// The header of a little-endian 64-bit executable, and some bytes after it.
pub(crate) fn elf(machine: u16) -> Vec<u8> {
    let mut bytes = b"\x7fELF\x02\x01\x01\0".to_vec();
    bytes.resize(16, 0);
    bytes.extend(2_u16.to_le_bytes());
    bytes.extend(machine.to_le_bytes());
    bytes.extend(1_u32.to_le_bytes());
    bytes.resize(64, 0);
    bytes.extend(b"and what it does");
    bytes
}

pub(crate) const AMD64: u16 = 62;
pub(crate) const ARM64: u16 = 183;
