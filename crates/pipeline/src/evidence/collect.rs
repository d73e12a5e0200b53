//! Collecting evidence: everything that is attached to a digest, good or bad.

use std::collections::BTreeMap;

use boltseal_core::{Descriptor, Digest, ImageManifest, Manifest, Pick, RawManifest, Reason, Tag};
use boltseal_core::{Exit, media_type};
use boltseal_crypto::notation::{SignatureManifest, SignatureManifestError};
use boltseal_ports::{Absence, Registry, RegistryError, RegistryErrorKind};
use boltseal_verify::{Evidence, Format, Gap, NotationPiece, Piece, PieceContent, Refusal};
use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};

/// The largest bundle, envelope or payload that is read, in bytes.
pub const MAX_PIECE_BYTES: u64 = boltseal_crypto::MAX_BUNDLE_BYTES as u64;
/// How many pieces are fetched at once.
const AT_ONCE: usize = 8;
const SIGNATURE_ANNOTATION: &str = "dev.cosignproject.cosign/signature";
const PREDICATE_ANNOTATION: &str = "dev.sigstore.bundle.predicateType";
const LEGACY_PREDICATE_ANNOTATION: &str = "predicateType";
/// Referrers that are something else, whatever the registry does to artifact types.
const OTHER_ARTIFACTS: [&str; 3] =
    ["application/vnd.cyclonedx+json", "application/spdx+json", "text/spdx+json"];

/// Where to look for evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// Referrers and cosign's tags: everything.
    All,
    /// Referrers; cosign's tags only where what is required was not among them.
    BundlesFirst,
}

/// Whether Notation signatures are read. Where nobody says whose count they are not: each takes
/// two requests, and whoever may push may attach a thousand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotationLookup {
    LeftAlone,
    Read,
}

impl NotationLookup {
    pub(crate) const fn when(wanted: bool) -> Self {
        if wanted { Self::Read } else { Self::LeftAlone }
    }
}

/// What was collected about one digest, and the bytes it came in.
#[derive(Clone, Debug)]
pub struct Collected {
    /// For the verifier.
    pub evidence: Evidence,
    /// The referrer manifests.
    pub carriers: Vec<RawManifest>,
    /// Notation signatures that were listed and left alone.
    pub left_alone: Vec<Digest>,
    /// cosign's tags, with their manifests.
    pub tagged: Vec<(Tag, RawManifest)>,
    /// How many referrers of any kind each subject has.
    pub listed: BTreeMap<Digest, usize>,
    /// The blobs that all of them name; of cosign's tags only the layers.
    pub blobs: Vec<(Descriptor, Bytes)>,
}

impl Collected {
    /// Nothing at all.
    pub(crate) fn none(subject: &Digest) -> Self {
        let evidence = Evidence::none(subject.clone());
        Self {
            evidence,
            carriers: Vec::new(),
            left_alone: Vec::new(),
            tagged: Vec::new(),
            listed: BTreeMap::new(),
            blobs: Vec::new(),
        }
    }

    /// Adds what was collected elsewhere about the same digest.
    pub(crate) fn join(&mut self, other: Self) {
        self.evidence.pieces.extend(other.evidence.pieces);
        self.evidence.gaps.extend(other.evidence.gaps);
        self.listed.extend(other.listed);
        self.left_alone.extend(other.left_alone);
        self.keep_bytes(other.carriers, other.tagged, other.blobs);
    }

    /// Takes the evidence of an index's child in. Its bytes join ours.
    pub(crate) fn adopt_child(&mut self, child: Self) {
        self.evidence.children.push(child.evidence);
        self.listed.extend(child.listed);
        self.left_alone.extend(child.left_alone);
        self.keep_bytes(child.carriers, child.tagged, child.blobs);
    }

    fn keep_bytes(
        &mut self,
        carriers: Vec<RawManifest>,
        tagged: Vec<(Tag, RawManifest)>,
        blobs: Vec<(Descriptor, Bytes)>,
    ) {
        self.carriers.extend(carriers);
        self.tagged.extend(tagged);
        self.blobs.extend(blobs);
    }

