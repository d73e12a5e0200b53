//! Push: the rest of the blobs, then the manifests, by digest.

use boltseal_core::{Descriptor, Digest};
use boltseal_ports::{Blob, ManifestRole, Probe, Pushed};
use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;

use super::gate::MayPush;
use super::identify::Identified;
use super::inspect::{Inspected, mount_source};
use super::{Record, ReleaseWorld};
use crate::Failure;
use crate::image::blob_copy::BlobCopy;

const AT_ONCE: usize = 4;

/// The image is at the destination, by digest.
pub(crate) struct PushedImage<'a> {
    pub(crate) identified: Identified<'a>,
    pub(crate) inventories: Vec<boltseal_core::Inventory>,
    /// When this run pushed it; none where it was there before.
    pub(crate) pushed_at: Option<Timestamp>,
}

pub(crate) async fn push<'a>(
    world: &ReleaseWorld<'a>,
    inspected: Inspected<'a>,
    _admission: &MayPush,
    record: &mut Record,
) -> Result<PushedImage<'a>, Failure> {
    let Inspected { identified, inventories, uploads } = inspected;
    let there = uploads.admit().await?;
    let pushed_at = (!identified.present).then(|| world.clock.now());
    if !identified.present {
        push_blobs(world, &identified, &there).await?;
        push_manifests(world, &identified).await?;
    }
    record.pushed = true;
    Ok(PushedImage { identified, inventories, pushed_at })
}

async fn push_blobs(
    world: &ReleaseWorld<'_>,
    identified: &Identified<'_>,
    there: &[Digest],
) -> Result<(), Failure> {
    let blobs = identified.image.blobs();
    let rest: Vec<&Descriptor> = blobs.iter().filter(|it| !there.contains(&it.digest)).collect();
    let pushes = rest.into_iter().map(|blob| push_blob(world, identified, blob));
    stream::iter(pushes).buffer_unordered(AT_ONCE).try_collect::<Vec<_>>().await?;
    Ok(())
}

async fn push_blob(
    world: &ReleaseWorld<'_>,
    identified: &Identified<'_>,
    descriptor: &Descriptor,
) -> Result<Pushed, Failure> {
    let images = &identified.image.images;
    let config = images.iter().find(|image| image.parsed.config.digest == descriptor.digest);
    let (mount_from, probe) = (mount_source(world), Probe::First);
    let pushed = if let Some(image) = config {
        let source: &Bytes = &image.config_bytes;
        world.destination.push_blob(Blob { descriptor, source, mount_from, probe }).await?
    } else {
        let source = BlobCopy { from: world.source, descriptor };
        world.destination.push_blob(Blob { descriptor, source: &source, mount_from, probe }).await?
    };
    Ok(pushed)
}

async fn push_manifests(
    world: &ReleaseWorld<'_>,
    identified: &Identified<'_>,
) -> Result<(), Failure> {
    let image = &identified.image;
    if image.is_index() {
        let children = image.images.iter().map(|it| &it.manifest);
        for child in children.chain(image.attestations.iter().map(|(manifest, _)| manifest)) {
            world.destination.push_manifest(child, ManifestRole::Child).await?;
        }
    }
    world.destination.push_manifest(&image.root, ManifestRole::Root).await?;
    Ok(())
}
