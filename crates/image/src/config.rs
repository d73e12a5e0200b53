//! The image's configuration: its platform and the digests of its uncompressed layers.

use boltseal_core::{Digest, Exit, ImageManifest, Platform, json};
use jiff::Timestamp;
use serde::Deserialize;

/// An image configuration (OCI image-spec, `config.md`; Docker's is the same in what is read).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageConfig {
    platform: Platform,
    diff_ids: Vec<Digest>,
    created: Option<Timestamp>,
}

impl ImageConfig {
    /// Reads a configuration: strict JSON, members that boltseal does not know are ignored.
    ///
    /// # Errors
    /// [`ConfigError::Unreadable`], [`ConfigError::NotLayers`] and [`ConfigError::WrongTime`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ConfigError> {
        let raw: Raw = json::parse_as(bytes).map_err(ConfigError::Unreadable)?;
        if raw.rootfs.kind != "layers" {
            return Err(ConfigError::NotLayers { found: raw.rootfs.kind });
        }
        let created = raw.created.filter(|time| !time.is_empty());
        let created = created.map(|time| {
            let parsed = time.parse::<Timestamp>();
            parsed.map_err(|_| ConfigError::WrongTime { found: time })
        });
        Ok(Self {
            platform: Platform {
                architecture: raw.architecture,
                os: raw.os,
                variant: raw.variant.filter(|variant| !variant.is_empty()),
            },
            diff_ids: raw.rootfs.diff_ids.unwrap_or_default(),
            created: created.transpose()?,
        })
    }

    /// The platform that the image is for.
    pub const fn platform(&self) -> &Platform {
        &self.platform
    }

    /// The digests of the uncompressed layers, lowest first.
    pub fn diff_ids(&self) -> &[Digest] {
        &self.diff_ids
    }

    /// When the image was made, where it says so.
    pub const fn created(&self) -> Option<Timestamp> {
        self.created
    }

    /// Checks that there is one diffID for each layer of `manifest`.
    ///
    /// # Errors
    /// [`ConfigError::WrongCount`].
    pub fn check_layers(&self, manifest: &ImageManifest) -> Result<(), ConfigError> {
        let (layers, diff_ids) = (manifest.layers.len(), self.diff_ids.len());
        if layers == diff_ids { Ok(()) } else { Err(ConfigError::WrongCount { layers, diff_ids }) }
    }
}

#[derive(Deserialize)]
struct Raw {
    architecture: String,
    os: String,
    variant: Option<String>,
    created: Option<String>,
    rootfs: RawRootfs,
}

#[derive(Deserialize)]
struct RawRootfs {
    #[serde(rename = "type")]
    kind: String,
    diff_ids: Option<Vec<Digest>>,
}

/// A configuration that is no image's, or not this manifest's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// `rootfs.type` is not `layers`.
    #[error("expected an image configuration with rootfs of type \"layers\", found {found:?}")]
    NotLayers {
        /// What it is.
        found: String,
    },
    /// Not strict JSON, or not of a configuration's form.
    #[error("expected an image configuration, found {0}")]
    Unreadable(json::JsonError),
    /// Not one diffID for each layer.
    #[error("expected one diffID for each of the {layers} layers, found {diff_ids}")]
    WrongCount {
        /// Layers in the manifest.
        layers: usize,
        /// diffIDs in the configuration.
        diff_ids: usize,
    },
    /// `created` is no time.
    #[error("expected the configuration to say when it was created, found {found:?}")]
    WrongTime {
        /// What it says.
        found: String,
    },
}

impl ConfigError {
    /// What a run that meets this ends with.
    pub const fn exit(&self) -> Exit {
        Exit::Contradiction
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use boltseal_core::Descriptor;

    fn config(diff_ids: &str) -> Vec<u8> {
        format!(
            r#"{{"architecture":"arm64","os":"linux","variant":"v8","config":{{"Env":["A=b"]}},
                "created":"2024-01-02T03:04:05Z",
                "rootfs":{{"type":"layers","diff_ids":{diff_ids}}}}}"#
        )
        .into_bytes()
    }

    #[test]
    fn reads_platform_diff_ids_and_time() {
        let digest = Digest::sha256_of(b"");
        let config = ImageConfig::parse(&config(&format!("[\"{digest}\"]"))).unwrap();
        assert_eq!(config.platform().to_string(), "linux/arm64/v8");
        assert_eq!(config.diff_ids(), [digest]);
        assert_eq!(config.created().unwrap().to_string(), "2024-01-02T03:04:05Z");
    }

    #[test]
    fn refuses_what_is_no_configuration() {
        let duplicate = br#"{"os":"linux","os":"linux"}"#;
        for bad in [b"{}".as_slice(), b"", duplicate, &config("[\"sha256:12\"]")] {
            let error = ImageConfig::parse(bad).unwrap_err();
            assert!(matches!(error, ConfigError::Unreadable(_)), "{error}");
        }
        let other = String::from_utf8(config("[]")).unwrap();
        let other = other.replace("\"layers\"", "\"blocks\"");
        let error = ImageConfig::parse(other.as_bytes()).unwrap_err();
        assert!(matches!(error, ConfigError::NotLayers { .. }), "{error}");
    }

    #[test]
    fn counts_layers() {
        let layer = Descriptor::of("application/vnd.oci.image.layer.v1.tar", b"");
        let manifest = ImageManifest {
            artifact_type: None,
            config: Descriptor::of(boltseal_core::media_type::OCI_CONFIG, b""),
            layers: vec![layer],
            subject: None,
            annotations: boltseal_core::Annotations::new(),
        };
        let none = ImageConfig::parse(&config("null")).unwrap();
        let wrong = ConfigError::WrongCount { layers: 1, diff_ids: 0 };
        assert_eq!(none.check_layers(&manifest), Err(wrong));
        let one = config(&format!("[\"{}\"]", Digest::sha256_of(b"")));
        assert_eq!(ImageConfig::parse(&one).unwrap().check_layers(&manifest), Ok(()));
    }
}