    fn add(&mut self, fetched: Fetched) {
        match fetched {
            Fetched::Piece { piece, carrier, blobs } => {
                self.evidence.pieces.push(piece);
                self.carriers.extend(carrier);
                self.blobs.extend(blobs);
            }
            Fetched::Gap(gap) => self.evidence.gaps.push(gap),
            Fetched::SomethingElse => {}
        }
    }
}

enum Fetched {
    Gap(Gap),
    Piece { piece: Piece, carrier: Option<RawManifest>, blobs: Vec<(Descriptor, Bytes)> },
    SomethingElse,
}

/// Every bundle that refers to `subject` through OCI referrers and, where they are wanted, every
/// Notation signature. `subject` is the image as its place describes it.
pub(crate) async fn collect_referrers(
    registry: &dyn Registry,
    subject: &Descriptor,
    notation: NotationLookup,
) -> Collected {
    let mut collected = Collected::none(&subject.digest);
    let listed = match registry.referrers(&subject.digest).await {
        Ok(listed) => listed,
        Err(error) => {
            let gap = Gap::Failed { carrier: None, reason: error.into() };
            collected.evidence.gaps.push(gap);
            return collected;
        }
    };
    if let Absence::Undetermined(error) = listed.absence {
        collected.evidence.absence_unproven = Some(error.into());
    }
    collected.listed.insert(subject.digest.clone(), listed.descriptors.len());
    let (signatures, others): (Vec<_>, Vec<_>) =
        listed.descriptors.into_iter().partition(|it| artifact_type(it) == media_type::NOTATION);
    let signatures = match notation {
        NotationLookup::Read => signatures,
        NotationLookup::LeftAlone => {
            collected.left_alone = signatures.into_iter().map(|it| it.digest).collect();
            Vec::new()
        }
    };
    let wanted = others.into_iter().filter(may_be_evidence).chain(signatures);
    let reader = &Fetcher { registry, subject, notation };
    let fetches = wanted.map(|descriptor| async move { reader.fetch(&descriptor).await });
    let all: Vec<Fetched> = stream::iter(fetches).buffered(AT_ONCE).collect().await;
    for one in all {
        collected.add(one);
    }
    collected
}

/// Artifact types in a listing are hints: some registries answer the config's type instead.
fn may_be_evidence(descriptor: &Descriptor) -> bool {
    !OTHER_ARTIFACTS.contains(&artifact_type(descriptor))
}

fn artifact_type(descriptor: &Descriptor) -> &str {
    descriptor.artifact_type.as_deref().unwrap_or_default()
}

/// Reads what refers to one subject.
struct Fetcher<'a> {
    registry: &'a dyn Registry,
    subject: &'a Descriptor,
    notation: NotationLookup,
}

impl Fetcher<'_> {
    async fn fetch(&self, descriptor: &Descriptor) -> Fetched {
        let pick = Pick::Digest(descriptor.digest.clone());
        let manifest = match self.registry.fetch_manifest(&pick).await {
            Ok(Some(manifest)) => manifest,
            Ok(None) => return absent(self.registry, &descriptor.digest),
            Err(error) => return failed(descriptor, error),
        };
        let Ok(Manifest::Image(parsed)) = manifest.parse() else { return Fetched::SomethingElse };
        if parsed.subject.as_ref().is_none_or(|it| it.digest != self.subject.digest) {
            return Fetched::SomethingElse;
        }
        match bundle_layer(&parsed) {
            Some(layer) => fetch_bundle(self.registry, manifest, &parsed, layer).await,
            None if self.notation == NotationLookup::Read => {
                self.signature(manifest, &parsed).await
            }
            None => Fetched::SomethingElse,
        }
    }

    /// A Notation signature; a manifest that claims to be one and breaks its rules is refused as
    /// one.
    async fn signature(&self, manifest: RawManifest, parsed: &ImageManifest) -> Fetched {
        let carrier = manifest.digest().clone();
        let read = match SignatureManifest::read(parsed) {
            Ok(read) => read,
            Err(SignatureManifestError::Type { .. }) => return Fetched::SomethingElse,
            Err(problem) => {
                let refusal = Refusal::Malformed { problem: problem.to_string() };
                let content = PieceContent::Unusable { format: Format::Notation, refusal };
                let piece = Piece { carrier, hinted_type: None, content };
                return Fetched::Piece { piece, carrier: Some(manifest), blobs: Vec::new() };
            }
        };
        let mut blobs = Vec::new();
        for blob in [&parsed.config, &read.envelope] {
            match fetch_content(self.registry, &carrier, blob).await {
                Ok(bytes) => blobs.push((blob.clone(), bytes)),
                Err(Miss::Gap(gap)) => return Fetched::Gap(gap),
                Err(Miss::Unusable(refusal)) => {
                    let content = PieceContent::Unusable { format: Format::Notation, refusal };
                    let piece = Piece { carrier, hinted_type: None, content };
                    return Fetched::Piece { piece, carrier: Some(manifest), blobs };
                }
            }
        }
        let envelope = blobs.last().map(|(_, bytes)| bytes.to_vec()).unwrap_or_default();
        let content = NotationPiece::new(read.format, envelope, self.subject.bare());
        let content = PieceContent::Notation(Box::new(content));
        let piece = Piece { carrier, hinted_type: None, content };
        Fetched::Piece { piece, carrier: Some(manifest), blobs }
    }
}

