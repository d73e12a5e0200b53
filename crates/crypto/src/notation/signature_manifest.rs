//! What a registry holds for a Notation signature.

use boltseal_core::{Annotations, Descriptor, ImageManifest, media_type};
use serde::Serialize;

use super::certificate::Certificate;
use super::envelope::{Format, MAX_ENVELOPE_BYTES};
use super::signed_attributes::cut;
use super::signing::SignedEnvelope;

const THUMBPRINTS: &str = "io.cncf.notary.x509chain.thumbprint#S256";
const CREATED: &str = "org.opencontainers.image.created";

/// Where a signature manifest says what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManifestForm {
    /// In `artifactType`, beside the empty configuration: what the specification prefers since
    /// 1.1. notation 1.x finds it in registries that state artifact types, but not in layouts.
    ArtifactType,
    /// In the configuration's media type: what notation 1.x writes, and finds everywhere.
    ConfigType,
}

/// A signature manifest that was read (signature specification, "OCI Signatures").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureManifest {
    /// What was signed, as the manifest says; the envelope decides.
    pub subject: Descriptor,
    /// The envelope's blob, of at most [`MAX_ENVELOPE_BYTES`].
    pub envelope: Descriptor,
    /// The envelope's format.
    pub format: Format,
}

impl SignatureManifest {
    /// Reads a manifest of either form: with an `artifactType` and the empty configuration, or,
    /// as notation 1.x writes it, with the type as that of the configuration.
    pub fn read(manifest: &ImageManifest) -> Result<Self, SignatureManifestError> {
        let artifact_type = manifest.artifact_type.as_deref().filter(|it| !it.is_empty());
        match (artifact_type, manifest.config.media_type.as_str()) {
            (Some(media_type::NOTATION), media_type::OCI_EMPTY) | (None, media_type::NOTATION) => {}
            (artifact_type, config) => {
                let found = artifact_type.unwrap_or(config);
                return Err(SignatureManifestError::Type { found: cut(found) });
            }
        }
        let [envelope] = manifest.layers.as_slice() else {
            return Err(SignatureManifestError::Layers { found: manifest.layers.len() });
        };
        let format = Format::of(&envelope.media_type)
            .ok_or_else(|| SignatureManifestError::Format { found: cut(&envelope.media_type) })?;
        if envelope.size > MAX_ENVELOPE_BYTES as u64 {
            return Err(SignatureManifestError::TooLarge { found: envelope.size });
        }
        let subject = manifest.subject.clone().ok_or(SignatureManifestError::NoSubject)?;
        Ok(Self { subject, envelope: envelope.clone(), format })
    }

    /// The bytes of a manifest for `envelope`, whose configuration is [`media_type::EMPTY_JSON`] in
    /// either form. `annotations` are added to those that the specification wants: AWS Signer
    /// hands some out.
    ///
    /// # Errors
    /// When an annotation is one that the specification reserves, or when the envelope is not
    /// about `subject`.
    ///
    /// # Panics
    /// Never: strings and numbers always serialise.
    pub fn write(
        subject: &Descriptor,
        envelope: &SignedEnvelope,
        annotations: &Annotations,
        form: ManifestForm,
    ) -> Result<Vec<u8>, SignatureManifestError> {
        let intact = envelope.intact();
        if !intact.payload().is_about(subject) {
            return Err(SignatureManifestError::OtherSubject);
        }
        let is_reserved = |name: &&String| name.starts_with("io.cncf.notary") || *name == CREATED;
        if let Some(name) = annotations.keys().find(is_reserved) {
            return Err(SignatureManifestError::Reserved { name: cut(name) });
        }
        let chain = intact.chain().certificates();
        let thumbprints: Vec<String> = chain.iter().map(Certificate::thumbprint).collect();
        let thumbprints = serde_json::to_string(&thumbprints).expect("strings always serialise");
        let created = intact.attributes().signing_time.to_string();
        let mut annotations = annotations.clone();
        annotations.insert(THUMBPRINTS.to_owned(), thumbprints);
        annotations.insert(CREATED.to_owned(), created);
        let (artifact_type, config_type) = match form {
            ManifestForm::ArtifactType => (Some(media_type::NOTATION), media_type::OCI_EMPTY),
            ManifestForm::ConfigType => (None, media_type::NOTATION),
        };
        let manifest = Wire {
            schema_version: 2,
            media_type: media_type::OCI_MANIFEST,
            artifact_type,
            config: Descriptor::of(config_type, media_type::EMPTY_JSON),
            layers: [Descriptor::of(intact.format().media_type(), envelope.bytes())],
            subject: subject.bare(),
            annotations,
        };
        Ok(serde_json::to_vec(&manifest).expect("strings and numbers always serialise"))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    schema_version: u8,
    media_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_type: Option<&'static str>,
    config: Descriptor,
    layers: [Descriptor; 1],
    subject: Descriptor,
    annotations: Annotations,
}

/// A manifest that is no signature's, or must not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureManifestError {
    /// The layer is no envelope.
    #[error("expected a layer application/jose+json or application/cose, found {found:?}")]
    Format {
        /// Its media type, cut at 160 characters.
        found: String,
    },
    /// Not exactly one layer.
    #[error("expected one layer, found {found}")]
    Layers {
        /// How many there are.
        found: usize,
    },
    /// No subject.
    #[error("expected a subject, found none")]
    NoSubject,
    /// The envelope signs something else.
    #[error("expected an envelope about the subject, found one about something else")]
    OtherSubject,
    /// An annotation that the specification reserves.
    #[error("expected annotations that are not reserved, found {name:?}")]
    Reserved {
        /// The annotation, cut at 160 characters.
        name: String,
    },
    /// The envelope is too large.
    #[error("expected an envelope of at most {MAX_ENVELOPE_BYTES} bytes, found {found}")]
    TooLarge {
        /// Its size.
        found: u64,
    },
    /// Another kind of artifact, or its type in both places.
    #[error("expected the artifact type {} in one place, found {found:?}", media_type::NOTATION)]
    Type {
        /// Its type, cut at 160 characters.
        found: String,
    },
}
