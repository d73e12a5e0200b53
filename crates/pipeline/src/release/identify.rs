//! Identify: what is released, with which keys, and what there is at the destination already.

use boltseal_core::{Descriptor, Digest, Exit, Kind, Pick, Reason, Tag};
use boltseal_ports::Registry;
use boltseal_verify::{Authentic, authenticate};
use jiff::Timestamp;

use super::{EvidenceFormats, Intent, ReleaseRequest, ReleaseWorld};
use crate::Failure;
use crate::evidence::collect::{Collected, NotationLookup, collect_legacy, collect_referrers};
use crate::evidence::signing_key::SigningKey;
use crate::image::source::ImageSource;

/// What is known before anything is read but manifests.
pub(crate) struct Identified<'a> {
    pub(crate) image: ImageSource,
    pub(crate) keys: Vec<SigningKey<'a>>,
    /// Whether the image's manifest is at the destination.
    pub(crate) present: bool,
    /// The fixed tags that hold the image already.
    pub(crate) held: Vec<Tag>,
    /// Evidence about the image and, for an index, about each child, in the order of the images.
    pub(crate) collected: Collected,
    pub(crate) started: Timestamp,
}

impl Identified<'_> {
    /// The subjects of a release: for an index every child, then the index.
    pub(crate) fn subjects(&self) -> Vec<Descriptor> {
        let images = self.image.images.iter().map(|image| image.manifest.descriptor());
        let root = self.image.is_index().then(|| self.image.root.descriptor());
        images.chain(root).collect()
    }

    /// What there is about `subject`, as seen with each key alone.
    pub(crate) fn existing(&self, subject: &Digest, now: Timestamp) -> Vec<Vec<Authentic>> {
        let root = &self.collected.evidence;
        let mut all = std::iter::once(root).chain(&root.children);
        let pieces = all.find(|it| it.subject == *subject).map_or(&[][..], |it| &it.pieces);
        let with_key = |key: &SigningKey<'_>| {
            let trust = key.trust();
            pieces.iter().map(|piece| authenticate(piece, subject, &trust, now)).collect()
        };
        self.keys.iter().map(with_key).collect()
    }
}

pub(crate) async fn identify<'a>(
    request: &ReleaseRequest,
    world: &ReleaseWorld<'a>,
) -> Result<Identified<'a>, Failure> {
    let image = ImageSource::open(world.source, &request.image).await?;
    if request.intent == Intent::Judge {
        return Ok(unasked(request, world, image));
    }
    let mut keys = Vec::with_capacity(world.signers.len());
    for signer in world.signers {
        keys.push(SigningKey::open(signer.as_ref()).await?);
    }
    super::scan::ready(request, world).await?;
    let held = held_tags(world.destination, &request.tags, &request.image).await?;
    check_movable(world.destination, &request.moving_tags, &request.image).await?;
    let present = !held.is_empty() || is_there(world.destination, &request.image).await?;
    let collected = if present {
        collect_all(world.destination, &image, request.formats).await
    } else {
        Collected::none(&request.image)
    };
    let started = world.clock.now();
    Ok(Identified { image, keys, present, held, collected, started })
}

/// What is known without asking the destination or a key: as if neither had anything.
fn unasked<'a>(
    request: &ReleaseRequest,
    world: &ReleaseWorld<'_>,
    image: ImageSource,
) -> Identified<'a> {
    Identified {
        image,
        keys: Vec::new(),
        present: false,
        held: Vec::new(),
        collected: Collected::none(&request.image),
        started: world.clock.now(),
    }
}

/// Whether a manifest is stored. Where it is not, nothing that could be adopted is attached to it.
pub(crate) async fn is_there(registry: &dyn Registry, digest: &Digest) -> Result<bool, Failure> {
    Ok(registry.fetch_manifest(&Pick::Digest(digest.clone())).await?.is_some())
}

