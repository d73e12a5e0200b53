//! Manifests: exact bytes first, a parsed view second.

use bytes::Bytes;
use serde::Deserialize;

use crate::descriptor::null_as_default;
use crate::{Annotations, Descriptor, Digest, json, media_type};

/// The largest manifest that is read or written, in bytes (distribution-spec asks for 4 MiB).
pub const MAX_MANIFEST_BYTES: u64 = 4 * 1024 * 1024;

/// A manifest as it was fetched or will be pushed: bytes that are never written again, with
/// their digest and media type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawManifest {
    bytes: Bytes,
    digest: Digest,
    media_type: String,
}

impl RawManifest {
    /// Takes `bytes`, whose type is the `mediaType` within, else `declared` (a `Content-Type` or a
    /// descriptor's type), else what the members show.
    ///
    /// # Errors
    /// [`ManifestError`] where the bytes are too many, not a manifest, or where the type within
    /// contradicts the declared one (a type confusion, CVE-2021-41190).
    pub fn new(bytes: Bytes, declared: Option<&str>) -> Result<Self, ManifestError> {
        let digest = Digest::sha256_of(&bytes);
        Self::with_digest(bytes, digest, declared)
    }

    /// As [`RawManifest::new`], and the bytes must hash to `expected`.
    pub fn verified(
        bytes: Bytes,
        expected: &Digest,
        declared: Option<&str>,
    ) -> Result<Self, ManifestError> {
        let found = expected.of_same_kind(&bytes);
        if found != *expected {
            return Err(ManifestError::WrongDigest { expected: expected.clone(), found });
        }
        Self::with_digest(bytes, found, declared)
    }

    fn with_digest(
        bytes: Bytes,
        digest: Digest,
        declared: Option<&str>,
    ) -> Result<Self, ManifestError> {
        let size = bytes.len() as u64;
        if size > MAX_MANIFEST_BYTES {
            return Err(ManifestError::TooLarge { size });
        }
        let shape: Shape = json::parse_as(&bytes).map_err(ManifestError::Unreadable)?;
        let media_type = shape.media_type(declared)?;
        Ok(Self { bytes, digest, media_type })
    }

    /// The exact bytes.
    pub const fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The digest of the bytes.
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The media type.
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// Type, digest and size.
    pub fn descriptor(&self) -> Descriptor {
        Descriptor::new(&self.media_type, self.digest.clone(), self.bytes.len() as u64)
    }

    /// Whether the type is an index (or Docker's manifest list).
    pub fn is_index(&self) -> bool {
        is_index_type(&self.media_type)
    }

    /// The parsed view.
    pub fn parse(&self) -> Result<Manifest, ManifestError> {
        if self.is_index() {
            json::parse_as(&self.bytes).map(Manifest::Index).map_err(ManifestError::Unreadable)
        } else {
            json::parse_as(&self.bytes).map(Manifest::Image).map_err(ManifestError::Unreadable)
        }
    }
}

/// A parsed manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manifest {
    /// One image, or an artifact in an image manifest's clothes.
    Image(ImageManifest),
    /// Several manifests, one for each platform.
    Index(Index),
}

/// An image manifest (OCI, or Docker's schema 2).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageManifest {
    /// The artifact type, where this is an artifact.
    #[serde(default)]
    pub artifact_type: Option<String>,
    /// The configuration.
    pub config: Descriptor,
    /// The layers, lowest first.
    pub layers: Vec<Descriptor>,
    /// The manifest this one refers to.
    #[serde(default)]
    pub subject: Option<Descriptor>,
    /// Annotations.
    #[serde(default, deserialize_with = "null_as_default")]
    pub annotations: Annotations,
}

impl ImageManifest {
    /// The artifact type, or, where there is none, the configuration's media type
    /// (distribution-spec, "Listing Referrers").
    pub fn effective_artifact_type(&self) -> &str {
        let named = self.artifact_type.as_deref().filter(|name| !name.is_empty());
        named.unwrap_or(&self.config.media_type)
    }
}