fn bundle_layer(manifest: &ImageManifest) -> Option<&Descriptor> {
    match &manifest.layers[..] {
        [layer] if layer.media_type.starts_with(media_type::BUNDLE_PREFIX) => Some(layer),
        _ => None,
    }
}

async fn fetch_bundle(
    registry: &dyn Registry,
    manifest: RawManifest,
    parsed: &ImageManifest,
    layer: &Descriptor,
) -> Fetched {
    let carrier = manifest.digest().clone();
    let hinted_type = parsed.annotations.get(PREDICATE_ANNOTATION).cloned();
    let (content, blobs) = match fetch_content(registry, &carrier, layer).await {
        Ok(bytes) => {
            let empty = (parsed.config.clone(), Bytes::from_static(media_type::EMPTY_JSON));
            let is_empty = parsed.config.media_type == media_type::OCI_EMPTY;
            let config = is_empty.then_some(empty);
            let blobs = config.into_iter().chain([(layer.clone(), bytes.clone())]).collect();
            (PieceContent::Bundle(bytes.to_vec()), blobs)
        }
        Err(Miss::Gap(gap)) => return Fetched::Gap(gap),
        Err(Miss::Unusable(refusal)) => {
            (PieceContent::Unusable { format: Format::Bundle, refusal }, Vec::new())
        }
    };
    let piece = Piece { carrier, hinted_type, content };
    Fetched::Piece { piece, carrier: Some(manifest), blobs }
}

enum Miss {
    Gap(Gap),
    Unusable(Refusal),
}

async fn fetch_content(
    registry: &dyn Registry,
    carrier: &Digest,
    layer: &Descriptor,
) -> Result<Bytes, Miss> {
    if layer.size > MAX_PIECE_BYTES {
        let (size, limit) = (layer.size, MAX_PIECE_BYTES);
        return Err(Miss::Unusable(Refusal::TooLarge { size, limit }));
    }
    if *layer == Descriptor::of(&layer.media_type, media_type::EMPTY_JSON) {
        return Ok(Bytes::from_static(media_type::EMPTY_JSON));
    }
    match registry.fetch_blob(layer, MAX_PIECE_BYTES).await {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => {
            let place = format!("{}@{}", registry.location(), layer.digest);
            Err(Miss::Gap(Gap::Absent { carrier: carrier.clone(), place }))
        }
        // What somebody pushed and is none, as with manifests: it blocks nobody.
        Err(error) if error.kind == RegistryErrorKind::Malformed => {
            Err(Miss::Unusable(Refusal::Malformed { problem: error.to_string() }))
        }
        Err(error) => {
            let carrier = Some(carrier.clone());
            Err(Miss::Gap(Gap::Failed { carrier, reason: error.into() }))
        }
    }
}

fn absent(registry: &dyn Registry, carrier: &Digest) -> Fetched {
    let place = format!("{}@{carrier}", registry.location());
    Fetched::Gap(Gap::Absent { carrier: carrier.clone(), place })
}

