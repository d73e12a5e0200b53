//! Small images and evidence, and the directory they lie in.

use std::fs;
use std::path::{Path, PathBuf};

use boltseal_core::{Annotations, Descriptor, Digest, Pick, RawManifest, Tag, media_type};
use boltseal_oci::layout::Layout;
use boltseal_ports::{Blob, ManifestRole, Probe, Pushed, Registry as _, RegistryError};
use bytes::Bytes;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A layout in a directory that is removed at the end.
pub(crate) struct Sample {
    pub(crate) layout: Layout,
    directory: TempDir,
}

impl Sample {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self { layout: Layout::open_or_create(directory.path().join("layout")).unwrap(), directory }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("layout")
    }

    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn blob(&self, digest: &Digest) -> PathBuf {
        self.path().join("blobs").join("sha256").join(digest.hex())
    }

    pub(crate) fn index(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path().join("index.json")).unwrap()).unwrap()
    }

    pub(crate) fn write_index(&self, index: &Value) {
        fs::write(self.path().join("index.json"), index.to_string()).unwrap();
    }

    /// Every entry as `digest` and name.
    pub(crate) fn entries(&self) -> Vec<(String, Option<String>)> {
        let index = self.index();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let entry = |it: &Value| {
            let name = text(&it["annotations"]["org.opencontainers.image.ref.name"]);
            (text(&it["digest"]).unwrap(), name)
        };
        index["manifests"].as_array().unwrap().iter().map(entry).collect()
    }

    /// Blobs, and files that were not finished.
    pub(crate) fn blobs(&self) -> Vec<String> {
        let blobs = self.path().join("blobs/sha256");
        let mut names = files_of(&self.path());
        names.retain(|it| it.starts_with(".boltseal-tmp-"));
        if blobs.exists() {
            names.extend(files_of(&blobs));
        }
        names
    }

    pub(crate) async fn push(&self, bytes: &Bytes) -> Result<Pushed, RegistryError> {
        push_as(&self.layout, &Descriptor::of("application/octet-stream", bytes), bytes).await
    }

    pub(crate) async fn push_image(&self, seed: &str) -> RawManifest {
        let image = image(seed);
        self.layout.push_manifest(&image, ManifestRole::Root).await.unwrap();
        image
    }

    pub(crate) async fn push_referrer(&self, subject: &RawManifest, kind: &str) -> RawManifest {
        let referrer = referrer(subject, kind);
        self.layout.push_manifest(&referrer, ManifestRole::Referrer).await.unwrap();
        referrer
    }
}

pub(crate) async fn push_as(
    layout: &Layout,
    descriptor: &Descriptor,
    source: &dyn boltseal_ports::BlobSource,
) -> Result<Pushed, RegistryError> {
    let (mount_from, probe) = (None, Probe::First);
    let blob = Blob { descriptor, source, mount_from, probe };
    layout.push_blob(blob).await
}

/// An image manifest whose blobs nobody needs. Like umoci's it has no top-level `mediaType`.
pub(crate) fn image(seed: &str) -> RawManifest {
    manifest(&json!({
        "schemaVersion": 2,
        "config": Descriptor::of(media_type::OCI_CONFIG, seed.as_bytes()),
        "layers": [Descriptor::of(media_type::OCI_LAYER_GZIP, seed.as_bytes())],
    }))
}

/// Evidence of a kind about a manifest.
pub(crate) fn referrer(subject: &RawManifest, kind: &str) -> RawManifest {
    manifest(&json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_MANIFEST,
        "artifactType": media_type::BUNDLE_V03,
        "config": Descriptor::of(media_type::OCI_EMPTY, media_type::EMPTY_JSON),
        "layers": [Descriptor::of(media_type::BUNDLE_V03, kind.as_bytes())],
        "subject": subject.descriptor(),
        "annotations": {"kind": kind},
    }))
}

pub(crate) fn index_of(children: &[Descriptor]) -> RawManifest {
    manifest(&json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_INDEX,
        "manifests": children,
    }))
}

pub(crate) fn manifest(value: &Value) -> RawManifest {
    RawManifest::new(value.to_string().into(), None).unwrap()
}

pub(crate) fn tag(name: &str) -> Tag {
    Tag::ref_name(name).unwrap()
}

pub(crate) fn named(name: &str) -> Pick {
    Pick::Tag(tag(name))
}

pub(crate) fn by_digest(manifest: &RawManifest) -> Pick {
    Pick::Digest(manifest.digest().clone())
}

pub(crate) fn kind(name: &str) -> Annotations {
    Annotations::from([("kind".to_owned(), name.to_owned())])
}

/// Names of the files of a directory, sorted.
pub(crate) fn files_of(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> =
        entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
