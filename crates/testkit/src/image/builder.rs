//! Images.

use std::sync::Arc;

use boltseal_core::{Descriptor, Platform, media_type};
use bytes::Bytes;
use serde_json::{Value, json};

use super::built::BuiltImage;
use super::layer::LayerBuilder;
use super::stored::BuiltLayer;

/// Says what an image is made of. Without a platform it is for `linux/amd64`.
#[derive(Clone)]
pub struct ImageBuilder {
    layers: Vec<BuiltLayer>,
    platform: Platform,
    types: Types,
    labels: Vec<(String, String)>,
    config_edits: Vec<Edit>,
    manifest_edits: Vec<Edit>,
}

type Edit = Arc<dyn Fn(&mut Value) + Send + Sync>;

/// The media types of manifest and configuration, and of layers where they are not the OCI ones.
#[derive(Clone, Copy)]
enum Types {
    Docker,
    Oci,
}

impl Default for ImageBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl ImageBuilder {
    /// An image without layers.
    pub fn new() -> Self {
        Self {
            layers: Vec::new(),
            platform: Platform {
                architecture: "amd64".to_owned(),
                os: "linux".to_owned(),
                variant: None,
            },
            types: Types::Oci,
            labels: Vec::new(),
            config_edits: Vec::new(),
            manifest_edits: Vec::new(),
        }
    }

    /// One more layer, above the others.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "a builder reads best where it is made")]
    pub fn layer(self, layer: LayerBuilder) -> Self {
        self.built_layer(layer.build())
    }

    /// One more layer that is built already.
    #[must_use]
    pub fn built_layer(mut self, layer: BuiltLayer) -> Self {
        self.layers.push(layer);
        self
    }

    /// For this platform (`OS/ARCH[/VARIANT]`).
    ///
    /// # Panics
    /// The text is no platform.
    #[must_use]
    pub fn platform(mut self, platform: &str) -> Self {
        self.platform = platform.parse().expect("a platform as OS/ARCH[/VARIANT]");
        self
    }

    /// One more label in the configuration.
    #[must_use]
    pub fn label(mut self, name: &str, value: &str) -> Self {
        self.labels.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With Docker's media types instead of OCI's.
    #[must_use]
    pub const fn docker(mut self) -> Self {
        self.types = Types::Docker;
        self
    }

    /// Without a `mediaType` in the manifest, as umoci writes it.
    #[must_use]
    pub fn without_media_type(self) -> Self {
        self.edit_manifest(|manifest| {
            if let Some(members) = manifest.as_object_mut() {
                members.remove("mediaType");
            }
        })
    }

    /// Changes the configuration before it is written.
    #[must_use]
    pub fn edit_config(mut self, edit: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        self.config_edits.push(Arc::new(edit));
        self
    }

    /// Changes the manifest before it is written.
    #[must_use]
    pub fn edit_manifest(mut self, edit: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        self.manifest_edits.push(Arc::new(edit));
        self
    }

    /// The image.
    pub fn build(&self) -> BuiltImage {
        let config = Bytes::from(self.config().to_string());
        let manifest = self.manifest(&config);
        BuiltImage {
            media_type: self.types.manifest().to_owned(),
            manifest: Bytes::from(manifest.to_string()),
            config: Some(config),
            layers: self.layers.clone(),
            children: Vec::new(),
            platform: Some(self.platform.clone()),
        }
    }

    fn config(&self) -> Value {
        let diff_ids: Vec<_> = self.layers.iter().map(|layer| &layer.diff_id).collect();
        let mut labels = serde_json::Map::new();
        for (name, value) in &self.labels {
            labels.insert(name.clone(), json!(value));
        }
        let history: Vec<_> = self
            .layers
            .iter()
            .map(|_| json!({"created": "1970-01-01T00:00:00Z", "created_by": "testkit"}))
            .collect();
        let mut config = json!({
            "created": "1970-01-01T00:00:00Z",
            "architecture": self.platform.architecture,
            "os": self.platform.os,
            "config": {"Env": ["PATH=/usr/bin:/bin"], "Labels": labels},
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
            "history": history,
        });
        if let Some(variant) = &self.platform.variant {
            config["variant"] = json!(variant);
        }
        self.config_edits.iter().for_each(|edit| edit(&mut config));
        config
    }

    fn manifest(&self, config: &[u8]) -> Value {
        let layers: Vec<_> =
            self.layers.iter().map(|layer| self.types.layer(&layer.descriptor)).collect();
        let mut manifest = json!({
            "schemaVersion": 2,
            "mediaType": self.types.manifest(),
            "config": Descriptor::of(self.types.config(), config),
            "layers": layers,
        });
        self.manifest_edits.iter().for_each(|edit| edit(&mut manifest));
        manifest
    }
}

impl std::fmt::Debug for ImageBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImageBuilder")
            .field("layers", &self.layers.len())
            .field("platform", &self.platform)
            .finish_non_exhaustive()
    }
}

impl Types {
    const fn manifest(self) -> &'static str {
        match self {
            Self::Docker => media_type::DOCKER_MANIFEST,
            Self::Oci => media_type::OCI_MANIFEST,
        }
    }

    const fn config(self) -> &'static str {
        match self {
            Self::Docker => "application/vnd.docker.container.image.v1+json",
            Self::Oci => media_type::OCI_CONFIG,
        }
    }

    fn layer(self, descriptor: &Descriptor) -> Descriptor {
        let mut layer = descriptor.clone();
        let docker = match layer.media_type.as_str() {
            media_type::OCI_LAYER_GZIP => "application/vnd.docker.image.rootfs.diff.tar.gzip",
            media_type::OCI_LAYER => "application/vnd.docker.image.rootfs.diff.tar",
            _ => return layer,
        };
        if matches!(self, Self::Docker) {
            docker.clone_into(&mut layer.media_type);
        }
        layer
    }
}
