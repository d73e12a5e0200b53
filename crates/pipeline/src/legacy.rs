//! cosign's `.sig` and `.att` tags: a complete set in the format of cosign 1 and 2.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use boltseal_core::{
    Annotations, Descriptor, Digest, ImageManifest, Kind, Manifest, Pick, RawManifest, media_type,
};
use boltseal_crypto::SimpleSigning;
use boltseal_ports::{Blob, ManifestRole, Probe, Registry, TagWriter};
use boltseal_verify::{Format, authenticate};
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::Failure;
use crate::collect::{LegacyTag, collect_legacy};
use crate::piece_writer::written;
use crate::release::{ReleaseRequest, ReleaseWorld};
use crate::sealed::Sealed;
use crate::signing_key::SigningKey;
use crate::statement_maker::StatementMaker;

/// One layer under a legacy tag.
struct LegacyLayer {
    descriptor: Descriptor,
    bytes: Bytes,
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

/// Where a legacy set is written, and what it says.
pub(crate) struct LegacySet<'a> {
    pub(crate) registry: &'a dyn Registry,
    pub(crate) tags: &'a dyn TagWriter,
    pub(crate) subject: &'a Digest,
    pub(crate) statements: &'a [Sealed],
    pub(crate) annotations: Annotations,
}

/// Adds what is missing under both tags of one subject; whether anything was.
pub(crate) async fn attach(
    request: &ReleaseRequest,
    world: &ReleaseWorld<'_>,
    subject: &crate::release::SealedSubject,
    keys: &[SigningKey<'_>],
) -> Result<bool, Failure> {
    let maker = StatementMaker {
        destination: world.destination.location(),
        tags: &request.tags,
        facts: &request.facts,
        started: world.clock.now(),
        now: world.clock.now(),
    };
    let set = LegacySet {
        registry: world.destination,
        tags: world.tags,
        subject: &subject.subject.digest,
        statements: &subject.statements,
        annotations: maker.name_annotations(),
    };
    set.write(keys, world.clock.now()).await
}

impl LegacySet<'_> {
    async fn write(&self, keys: &[SigningKey<'_>], now: jiff::Timestamp) -> Result<bool, Failure> {
        let there = collect_legacy(self.registry, self.subject).await;
        let (mut attestations, mut signatures) = (Vec::new(), Vec::new());
        for key in keys {
            let trust = key.trust();
            let pieces = there.evidence.pieces.iter();
            let seen: Vec<_> =
                pieces.map(|it| authenticate(it, self.subject, &trust, now)).collect();
            let verifying = || seen.iter().filter(|it| it.verifies());
            for sealed in self.statements.iter().filter(|it| it.kind != Kind::Signature) {
                if !verifying().any(|it| it.statement_digest == sealed.statement) {
                    attestations.push(self.attestation(sealed, key).await?);
                }
            }
            if !verifying().any(|it| it.format == Format::LegacySignature) {
                signatures.push(self.signature(key).await?);
            }
        }
        let wrote = !attestations.is_empty() || !signatures.is_empty();
        self.append(LegacyTag::Attestations, attestations).await?;
        self.append(LegacyTag::Signatures, signatures).await?;
        Ok(wrote)
    }

    async fn attestation(
        &self,
        sealed: &Sealed,
        key: &SigningKey<'_>,
    ) -> Result<LegacyLayer, Failure> {
        let envelope = key.sign_statement(&sealed.payload).await?.to_json();
        let mut descriptor = Descriptor::of(media_type::DSSE_ENVELOPE, &envelope);
        let annotations = &mut descriptor.annotations;
        annotations.insert("dev.cosignproject.cosign/signature".to_owned(), String::new());
        let predicate_type = sealed.kind.predicate_type().to_owned();
        annotations.insert("predicateType".to_owned(), predicate_type);
        Ok(LegacyLayer { descriptor, bytes: envelope.into() })
    }

    async fn signature(&self, key: &SigningKey<'_>) -> Result<LegacyLayer, Failure> {
        let optional: Map<String, Value> =
            self.annotations.iter().map(|(k, v)| (k.clone(), Value::String(v.clone()))).collect();
        let payload = SimpleSigning {
            docker_reference: self.registry.location().to_string(),
            digest: self.subject.clone(),
            optional: Some(optional),
        }
        .to_payload();
        let signature = STANDARD.encode(key.sign(&payload).await?);
        let mut descriptor = Descriptor::of(media_type::SIMPLE_SIGNING, &payload);
        let name = "dev.cosignproject.cosign/signature".to_owned();
        descriptor.annotations.insert(name, signature);
        Ok(LegacyLayer { descriptor, bytes: payload.into() })
    }

    /// Adds layers under a tag, behind those that are there, and looks whether they stayed.
    async fn append(&self, tag: LegacyTag, layers: Vec<LegacyLayer>) -> Result<(), Failure> {
        if layers.is_empty() {
            return Ok(());
        }
        for layer in &layers {
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

fn lost(registry: &dyn Registry, tag: &boltseal_core::Tag) -> boltseal_core::Reason {
    boltseal_core::Reason::new(boltseal_core::Exit::Undetermined, "legacy-entries-lost")
        .expected("the signatures under the tag to stay")
        .found("another writer replaced them, five times")
        .place(format!("{}:{tag}", registry.location()))
        .fix("run the release again when no other one writes to this image")
}