/// The tags that hold `digest` already.
///
/// # Errors
/// Exit 13 where one holds another digest, before anything is written.
pub(crate) async fn held_tags(
    destination: &dyn Registry,
    tags: &[Tag],
    digest: &Digest,
) -> Result<Vec<Tag>, Failure> {
    let (mut held, mut taken) = (Vec::new(), Vec::new());
    for tag in tags {
        match destination.fetch_manifest(&Pick::Tag(tag.clone())).await? {
            Some(manifest) if manifest.digest() == digest => held.push(tag.clone()),
            Some(manifest) => taken.push(tag_taken(destination, tag, digest, manifest.digest())),
            None => {}
        }
    }
    if taken.is_empty() { Ok(held) } else { Err(Failure::of(taken)) }
}

/// Makes sure that the registry will let the tags move to `digest`, where it can tell.
///
/// # Errors
/// Exit 13 where one is immutable and holds another digest, before anything is written.
pub(crate) async fn check_movable(
    destination: &dyn Registry,
    tags: &[Tag],
    digest: &Digest,
) -> Result<(), Failure> {
    let Some(rules) = destination.rules().filter(|_| !tags.is_empty()) else { return Ok(()) };
    let mut stuck = Vec::new();
    for tag in rules.immutable(tags).await?.unwrap_or_default() {
        let holder = destination.fetch_manifest(&Pick::Tag(tag.clone())).await?;
        if let Some(holder) = holder.filter(|it| it.digest() != digest) {
            stuck.push(immovable(destination, &tag, holder.digest()));
        }
    }
    if stuck.is_empty() { Ok(()) } else { Err(Failure::of(stuck)) }
}

fn immovable(destination: &dyn Registry, tag: &Tag, holder: &Digest) -> Reason {
    Reason::new(Exit::TagTaken, "tag-immutable")
        .expected(format!("a tag {tag} that may move"))
        .found(format!("the repository's settings make it immutable, and it holds {holder}"))
        .place(format!("{}:{tag}", destination.location()))
        .fix(format!(
            "leave --moving-tag {tag} out, or exclude this name from the repository's tag \
             immutability: IMMUTABLE_WITH_EXCLUSION with the filter {tag}"
        ))
}

pub(crate) fn tag_taken(
    destination: &dyn Registry,
    tag: &Tag,
    ours: &Digest,
    theirs: &Digest,
) -> Reason {
    Reason::new(Exit::TagTaken, "tag-taken")
        .expected(format!("the tag {tag} to be free, or to hold {ours}"))
        .found(format!("it holds {theirs}"))
        .place(format!("{}:{tag}", destination.location()))
        .fix("release under a new tag; a tag that may move is given with --moving-tag")
}

/// The evidence about an image and, for an index, about each of its children.
pub(crate) async fn collect_all(
    destination: &dyn Registry,
    image: &ImageSource,
    formats: EvidenceFormats,
) -> Collected {
    let mut all = collect(destination, &image.root.descriptor(), formats).await;
    if image.is_index() {
        for child in &image.images {
            let described = child.manifest.descriptor();
            let mut child_evidence = collect(destination, &described, formats).await;
            child_evidence.evidence.platform = Some(child.platform.clone());
            all.adopt_child(child_evidence);
        }
    }
    all
}

/// The evidence about one digest, in the formats that are written.
pub(crate) async fn collect(
    registry: &dyn Registry,
    subject: &Descriptor,
    formats: EvidenceFormats,
) -> Collected {
    let notation = NotationLookup::when(formats.notation());
    let mut all = if formats.bundles() || formats.notation() {
        collect_referrers(registry, subject, notation).await
    } else {
        Collected::none(&subject.digest)
    };
    if formats.legacy() {
        all.join(collect_legacy(registry, &subject.digest).await);
    }
    all
}

/// The kinds that a complete release has.
pub(crate) fn complete(scanned: bool) -> Vec<Kind> {
    Kind::RELEASE.into_iter().filter(|kind| scanned || *kind != Kind::Vuln).collect()
}
