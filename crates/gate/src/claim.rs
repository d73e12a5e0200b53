use boltseal_core::{Digest, Platform};

/// Which image a report says it is about. A scanner knows an image by what it had in hand: from a
/// Docker daemon the config digest, from a layout or a registry the manifest's, after a pull
/// perhaps only the index's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageClaim {
    /// Digests of manifests.
    pub manifests: Vec<Digest>,
    /// Image ids: digests of configs, or with containerd's store of manifests.
    pub image_ids: Vec<Digest>,
    /// The digests after the `@` of repository digests: manifests or indexes.
    pub repo_digests: Vec<Digest>,
    /// The name that was scanned.
    pub name: Option<String>,
    /// The platform.
    pub platform: Option<Platform>,
}

impl ImageClaim {
    /// Every digest that the report names.
    pub fn digests(&self) -> impl Iterator<Item = &Digest> {
        self.manifests.iter().chain(&self.image_ids).chain(&self.repo_digests)
    }

    /// Whether the report names no digest at all.
    pub fn is_unnamed(&self) -> bool {
        self.digests().next().is_none()
    }

    /// Whether one of the digests is `digest`.
    pub fn names(&self, digest: &Digest) -> bool {
        self.digests().any(|named| named == digest)
    }
}
