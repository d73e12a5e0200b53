//! Copy: the image and its evidence, byte for byte.

use boltseal_core::{Descriptor, Digest, Manifest, Pick, RawManifest, Repository, media_type};
use boltseal_ports::{Blob, BlobSource, ManifestRole, Probe, Pushed, Registry};
use boltseal_verify::{Format, Release};
use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::seal::SealedPromotion;
use super::{PromoteRequest, PromoteWorld, Source};
use crate::evidence::collect::{Collected, LegacyTag};
use crate::image::blob_copy::BlobCopy;
use crate::image::mount;
use crate::release::collect;
use crate::{Failure, WrittenEvidence};

const AT_ONCE: usize = 4;

/// What is at the destination now.
pub(crate) struct Copied {
    /// The manifests of an index's children.
    pub(crate) children: Vec<RawManifest>,
    /// Evidence manifests that were there before.
    pub(crate) there_before: Vec<Digest>,
    /// Evidence about the image that was at the destination before.
    pub(crate) existing: Vec<boltseal_verify::Piece>,
    /// Evidence manifests about the image that are stored and not listed yet.
    pub(crate) unlisted: Vec<Descriptor>,
    /// Whether anything was written.
    pub(crate) wrote: bool,
    /// Whether a blob had to be sent, which takes its time.
    pub(crate) sent: bool,
    pub(crate) empty_config: EmptyConfig,
    pub(crate) warnings: Vec<String>,
}

/// Whether the configuration that all our own evidence manifests share is at the destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EmptyConfig {
    /// Evidence there uses it.
    There,
    Unknown,
}

impl Copied {
    const fn nothing() -> Self {
        Self {
            children: Vec::new(),
            there_before: Vec::new(),
            existing: Vec::new(),
            unlisted: Vec::new(),
            wrote: false,
            sent: false,
            empty_config: EmptyConfig::Unknown,
            warnings: Vec::new(),
        }
    }

    /// For the result: the copied pieces, then the promotion's own.
    pub(crate) fn written(
        &self,
        proof: &Release,
        sealed: &SealedPromotion<'_>,
    ) -> Vec<WrittenEvidence> {
        let copied = proof.accepted().iter().map(|it| WrittenEvidence {
            subject: it.subject.clone(),
            kind: it.kind.clone(),
            format: it.format,
            carrier: it.carrier.clone(),
            signer: it.signer.clone(),
            adopted: self.there_before.contains(&it.carrier),
        });
        copied.chain(sealed.written()).collect()
    }
}

/// What was at the destination before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Before {
    /// The image, and perhaps evidence about it.
    Image,
    Nothing,
}

pub(crate) async fn copy(
    world: &PromoteWorld<'_>,
    source: &Source,
    before: Before,
    request: &PromoteRequest,
) -> Result<Copied, Failure> {
    let formats = match &request.trust.notation {
        Some(_) => request.formats.and_bundles().and_notation(),
        None => request.formats.and_bundles(),
    };
    let ends = Ends::of(world);
    let tree = Tree::read(world.source, &source.root).await?;
    let mut copied = Copied { children: tree.children.clone(), ..Copied::nothing() };
    if before == Before::Nothing {
        copied.sent = copy_image(&ends, &source.root, &tree).await?;
        copied.wrote = true;
    }
    let subjects: Vec<Descriptor> =
        std::iter::once(&source.root).chain(&tree.children).map(RawManifest::descriptor).collect();
    for subject in &subjects {
        let there = match before {
            Before::Image => collect(ends.to, subject, formats).await,
            Before::Nothing => Collected::none(&subject.digest),
        };
        copy_evidence(&ends, source, there, &mut copied).await?;
    }
    let is_legacy = |format| matches!(format, Format::LegacyAttestation | Format::LegacySignature);
    if source.proof.accepted().iter().any(|it| is_legacy(it.format)) {
        for subject in &subjects {
            copy_legacy(&ends, world, &subject.digest, &mut copied).await?;
        }
    }
    copied.warnings.extend(left_alone(&source.collected.left_alone));
    Ok(copied)
}

