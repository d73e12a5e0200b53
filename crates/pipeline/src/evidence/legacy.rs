//! cosign's `.sig` and `.att` tags: a complete set in the format of cosign 1 and 2.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use boltseal_core::{
    Descriptor, Digest, Exit, ImageManifest, Kind, Location, Manifest, Pick, RawManifest, Reason,
    Statement, Tag, media_type,
};
use boltseal_crypto::{Envelope, SimpleSigning};
use boltseal_ports::{Blob, ManifestRole, Probe, Registry, TagWriter};
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::Failure;
use crate::evidence::collect::LegacyTag;
use crate::evidence::referrer::written;

const SIGNATURE_ANNOTATION: &str = "dev.cosignproject.cosign/signature";

/// One layer under a legacy tag.
#[derive(Clone, Debug)]
pub(crate) struct LegacyLayer {
    tag: LegacyTag,
    pub(crate) descriptor: Descriptor,
    bytes: Bytes,
}

impl LegacyLayer {
    /// An attestation: the envelope as it is.
    pub(crate) fn attestation(envelope: &Envelope, kind: &Kind) -> Self {
        let bytes = envelope.to_json();
        let mut descriptor = Descriptor::of(media_type::DSSE_ENVELOPE, &bytes);
        let annotations = &mut descriptor.annotations;
        annotations.insert(SIGNATURE_ANNOTATION.to_owned(), String::new());
        annotations.insert("predicateType".to_owned(), kind.predicate_type().to_owned());
        Self { tag: LegacyTag::Attestations, descriptor, bytes: bytes.into() }
    }

    /// What a simple signature signs; the annotations of the statement's subject are its
    /// `optional` part.
    pub(crate) fn claim(
        destination: &Location,
        subject: &Digest,
        signature: &Statement,
    ) -> Vec<u8> {
        let annotations = signature.subject.iter().flat_map(|it| &it.annotations);
        let optional: Map<String, Value> =
            annotations.map(|(name, value)| (name.clone(), Value::String(value.clone()))).collect();
        let (docker_reference, digest) = (destination.to_string(), subject.clone());
        SimpleSigning { docker_reference, digest, optional: Some(optional) }.to_payload()
    }

    /// A simple signature.
    pub(crate) fn signature(claim: Vec<u8>, signature: &[u8]) -> Self {
        let mut descriptor = Descriptor::of(media_type::SIMPLE_SIGNING, &claim);
        let signature = STANDARD.encode(signature);
        descriptor.annotations.insert(SIGNATURE_ANNOTATION.to_owned(), signature);
        Self { tag: LegacyTag::Signatures, descriptor, bytes: claim.into() }
    }
}

/// The image manifest that carries the layers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LegacyManifest<'a> {
    schema_version: u8,
    media_type: &'a str,
    config: Descriptor,
    layers: &'a [Descriptor],
}

/// Where a legacy set is written.
pub(crate) struct LegacySet<'a> {
    pub(crate) registry: &'a dyn Registry,
    pub(crate) tags: &'a dyn TagWriter,
    pub(crate) subject: &'a Digest,
}

impl LegacySet<'_> {
    /// Adds layers under the tags that they belong to. The signatures come last, so that a crash
    /// never leaves them alone.
    pub(crate) async fn add(&self, layers: &[&LegacyLayer]) -> Result<(), Failure> {
        for tag in LegacyTag::ALL {
            let under: Vec<&LegacyLayer> =
                layers.iter().filter(|it| it.tag == tag).copied().collect();
            self.append(tag, &under).await?;
        }
        Ok(())
    }

    /// Adds layers under a tag, behind those that are there, and looks whether they stayed.
    async fn append(&self, tag: LegacyTag, layers: &[&LegacyLayer]) -> Result<(), Failure> {
        if layers.is_empty() {
            return Ok(());
        }
        for layer in layers {
            self.push(&layer.descriptor, &layer.bytes).await?;
        }
        for _attempt in 0..5 {
            let there = self.layers_under(tag).await?;
            let missing = layers.iter().map(|it| &it.descriptor).filter(|it| !there.contains(it));
            let missing: Vec<Descriptor> = missing.cloned().collect();
            if missing.is_empty() {
                return Ok(());
            }
            let all: Vec<Descriptor> = there.into_iter().chain(missing).collect();
            let manifest = self.manifest(&all).await?;
            self.registry.push_manifest(&manifest, ManifestRole::Child).await?;
            self.tags.put_tag(&tag.of(self.subject), &manifest).await?;
        }
        Err(lost(self.registry, &tag.of(self.subject)).into())
    }

    async fn layers_under(&self, tag: LegacyTag) -> Result<Vec<Descriptor>, Failure> {
        let found = self.registry.fetch_manifest(&Pick::Tag(tag.of(self.subject))).await?;
        let parsed = found.map(|manifest| manifest.parse());
        Ok(match parsed {
            Some(Ok(Manifest::Image(ImageManifest { layers, .. }))) => layers,
            _ => Vec::new(),
        })
    }

    /// A manifest whose configuration is that of an image with these layers.
    async fn manifest(&self, layers: &[Descriptor]) -> Result<RawManifest, Failure> {
        let diff_ids: Vec<String> = layers.iter().map(|it| it.digest.to_string()).collect();
        let config = json!({
            "architecture": "",
            "os": "",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        });
        let config: Bytes = serde_json::to_vec(&config).unwrap_or_default().into();
        let descriptor = Descriptor::of(media_type::OCI_CONFIG, &config);
        self.push(&descriptor, &config).await?;
        Ok(written(&LegacyManifest {
            schema_version: 2,
            media_type: media_type::OCI_MANIFEST,
            config: descriptor,
            layers,
        }))
    }

    async fn push(&self, descriptor: &Descriptor, source: &Bytes) -> Result<(), Failure> {
        let blob = Blob { descriptor, source, mount_from: None, probe: Probe::Skip };
        self.registry.push_blob(blob).await?;
        Ok(())
    }
}

fn lost(registry: &dyn Registry, tag: &Tag) -> Reason {
    Reason::new(Exit::Undetermined, "legacy-entries-lost")
        .expected("the signatures under the tag to stay")
        .found("another writer replaced them, five times")
        .place(format!("{}:{tag}", registry.location()))
        .fix("run the release again when no other one writes to this image")
}
