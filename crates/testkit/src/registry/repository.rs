//! What one repository holds.

use std::collections::BTreeMap;

use boltseal_core::{Descriptor, Digest};
use bytes::Bytes;
use jiff::Timestamp;

use super::content::Content;
use super::received::Received;

/// All repositories, by name. Cloning is cheap: bytes are shared.
pub(super) type Repositories = BTreeMap<String, Repository>;

/// Blobs, manifests, tags and open uploads.
#[derive(Clone, Debug, Default)]
pub(super) struct Repository {
    pub(super) blobs: BTreeMap<Digest, Content>,
    pub(super) manifests: BTreeMap<Digest, Manifest>,
    pub(super) tags: BTreeMap<String, Digest>,
    /// The pieces that came so far, by session.
    pub(super) uploads: BTreeMap<String, Vec<Received>>,
    /// How often each digest was written over HTTP, mounts included.
    pub(super) writes: BTreeMap<Digest, u64>,
}

impl Repository {
    pub(super) fn note_write(&mut self, digest: &Digest) {
        *self.writes.entry(digest.clone()).or_default() += 1;
    }
}

/// A stored manifest: its exact bytes, and what the Referrers API says of it, which is worked out
/// once, when it comes in.
#[derive(Clone, Debug)]
pub(super) struct Manifest {
    pub(super) bytes: Bytes,
    pub(super) media_type: String,
    pub(super) listing: Option<Listing>,
    /// When it came in.
    pub(super) pushed: Timestamp,
}

impl Manifest {
    /// Takes the bytes as they are; the type within wins over the declared one.
    pub(super) fn new(bytes: Bytes, declared: &str, digest: &Digest) -> Self {
        let shape = Shape::of(&bytes);
        let media_type = shape.media_type.clone().unwrap_or_else(|| declared.to_owned());
        let listing = shape.listing(&media_type, digest, bytes.len());
        Self { bytes, media_type, listing, pushed: Timestamp::now() }
    }
}

/// An entry of the Referrers API.
#[derive(Clone, Debug)]
pub(super) struct Listing {
    pub(super) subject: Digest,
    pub(super) descriptor: Descriptor,
}

/// The members of a manifest that the registry cares about; whatever is malformed is absent.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    pub(super) media_type: Option<String>,
    artifact_type: Option<String>,
    config_type: Option<String>,
    subject: Option<Digest>,
    annotations: BTreeMap<String, String>,
}

impl Shape {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let document: serde_json::Value = serde_json::from_slice(bytes).unwrap_or_default();
        let text = |value: &serde_json::Value| {
            let text = value.as_str().filter(|text| !text.is_empty());
            text.map(str::to_owned)
        };
        let annotations = document["annotations"].as_object();
        Self {
            media_type: text(&document["mediaType"]),
            artifact_type: text(&document["artifactType"]),
            config_type: text(&document["config"]["mediaType"]),
            subject: text(&document["subject"]["digest"]).and_then(|digest| digest.parse().ok()),
            annotations: annotations
                .into_iter()
                .flatten()
                .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
                .collect(),
        }
    }

    /// The entry that distribution-spec ("Listing Referrers") asks for: the artifact type is the
    /// manifest's own, else its configuration's type; the annotations are the manifest's.
    fn listing(self, media_type: &str, digest: &Digest, size: usize) -> Option<Listing> {
        let mut descriptor = Descriptor::new(media_type, digest.clone(), size as u64);
        descriptor.artifact_type = self.artifact_type.or(self.config_type);
        descriptor.annotations = self.annotations;
        Some(Listing { subject: self.subject?, descriptor })
    }
}