/// Only what verifies is copied, and nobody said whose Notation signatures do.
fn left_alone(signatures: &[Digest]) -> Option<String> {
    let first = signatures.first()?;
    Some(format!(
        "{} Notation signatures were not copied, {first} among them: say whose count with \
         --trust-policy and --trust-store",
        signatures.len()
    ))
}

/// Both ends of a copy.
struct Ends<'a> {
    from: &'a dyn Registry,
    to: &'a dyn Registry,
    mount_from: Option<&'a Repository>,
}

impl<'a> Ends<'a> {
    fn of(world: &PromoteWorld<'a>) -> Self {
        let mount_from = mount::from(world.source.location(), world.destination.location());
        Self { from: world.source, to: world.destination, mount_from }
    }

    /// A mount needs no look beforehand: the registry answers it either way.
    async fn blob(
        &self,
        descriptor: &Descriptor,
        source: &dyn BlobSource,
    ) -> Result<Pushed, Failure> {
        let probe = if self.mount_from.is_some() { Probe::Skip } else { Probe::First };
        let mount_from = self.mount_from;
        Ok(self.to.push_blob(Blob { descriptor, source, mount_from, probe }).await?)
    }

    async fn stored_blob(&self, descriptor: &Descriptor) -> Result<Pushed, Failure> {
        self.blob(descriptor, &BlobCopy { from: self.from, descriptor }).await
    }
}

/// The manifests below a root, and every blob that they name.
struct Tree {
    children: Vec<RawManifest>,
    blobs: Vec<Descriptor>,
}

impl Tree {
    async fn read(from: &dyn Registry, root: &RawManifest) -> Result<Self, Failure> {
        let mut tree = Self { children: Vec::new(), blobs: Vec::new() };
        match root.parse() {
            Ok(Manifest::Image(image)) => tree.add(image.config, image.layers),
            Ok(Manifest::Index(index)) => {
                for child in &index.manifests {
                    let pick = Pick::Digest(child.digest.clone());
                    let Some(manifest) = from.fetch_manifest(&pick).await? else {
                        return Err(crate::image::source::missing(from, &child.digest).into());
                    };
                    if let Ok(Manifest::Image(image)) = manifest.parse() {
                        tree.add(image.config, image.layers);
                    }
                    tree.children.push(manifest);
                }
            }
            Err(problem) => return Err(crate::image::source::invalid(from, root, &problem).into()),
        }
        Ok(tree)
    }

    fn add(&mut self, config: Descriptor, layers: Vec<Descriptor>) {
        for blob in layers.into_iter().chain([config]) {
            if !self.blobs.iter().any(|known| known.digest == blob.digest) {
                self.blobs.push(blob.bare());
            }
        }
    }
}

/// Copies the image; whether a blob had to be sent.
async fn copy_image(ends: &Ends<'_>, root: &RawManifest, tree: &Tree) -> Result<bool, Failure> {
    if ends.mount_from.is_none() {
        ends.to.announce(&tree.blobs).await?;
    }
    let blobs = tree.blobs.iter().map(|blob| ends.stored_blob(blob));
    let pushed: Vec<Pushed> = stream::iter(blobs).buffer_unordered(AT_ONCE).try_collect().await?;
    for child in &tree.children {
        ends.to.push_manifest(child, ManifestRole::Child).await?;
    }
    ends.to.push_manifest(root, ManifestRole::Root).await?;
    Ok(pushed.contains(&Pushed::Uploaded))
}

