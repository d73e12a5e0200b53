//! Multi-architecture images.

use boltseal_core::{Annotations, Descriptor, Platform, media_type};
use bytes::Bytes;
use serde_json::{Value, json};

use super::builder::ImageBuilder;
use super::built::BuiltImage;
use super::stored::BuiltLayer;

/// An index of these children.
pub fn index(children: Vec<BuiltImage>) -> BuiltImage {
    let start = IndexBuilder::new();
    children.into_iter().fold(start, IndexBuilder::child).build()
}

/// Says what is in an index.
#[derive(Clone, Debug, Default)]
pub struct IndexBuilder {
    children: Vec<(BuiltImage, Descriptor)>,
    annotations: Annotations,
    docker: bool,
}

impl IndexBuilder {
    /// An empty index.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more child, listed with its platform.
    #[must_use]
    pub fn child(self, image: BuiltImage) -> Self {
        let descriptor = image.descriptor();
        self.child_as(image, descriptor)
    }

    /// One more child, listed as the descriptor says, right or wrong.
    #[must_use]
    pub fn child_as(mut self, image: BuiltImage, descriptor: Descriptor) -> Self {
        self.children.push((image, descriptor));
        self
    }

    /// An attestation about the last child, as `BuildKit` adds one by itself: a child for the
    /// platform `unknown/unknown`.
    ///
    /// # Panics
    /// There is no child yet.
    #[must_use]
    pub fn buildkit_attestation(self) -> Self {
        let last = self.children.last();
        let about = last.expect("a child to attest").1.digest.to_string();
        let image = attestation(&about);
        let mut descriptor = image.descriptor();
        descriptor.annotations = Annotations::from([
            ("vnd.docker.reference.digest".to_owned(), about),
            ("vnd.docker.reference.type".to_owned(), "attestation-manifest".to_owned()),
        ]);
        self.child_as(image, descriptor)
    }

    /// One more annotation of the index.
    #[must_use]
    pub fn annotation(mut self, name: &str, value: &str) -> Self {
        self.annotations.insert(name.to_owned(), value.to_owned());
        self
    }

    /// With Docker's media type instead of OCI's.
    #[must_use]
    pub const fn docker(mut self) -> Self {
        self.docker = true;
        self
    }

    /// The index.
    pub fn build(self) -> BuiltImage {
        let media_type = if self.docker { media_type::DOCKER_LIST } else { media_type::OCI_INDEX };
        let (children, descriptors): (Vec<_>, Vec<_>) = self.children.into_iter().unzip();
        let mut document = json!({
            "schemaVersion": 2,
            "mediaType": media_type,
            "manifests": descriptors,
        });
        if !self.annotations.is_empty() {
            document["annotations"] = json!(self.annotations);
        }
        BuiltImage {
            manifest: Bytes::from(document.to_string()),
            media_type: media_type.to_owned(),
            config: None,
            layers: Vec::new(),
            children,
            platform: None,
        }
    }
}

fn attestation(about: &str) -> BuiltImage {
    let hex = about.split(':').next_back().unwrap_or_default();
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": "https://slsa.dev/provenance/v0.2",
        "subject": [{"name": "_", "digest": {"sha256": hex}}],
        "predicate": {"buildType": "https://mobyproject.org/buildkit@v1"},
    });
    let bytes = statement.to_string();
    let diff_id = boltseal_core::Digest::sha256_of(bytes.as_bytes());
    let mut image = ImageBuilder::new()
        .platform("unknown/unknown")
        .built_layer(BuiltLayer::of(bytes, media_type::IN_TOTO, diff_id))
        .edit_manifest(|manifest: &mut Value| {
            manifest["layers"][0]["annotations"] =
                json!({"in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2"});
        })
        .build();
    image.platform = Some(Platform {
        architecture: "unknown".to_owned(),
        os: "unknown".to_owned(),
        variant: None,
    });
    image
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{LayerBuilder, debian_like};
    use boltseal_core::Manifest;

    #[test]
    fn attestations_are_no_images() {
        let arm = ImageBuilder::new()
            .platform("linux/arm64/v8")
            .layer(LayerBuilder::new().file("a", "b"))
            .build();
        let built =
            IndexBuilder::new().child(debian_like()).buildkit_attestation().child(arm).build();
        let Manifest::Index(index) = built.raw().parse().unwrap() else {
            panic!("an index is expected");
        };
        assert_eq!(index.manifests.len(), 3);
        let platforms: Vec<_> =
            index.images().filter_map(|it| it.platform.as_ref()).map(ToString::to_string).collect();
        assert_eq!(platforms, ["linux/amd64", "linux/arm64/v8"]);
        assert_eq!(built.manifests().len(), 4);
        assert_eq!(built.blobs().len(), 3 + 2 + 2);
    }
}
