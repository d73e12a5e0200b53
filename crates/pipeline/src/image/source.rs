//! The image to work on: its manifests, and for each platform its configuration.

use boltseal_core::{
    Descriptor, Digest, Exit, ImageManifest, Manifest, Pick, Platform, RawManifest, Reason,
};
use boltseal_image::ImageConfig;
use boltseal_ports::Registry;

use crate::Failure;

const MAX_CONFIG_BYTES: u64 = 8 * 1024 * 1024;

/// An image, or an index with one image for each platform.
#[derive(Clone, Debug)]
pub(crate) struct ImageSource {
    /// The manifest that was asked for.
    pub(crate) root: RawManifest,
    /// The images: one for an image, the children for an index.
    pub(crate) images: Vec<PlatformImage>,
    /// `BuildKit`'s attestation manifests, which an index carries along.
    pub(crate) attestations: Vec<(RawManifest, ImageManifest)>,
}

/// One image with its configuration.
#[derive(Clone, Debug)]
pub(crate) struct PlatformImage {
    pub(crate) manifest: RawManifest,
    pub(crate) parsed: ImageManifest,
    pub(crate) config_bytes: bytes::Bytes,
    pub(crate) config: ImageConfig,
    pub(crate) platform: Platform,
}

impl ImageSource {
    /// Reads the manifests and configurations of `digest`.
    pub(crate) async fn open(registry: &dyn Registry, digest: &Digest) -> Result<Self, Failure> {
        let root = manifest(registry, digest).await?;
        match parse(registry, &root)? {
            Manifest::Image(parsed) => {
                let image = PlatformImage::open(registry, root.clone(), parsed).await?;
                Ok(Self { root, images: vec![image], attestations: Vec::new() })
            }
            Manifest::Index(index) => {
                let mut source = Self { root, images: Vec::new(), attestations: Vec::new() };
                let images: Vec<&Digest> = index.images().map(|child| &child.digest).collect();
                for child in &index.manifests {
                    source.add_child(registry, child, images.contains(&&child.digest)).await?;
                }
                if source.images.is_empty() {
                    return Err(unsupported(registry, digest, "an index without images").into());
                }
                Ok(source)
            }
        }
    }

    async fn add_child(
        &mut self,
        registry: &dyn Registry,
        child: &Descriptor,
        is_image: bool,
    ) -> Result<(), Failure> {
        let manifest = manifest(registry, &child.digest).await?;
        let Manifest::Image(parsed) = parse(registry, &manifest)? else {
            return Err(unsupported(registry, &child.digest, "an index within an index").into());
        };
        if is_image {
            let mut image = PlatformImage::open(registry, manifest, parsed).await?;
            if let Some(platform) = &child.platform {
                image.platform = platform.clone();
            }
            self.images.push(image);
        } else {
            self.attestations.push((manifest, parsed));
        }
        Ok(())
    }

    /// Whether the root is an index.
    pub(crate) fn is_index(&self) -> bool {
        self.root.is_index()
    }

    /// Every blob that the manifests name, once each: layers first, then configurations.
    pub(crate) fn blobs(&self) -> Vec<Descriptor> {
        let parsed = self.images.iter().map(|image| &image.parsed);
        let all: Vec<_> = parsed.chain(self.attestations.iter().map(|(_, it)| it)).collect();
        let layers = all.iter().flat_map(|manifest| &manifest.layers);
        let configs = all.iter().map(|manifest| &manifest.config);
        unique(layers.chain(configs))
    }
}

fn unique<'a>(descriptors: impl Iterator<Item = &'a Descriptor>) -> Vec<Descriptor> {
    let mut seen = std::collections::BTreeSet::new();
    descriptors.filter(|it| seen.insert(it.digest.clone())).map(Descriptor::bare).collect()
}

impl PlatformImage {
    async fn open(
        registry: &dyn Registry,
        manifest: RawManifest,
        parsed: ImageManifest,
    ) -> Result<Self, Failure> {
        let config_bytes = registry
            .fetch_blob(&parsed.config, MAX_CONFIG_BYTES)
            .await?
            .ok_or_else(|| missing(registry, &parsed.config.digest))?;
        let invalid = |problem: &dyn std::fmt::Display| {
            Reason::new(Exit::Contradiction, "image-config-invalid")
                .expected("an image configuration that matches its manifest")
                .found(problem.to_string())
                .place(format!("{}@{}", registry.location(), parsed.config.digest))
                .fix("build the image again")
        };
        let config = ImageConfig::parse(&config_bytes).map_err(|problem| invalid(&problem))?;
        config.check_layers(&parsed).map_err(|problem| invalid(&problem))?;
        let platform = config.platform().clone();
        Ok(Self { manifest, parsed, config_bytes, config, platform })
    }
}

async fn manifest(registry: &dyn Registry, digest: &Digest) -> Result<RawManifest, Failure> {
    let found = registry.fetch_manifest(&Pick::Digest(digest.clone())).await?;
    Ok(found.ok_or_else(|| missing(registry, digest))?)
}

fn parse(registry: &dyn Registry, manifest: &RawManifest) -> Result<Manifest, Failure> {
    Ok(manifest.parse().map_err(|problem| invalid(registry, manifest, &problem))?)
}

/// A manifest that cannot be read as one.
pub(crate) fn invalid(
    registry: &dyn Registry,
    manifest: &RawManifest,
    problem: &dyn std::fmt::Display,
) -> Reason {
    Reason::new(Exit::Contradiction, "manifest-invalid")
        .expected("an image manifest or an index")
        .found(problem.to_string())
        .place(format!("{}@{}", registry.location(), manifest.digest()))
        .fix("build the image again")
}

/// Something that a manifest names, and that is not there.
pub(crate) fn missing(registry: &dyn Registry, digest: &Digest) -> Reason {
    Reason::new(Exit::Contradiction, "image-incomplete")
        .expected(format!("{digest}, which the image is made of"))
        .found("it is not there")
        .place(registry.location().to_string())
        .fix("build or copy the image again, whole")
}

fn unsupported(registry: &dyn Registry, digest: &Digest, found: &str) -> Reason {
    Reason::new(Exit::Contradiction, "image-unsupported")
        .expected("an image, or an index of images")
        .found(found)
        .place(format!("{}@{digest}", registry.location()))
        .fix("release the images one by one, or build one flat index of them")
}
