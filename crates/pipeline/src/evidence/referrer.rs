//! Pieces of evidence as OCI referrers: the manifest as cosign writes it, and its way to the
//! registry.

use boltseal_core::{Annotations, Descriptor, RawManifest, media_type};
use boltseal_ports::{Blob, ManifestRole, Probe, Registry};
use bytes::Bytes;
use serde::Serialize;

use crate::Failure;

/// A bundle with its manifest, ready to be pushed.
#[derive(Clone, Debug)]
pub(crate) struct Referrer {
    pub(crate) manifest: RawManifest,
    pub(crate) bundle: Bytes,
    layer: Descriptor,
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
        let manifest = written(&manifest);
        Self { manifest, bundle: bundle.into(), layer, annotations }
    }

    /// As a referrers index lists it. Readers filter a fallback index by these members.
    pub(crate) fn listed(&self) -> Descriptor {
        Descriptor {
            artifact_type: Some(media_type::BUNDLE_V03.to_owned()),
            annotations: self.annotations.clone(),
            ..self.manifest.descriptor()
        }
    }

    /// Pushes the bundle, then the manifest. The empty configuration must be there.
    pub(crate) async fn push(&self, registry: &dyn Registry) -> Result<(), Failure> {
        let blob = Blob {
            descriptor: &self.layer,
            source: &self.bundle,
            mount_from: None,
            probe: Probe::Skip,
        };
        registry.push_blob(blob).await?;
        registry.push_manifest(&self.manifest, ManifestRole::Referrer).await?;
        Ok(())
    }
}

/// The empty descriptor, without the members that ECR's parser stumbles over.
fn empty() -> Descriptor {
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
