//! A release in the files of an image layout: a directory, or an evidence file.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use boltseal_core::{Digest, media_type};
use boltseal_testkit::image::BuiltImage;
use serde_json::{Value, json};

use super::place::{Place, release};
use crate::harness::Sandbox;

const INDEX: &str = "index.json";
const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// Files by their names.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// A release in files, as it was when it was done.
pub(super) struct OnFiles {
    sandbox: Sandbox,
    form: Form,
    image: Digest,
    valid: Files,
    now: RefCell<Files>,
    on_disk: RefCell<Files>,
}

/// How the files are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Directory,
    EvidenceFile,
}

impl OnFiles {
    /// In an OCI layout directory.
    pub(super) fn layout() -> Self {
        let sandbox = Sandbox::new();
        let image = release(&sandbox, "oci:out:1", &[]);
        let files = read_directory(&sandbox.path("out"));
        Self::of(sandbox, Form::Directory, image, files)
    }

    /// In the evidence file of a release to a registry of this process.
    pub(super) fn evidence_file() -> Self {
        let sandbox = Sandbox::new();
        let image = release(&sandbox, "oci:out:1", &["--evidence-file", "e.tar"]);
        let files = read_tar(&fs::read(sandbox.path("e.tar")).expect("an evidence file"));
        Self::of(sandbox, Form::EvidenceFile, image, files)
    }

    fn of(sandbox: Sandbox, form: Form, image: Digest, valid: Files) -> Self {
        let (now, on_disk) = (RefCell::new(valid.clone()), RefCell::new(valid.clone()));
        let place = Self { sandbox, form, image, valid, now, on_disk };
        (&place as &dyn Place).expect_valid();
        place
    }

    /// The names of all files, as they were.
    pub(super) fn names(&self) -> Vec<String> {
        self.valid.keys().cloned().collect()
    }

    /// A file, as it is.
    pub(super) fn file(&self, name: &str) -> Vec<u8> {
        self.now.borrow().get(name).unwrap_or_else(|| panic!("no {name}")).clone()
    }

    pub(super) fn write(&self, name: &str, bytes: impl Into<Vec<u8>>) {
        self.now.borrow_mut().insert(name.to_owned(), bytes.into());
    }

    pub(super) fn remove(&self, name: &str) {
        assert!(self.now.borrow_mut().remove(name).is_some(), "no {name}");
    }

    /// Changes what `index.json` lists.
    pub(super) fn change_index(&self, change: impl FnOnce(&mut Vec<Value>)) {
        let mut index: Value = serde_json::from_slice(&self.file(INDEX)).expect("JSON");
        change(index["manifests"].as_array_mut().expect("a list"));
        self.write(INDEX, index.to_string());
    }

    /// Gives the image's name to another manifest.
    pub(super) fn move_name(&self, digest: &Digest, size: usize) {
        self.change_index(|entries| {
            let named = entries.iter_mut().find(|it| it["annotations"][REF_NAME].is_string());
            let entry = named.expect("a named image");
            entry["digest"] = json!(digest);
            entry["size"] = json!(size);
        });
    }
}

/// The name of a blob's file.
pub(super) fn blob_name(digest: &Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}

impl Place for OnFiles {
    fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    fn targets(&self) -> Vec<String> {
        match self.form {
            Form::Directory => vec!["oci:out:1".to_owned(), format!("oci:out@{}", self.image)],
            Form::EvidenceFile => {
                vec!["evidence:e.tar".to_owned(), format!("evidence:e.tar@{}", self.image)]
            }
        }
    }

    fn image(&self) -> &Digest {
        &self.image
    }

    fn manifests(&self) -> Vec<Digest> {
        let index: Value = serde_json::from_slice(&self.file(INDEX)).expect("JSON");
        let entries = index["manifests"].as_array().expect("a list");
        let digest = |it: &Value| serde_json::from_value(it["digest"].clone()).expect("a digest");
        entries.iter().map(digest).collect()
    }

    fn read(&self, digest: &Digest) -> Vec<u8> {
        self.file(&blob_name(digest))
    }

    fn set_manifest(&self, digest: &Digest, bytes: Vec<u8>) {
        self.write(&blob_name(digest), bytes);
    }

    fn set_blob(&self, digest: &Digest, bytes: Vec<u8>) {
        self.write(&blob_name(digest), bytes);
    }

    fn put_blob(&self, bytes: Vec<u8>) -> Digest {
        let digest = Digest::sha256_of(&bytes);
        self.write(&blob_name(&digest), bytes);
        digest
    }

    fn attach(&self, bytes: Vec<u8>) -> Digest {
        let manifest: Value = serde_json::from_slice(&bytes).expect("JSON");
        let size = bytes.len();
        let digest = self.put_blob(bytes);
        self.change_index(|entries| {
            entries.push(json!({
                "mediaType": media_type::OCI_MANIFEST,
                "digest": digest,
                "size": size,
                "artifactType": manifest["artifactType"],
                "annotations": manifest["annotations"],
            }));
        });
        digest
    }

    fn unlist(&self, digest: &Digest) {
        self.change_index(|entries| {
            let before = entries.len();
            entries.retain(|it| it["digest"] != json!(digest));
            assert_eq!(entries.len() + 1, before, "{digest} was listed");
        });
    }

    fn retag(&self, other: &BuiltImage) {
        for (_, bytes) in other.blobs() {
            self.put_blob(bytes.to_vec());
        }
        let digest = self.put_blob(other.raw().bytes().to_vec());
        self.move_name(&digest, other.raw().bytes().len());
    }

    fn restore(&self) {
        self.now.borrow_mut().clone_from(&self.valid);
    }

    fn settle(&self) {
        let (now, mut on_disk) = (self.now.borrow(), self.on_disk.borrow_mut());
        match self.form {
            Form::Directory => write_directory(&self.sandbox.path("out"), &on_disk, &now),
            Form::EvidenceFile => {
                let members = now.iter().map(|(name, bytes)| (name.as_str(), &bytes[..]));
                self.sandbox.write("e.tar", tar_of(members));
            }
        }
        on_disk.clone_from(&now);
    }
}

fn read_directory(root: &Path) -> Files {
    let mut files = Files::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(root).expect("a file in the layout");
            let bytes = fs::read(&path).expect("a file");
            files.insert(name.to_str().expect("a name that is text").to_owned(), bytes);
        }
    }
    files
}

fn write_directory(root: &Path, before: &Files, now: &Files) {
    for (name, bytes) in now.iter().filter(|(name, bytes)| before.get(*name) != Some(bytes)) {
        fs::write(root.join(name), bytes).expect("a file in the layout");
    }
    for name in before.keys().filter(|name| !now.contains_key(*name)) {
        fs::remove_file(root.join(name)).expect("a file in the layout");
    }
}

fn read_tar(bytes: &[u8]) -> Files {
    let mut archive = tar::Archive::new(bytes);
    let mut files = Files::new();
    for entry in archive.entries().expect("a tar file") {
        let mut entry = entry.expect("a member");
        let name = entry.path().expect("a name").to_str().expect("text").to_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).expect("a member's bytes");
        files.insert(name, content);
    }
    files
}

/// A tar file of plain members, in their order.
pub(super) fn tar_of<'a>(members: impl Iterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, bytes).expect("a member");
    }
    archive.into_inner().expect("a tar file")
}