/// Malformed content is what somebody pushed: it is refused as evidence, and blocks nobody.
fn failed(listed: &Descriptor, error: RegistryError) -> Fetched {
    let carrier = &listed.digest;
    if error.kind != RegistryErrorKind::Malformed {
        let carrier = Some(carrier.clone());
        return Fetched::Gap(Gap::Failed { carrier, reason: error.into() });
    }
    let refusal = Refusal::Malformed { problem: error.to_string() };
    let is_signature = artifact_type(listed) == media_type::NOTATION;
    let format = if is_signature { Format::Notation } else { Format::Bundle };
    let piece = Piece {
        carrier: carrier.clone(),
        hinted_type: listed.annotations.get(PREDICATE_ANNOTATION).cloned(),
        content: PieceContent::Unusable { format, refusal },
    };
    Fetched::Piece { piece, carrier: None, blobs: Vec::new() }
}

/// The legacy tags of a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LegacyTag {
    Attestations,
    Signatures,
}

impl LegacyTag {
    pub(crate) const ALL: [Self; 2] = [Self::Attestations, Self::Signatures];

    /// `sha256-<hex>.att` or `.sig`.
    pub(crate) fn of(self, subject: &Digest) -> Tag {
        let suffix = match self {
            Self::Attestations => "att",
            Self::Signatures => "sig",
        };
        let name = format!("{}.{suffix}", subject.as_tag());
        Tag::ref_name(&name).unwrap_or_else(|_| unreachable!("a digest's tag is printable"))
    }
}

/// Everything under cosign's `.sig` and `.att` tags of `subject`.
pub(crate) async fn collect_legacy(registry: &dyn Registry, subject: &Digest) -> Collected {
    let mut collected = Collected::none(subject);
    for tag in LegacyTag::ALL {
        match registry.fetch_manifest(&Pick::Tag(tag.of(subject))).await {
            Ok(Some(manifest)) => {
                collected.join(legacy_layers(registry, subject, &manifest).await);
                collected.tagged.push((tag.of(subject), manifest));
            }
            Ok(None) => {}
            Err(error) => {
                let gap = Gap::Failed { carrier: None, reason: error.into() };
                collected.evidence.gaps.push(gap);
            }
        }
    }
    collected
}

async fn legacy_layers(
    registry: &dyn Registry,
    subject: &Digest,
    manifest: &RawManifest,
) -> Collected {
    let mut collected = Collected::none(subject);
    let Ok(Manifest::Image(parsed)) = manifest.parse() else { return collected };
    if parsed.layers.len() > 1000 {
        let reason = Reason::new(Exit::Contradiction, "too-many-layers")
            .expected("at most 1000 signatures under one tag")
            .found(parsed.layers.len().to_string())
            .place(manifest.digest().to_string())
            .fix("remove the tag, and release the image again");
        collected.evidence.gaps.push(Gap::Failed { carrier: None, reason });
        return collected;
    }
    let fetches = parsed.layers.iter().map(|layer| fetch_legacy_layer(registry, layer));
    let all: Vec<Fetched> = stream::iter(fetches).buffered(AT_ONCE).collect().await;
    for one in all {
        collected.add(one);
    }
    collected
}

async fn fetch_legacy_layer(registry: &dyn Registry, layer: &Descriptor) -> Fetched {
    let format = match layer.media_type.as_str() {
        media_type::SIMPLE_SIGNING => Format::LegacySignature,
        media_type::DSSE_ENVELOPE => Format::LegacyAttestation,
        _ => return Fetched::SomethingElse,
    };
    let bytes = match fetch_content(registry, &layer.digest, layer).await {
        Ok(bytes) => Ok(bytes),
        Err(Miss::Gap(gap)) => return Fetched::Gap(gap),
        Err(Miss::Unusable(refusal)) => Err(refusal),
    };
    let blobs = bytes.iter().map(|bytes| (layer.clone(), bytes.clone())).collect();
    let content = match bytes {
        Ok(bytes) if format == Format::LegacyAttestation => {
            PieceContent::LegacyAttestation(bytes.to_vec())
        }
        Ok(bytes) => PieceContent::LegacySignature {
            payload: bytes.to_vec(),
            signature: layer.annotations.get(SIGNATURE_ANNOTATION).cloned().unwrap_or_default(),
        },
        Err(refusal) => PieceContent::Unusable { format, refusal },
    };
    let hinted_type = layer.annotations.get(LEGACY_PREDICATE_ANNOTATION).cloned();
    let piece = Piece { carrier: layer.digest.clone(), hinted_type, content };
    Fetched::Piece { piece, carrier: None, blobs }
}