/// An image index (OCI, or Docker's manifest list).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    /// The manifests.
    #[serde(deserialize_with = "null_as_default")]
    pub manifests: Vec<Descriptor>,
    /// The artifact type, where this is an artifact.
    #[serde(default)]
    pub artifact_type: Option<String>,
    /// The manifest this one refers to.
    #[serde(default)]
    pub subject: Option<Descriptor>,
    /// Annotations.
    #[serde(default, deserialize_with = "null_as_default")]
    pub annotations: Annotations,
}

impl Index {
    /// The children that are images: `BuildKit`'s attestation manifests are left out.
    pub fn images(&self) -> impl Iterator<Item = &Descriptor> {
        self.manifests.iter().filter(|child| !is_buildkit_attestation(child))
    }
}

fn is_buildkit_attestation(child: &Descriptor) -> bool {
    let marked = child.annotations.get("vnd.docker.reference.type");
    marked.is_some_and(|kind| kind == "attestation-manifest")
        || child.platform.as_ref().is_some_and(crate::Platform::is_unknown)
}

fn is_index_type(media_type: &str) -> bool {
    media_type == media_type::OCI_INDEX || media_type == media_type::DOCKER_LIST
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    media_type: Option<String>,
    schema_version: Option<u64>,
    manifests: Option<serde::de::IgnoredAny>,
    config: Option<serde::de::IgnoredAny>,
    layers: Option<serde::de::IgnoredAny>,
}

impl Shape {
    fn media_type(&self, declared: Option<&str>) -> Result<String, ManifestError> {
        if self.schema_version != Some(2) {
            return Err(ManifestError::WrongSchemaVersion { found: self.schema_version });
        }
        let has_image = self.config.is_some() || self.layers.is_some();
        if self.manifests.is_some() && has_image {
            return Err(ManifestError::Ambiguous);
        }
        let by_shape = match (self.manifests.is_some(), has_image) {
            (true, false) => media_type::OCI_INDEX,
            (false, true) => media_type::OCI_MANIFEST,
            _ => return Err(ManifestError::Shapeless),
        };
        let declared = declared.and_then(|it| it.split(';').next()).map(str::trim);
        let known = |it: &&str| media_type::MANIFESTS.contains(it);
        let named = self.media_type.as_deref().filter(|it| !it.is_empty());
        let found = named.or_else(|| declared.filter(known)).unwrap_or(by_shape);
        let declared_other = declared.filter(known).is_some_and(|it| it != found);
        if declared_other || !known(&found) || is_index_type(found) != self.manifests.is_some() {
            let expected = declared.filter(known).unwrap_or(by_shape).to_owned();
            return Err(ManifestError::WrongType { expected, found: found.to_owned() });
        }
        Ok(found.to_owned())
    }
}

/// Bytes that are not the manifest they should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// `manifests` and `config` or `layers` at once.
    #[error("expected a manifest or an index, found one that claims to be both")]
    Ambiguous,
    /// Neither `manifests` nor `config` and `layers`.
    #[error("expected a manifest or an index, found neither \"manifests\" nor \"layers\"")]
    Shapeless,
    /// More than [`MAX_MANIFEST_BYTES`].
    #[error("expected a manifest of at most {MAX_MANIFEST_BYTES} bytes, found {size}")]
    TooLarge {
        /// The size in bytes.
        size: u64,
    },
    /// Not the JSON of a manifest.
    #[error("expected a manifest, found {0}")]
    Unreadable(json::JsonError),
    /// The bytes hash to something else.
    #[error("expected content with digest {expected}, found {found}")]
    WrongDigest {
        /// The digest asked for.
        expected: Digest,
        /// The digest of the bytes.
        found: Digest,
    },
    /// `schemaVersion` is not 2.
    #[error("expected schemaVersion 2, found {found:?}")]
    WrongSchemaVersion {
        /// What it is.
        found: Option<u64>,
    },
    /// The type within contradicts the declared one or the members.
    #[error("expected a manifest of type {expected}, found {found}")]
    WrongType {
        /// The type declared by the transport or shown by the members.
        expected: String,
        /// The type within.
        found: String,
    },
}