/// Copies the accepted pieces about one subject that are not at the destination yet, where
/// `there` is what is.
async fn copy_evidence(
    ends: &Ends<'_>,
    source: &Source,
    there: Collected,
    copied: &mut Copied,
) -> Result<(), Failure> {
    let subject = &there.evidence.subject.clone();
    let there_before: Vec<Digest> = there.carriers.iter().map(|it| it.digest().clone()).collect();
    if subject == source.root.digest() {
        copied.existing = there.evidence.pieces;
    }
    let accepted = |carrier: &&RawManifest| {
        let mut pieces = source.proof.accepted().iter();
        pieces.any(|it| it.carrier == *carrier.digest() && it.subject == *subject)
    };
    let carriers = source.collected.carriers.iter().filter(accepted);
    let new: Vec<&RawManifest> =
        carriers.filter(|it| !there_before.contains(it.digest())).collect();
    copied.there_before.extend(there_before);
    let blobs = blobs_of(&new, &source.collected.blobs);
    let pushes = blobs.iter().map(|(descriptor, bytes)| ends.blob(descriptor, bytes));
    stream::iter(pushes).buffer_unordered(AT_ONCE).try_collect::<Vec<Pushed>>().await?;
    if blobs.iter().any(|(blob, _)| blob.media_type == media_type::OCI_EMPTY) {
        copied.empty_config = EmptyConfig::There;
    }
    for carrier in &new {
        ends.to.push_manifest(carrier, ManifestRole::Referrer).await?;
    }
    copied.wrote |= !new.is_empty();
    let listed: Vec<Descriptor> = new.iter().map(|it| listed(it)).collect();
    if subject == source.root.digest() {
        // The promotion's own evidence is about the image as well: all is listed at once.
        copied.unlisted = listed;
    } else if !listed.is_empty() {
        ends.to.link_referrers(subject, &listed).await?;
    }
    Ok(())
}

/// The blobs of some evidence manifests, once each.
fn blobs_of(carriers: &[&RawManifest], known: &[(Descriptor, Bytes)]) -> Vec<(Descriptor, Bytes)> {
    let mut blobs: Vec<(Descriptor, Bytes)> = Vec::new();
    for carrier in carriers {
        let Ok(Manifest::Image(parsed)) = carrier.parse() else { continue };
        for wanted in parsed.layers.iter().chain([&parsed.config]) {
            let found = known.iter().find(|(it, _)| it.digest == wanted.digest);
            if let Some((_, bytes)) = found
                && !blobs.iter().any(|(it, _)| it.digest == wanted.digest)
            {
                blobs.push((wanted.bare(), bytes.clone()));
            }
        }
    }
    blobs
}

/// As a referrers index lists a manifest.
fn listed(carrier: &RawManifest) -> Descriptor {
    let mut descriptor = carrier.descriptor();
    if let Ok(Manifest::Image(parsed)) = carrier.parse() {
        descriptor.artifact_type = Some(parsed.effective_artifact_type().to_owned());
        descriptor.annotations = parsed.annotations;
    }
    descriptor
}

/// cosign's tags belong to a digest, so they are the same at the destination.
async fn copy_legacy(
    ends: &Ends<'_>,
    world: &PromoteWorld<'_>,
    subject: &Digest,
    copied: &mut Copied,
) -> Result<(), Failure> {
    for tag in LegacyTag::ALL {
        let pick = Pick::Tag(tag.of(subject));
        let Some(manifest) = ends.from.fetch_manifest(&pick).await? else { continue };
        match ends.to.fetch_manifest(&pick).await? {
            Some(there) if there.digest() == manifest.digest() => continue,
            Some(_) => {
                let name = tag.of(subject);
                copied.warnings.push(format!("{name} is at the destination already: left alone"));
                continue;
            }
            None => {}
        }
        let Ok(Manifest::Image(parsed)) = manifest.parse() else { continue };
        for blob in parsed.layers.iter().chain([&parsed.config]) {
            ends.stored_blob(&blob.bare()).await?;
        }
        ends.to.push_manifest(&manifest, ManifestRole::Child).await?;
        world.tags.put_tag(&tag.of(subject), &manifest).await?;
        copied.wrote = true;
    }
    Ok(())
}
