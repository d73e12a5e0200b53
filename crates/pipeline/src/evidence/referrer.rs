//! Pieces of evidence as OCI referrers: the manifest as cosign or notation writes it, and its way
//! to the registry.

use boltseal_core::{Annotations, Descriptor, Manifest, RawManifest, media_type};
use boltseal_crypto::notation::{
    ManifestForm, SignatureManifest, SignatureManifestError, SignedEnvelope,
};
use boltseal_ports::{Blob, ManifestRole, Probe, Registry};
use bytes::Bytes;
use serde::Serialize;

use crate::Failure;

/// A bundle or an envelope with its manifest, ready to be pushed.
#[derive(Clone, Debug)]
pub(crate) struct Referrer {
    pub(crate) manifest: RawManifest,
    content: Bytes,
    layer: Descriptor,
    artifact_type: &'static str,
    annotations: Annotations,
}

/// The members in the order in which cosign writes them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReferrerManifest<'a> {
    schema_version: u8,
    media_type: &'a str,
    artifact_type: &'a str,
    config: &'a Descriptor,
    layers: [&'a Descriptor; 1],
    subject: &'a Descriptor,
    annotations: &'a Annotations,
}

impl Referrer {
    /// A referrer of `subject` that holds `bundle`. Its bytes depend on nothing but the arguments.
    pub(crate) fn new(
        subject: &Descriptor,
        bundle: Vec<u8>,
        predicate_type: &str,
        created: &str,
    ) -> Self {
        let layer = Descriptor::of(media_type::BUNDLE_V03, &bundle);
        let annotations = Annotations::from([
            ("dev.sigstore.bundle.content".to_owned(), "dsse-envelope".to_owned()),
            ("dev.sigstore.bundle.predicateType".to_owned(), predicate_type.to_owned()),
            ("org.opencontainers.image.created".to_owned(), created.to_owned()),
        ]);
        let manifest = ReferrerManifest {
            schema_version: 2,
            media_type: media_type::OCI_MANIFEST,
            artifact_type: media_type::BUNDLE_V03,
            config: &empty(),
            layers: [&layer],
            subject: &subject.bare(),
            annotations: &annotations,
        };
        let (manifest, content) = (written(&manifest), bundle.into());
        Self { manifest, content, layer, artifact_type: media_type::BUNDLE_V03, annotations }
    }

    /// A Notation signature of `subject`, with the annotations that its service hands out. In the
    /// form that notation 1.x finds everywhere, in layouts and where a registry lists the
    /// configuration's type instead of the artifact's.
    ///
    /// # Errors
    /// Where the envelope is about something else, or an annotation is reserved.
    pub(crate) fn notation(
        subject: &Descriptor,
        envelope: &SignedEnvelope,
        annotations: &Annotations,
    ) -> Result<Self, SignatureManifestError> {
        let form = ManifestForm::ConfigType;
        let bytes = SignatureManifest::write(subject, envelope, annotations, form)?;
        let manifest = RawManifest::new(bytes.into(), None).expect("our own are manifests");
        let annotations = match manifest.parse() {
            Ok(Manifest::Image(parsed)) => parsed.annotations,
            _ => Annotations::new(),
        };
        let layer = Descriptor::of(envelope.intact().format().media_type(), envelope.bytes());
        let content = Bytes::copy_from_slice(envelope.bytes());
        Ok(Self { manifest, content, layer, artifact_type: media_type::NOTATION, annotations })
    }

    /// Whether it is a Notation signature.
    pub(crate) fn is_notation(&self) -> bool {
        self.artifact_type == media_type::NOTATION
    }

    /// As a referrers index lists it. Readers filter a fallback index by these members.
    pub(crate) fn listed(&self) -> Descriptor {
        Descriptor {
            artifact_type: Some(self.artifact_type.to_owned()),
            annotations: self.annotations.clone(),
            ..self.manifest.descriptor()
        }
    }

    /// Pushes the content, then the manifest. The empty configuration must be there.
    pub(crate) async fn push(&self, registry: &dyn Registry) -> Result<(), Failure> {
        let blob = Blob {
            descriptor: &self.layer,
            source: &self.content,
            mount_from: None,
            probe: Probe::Skip,
        };
        registry.push_blob(blob).await?;
        registry.push_manifest(&self.manifest, ManifestRole::Referrer).await?;
        Ok(())
    }
}

/// The empty descriptor, without the members that ECR's parser stumbles over.
pub(crate) fn empty() -> Descriptor {
    Descriptor::of(media_type::OCI_EMPTY, media_type::EMPTY_JSON)
}

/// Pushes the configuration that all bundles' manifests share.
pub(crate) async fn push_empty_config(registry: &dyn Registry) -> Result<(), Failure> {
    let source = Bytes::from_static(media_type::EMPTY_JSON);
    let descriptor = empty();
    let probe = Probe::First;
    registry
        .push_blob(Blob { descriptor: &descriptor, source: &source, mount_from: None, probe })
        .await?;
    Ok(())
}

/// A manifest of our own as bytes.
pub(crate) fn written(manifest: &impl Serialize) -> RawManifest {
    let bytes = serde_json::to_vec(manifest).unwrap_or_default();
    RawManifest::new(bytes.into(), None).expect("our own manifests are manifests")
}
