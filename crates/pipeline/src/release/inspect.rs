//! Inspect: one reading of every layer, for inventory, digests and upload at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use boltseal_core::{Descriptor, Digest, Inventory};
use boltseal_image::{LayerContents, assemble};
use boltseal_ports::{Blob, Probe, Registry, RegistryError};
use futures_util::future::{BoxFuture, FutureExt as _, try_join_all};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::{Semaphore, watch};

use super::identify::Identified;
use super::{Intent, ReleaseRequest, ReleaseWorld};
use crate::Failure;
use crate::evidence::referrer;
use crate::image::layer_scan::{self, scan_on_thread};
use crate::image::source::missing;
use crate::image::tee::{Admission, Tee, TeeSource, tee};

/// How many layers are sent while they are inspected; of more, the rest are sent afterwards.
const SENT_AT_ONCE: usize = 16;

/// An image with the inventory of each of its platforms, and its layers on their way.
pub(crate) struct Inspected<'a> {
    pub(crate) identified: Identified<'a>,
    pub(crate) inventories: Vec<Inventory>,
    pub(crate) uploads: Uploads<'a>,
}

/// Layers on their way to the destination. Each waits with its last piece for the gate.
pub(crate) struct Uploads<'a> {
    gate: watch::Sender<Admission>,
    running: FuturesUnordered<BoxFuture<'a, Result<Digest, RegistryError>>>,
    ended: Vec<Result<Digest, RegistryError>>,
}

impl Uploads<'_> {
    fn none() -> Self {
        let (gate, _) = watch::channel(Admission::Pending);
        Self { gate, running: FuturesUnordered::new(), ended: Vec::new() }
    }

    /// Lets the uploads end, and waits for them: the digests that are at the destination now.
    pub(crate) async fn admit(mut self) -> Result<Vec<Digest>, RegistryError> {
        self.gate.send_replace(Admission::Admitted);
        while let Some(ended) = self.running.next().await {
            self.ended.push(ended);
        }
        std::mem::take(&mut self.ended).into_iter().collect()
    }
}

impl Drop for Uploads<'_> {
    fn drop(&mut self) {
        self.gate.send_if_modified(|admission| {
            let pending = *admission == Admission::Pending;
            if pending {
                *admission = Admission::Refused;
            }
            pending
        });
    }
}

pub(crate) async fn inspect<'a>(
    request: &ReleaseRequest,
    world: &'a ReleaseWorld<'a>,
    identified: Identified<'a>,
) -> Result<Inspected<'a>, Failure> {
    let mut uploads = Uploads::none();
    let sends = !identified.present && request.intent == Intent::Write;
    if sends {
        // The config that all bundles share is pushed later.
        let blobs = [identified.image.blobs(), vec![referrer::empty()]].concat();
        world.destination.announce(&blobs).await?;
    }
    let contents = read_layers(world, &identified, sends.then_some(&mut uploads)).await?;
    let inventories = identified.image.images.iter().map(|image| {
        let layers = image.parsed.layers.iter();
        assemble(layers.filter_map(|layer| contents.get(&layer.digest).cloned()).collect())
    });
    let inventories = inventories.collect();
    Ok(Inspected { identified, inventories, uploads })
}

async fn read_layers<'a>(
    world: &'a ReleaseWorld<'a>,
    identified: &Identified<'a>,
    mut uploads: Option<&mut Uploads<'a>>,
) -> Result<BTreeMap<Digest, LayerContents>, Failure> {
    let turns = Arc::new(Semaphore::new(layer_scan::at_once()));
    let mut layers = layers_with_diff_ids(identified);
    layers.sort_by_key(|(layer, _)| std::cmp::Reverse(layer.size));
    let mut scans = Vec::with_capacity(layers.len());
    for (layer, diff_id) in layers {
        let reader = open(world.source, &layer).await?;
        let (tee, pieces) = tee(reader);
        if let Some(uploads) = uploads.as_deref_mut() {
            let first = (uploads.running.len() < SENT_AT_ONCE).then_some(pieces);
            let gate = uploads.gate.subscribe();
            let source = TeeSource::new(first, layer.clone(), world.source, gate);
            uploads.running.push(send(world, layer.clone(), source).boxed());
        }
        scans.push(scan(tee, layer, diff_id, Arc::clone(&turns)));
    }
    let scans = try_join_all(scans);
    let contents = match uploads {
        Some(uploads) => drive(scans, uploads).await?,
        None => scans.await?,
    };
    Ok(contents.into_iter().collect())
}

/// Waits for the scans while the uploads go on.
async fn drive<T>(
    scans: impl Future<Output = Result<T, Failure>>,
    uploads: &mut Uploads<'_>,
) -> Result<T, Failure> {
    let mut scans = std::pin::pin!(scans);
    loop {
        tokio::select! {
            done = &mut scans => return done,
            Some(ended) = uploads.running.next() => uploads.ended.push(ended),
        }
    }
}

/// Every layer once, with the digest of its uncompressed content.
fn layers_with_diff_ids(identified: &Identified<'_>) -> Vec<(Descriptor, Digest)> {
    let mut layers = BTreeMap::new();
    for image in &identified.image.images {
        for (layer, diff_id) in image.parsed.layers.iter().zip(image.config.diff_ids()) {
            layers.insert(layer.digest.clone(), (layer.clone(), diff_id.clone()));
        }
    }
    layers.into_values().collect()
}

async fn open(
    source: &dyn Registry,
    layer: &Descriptor,
) -> Result<boltseal_ports::BlobReader, Failure> {
    let reader = source.open_blob(layer).await?;
    Ok(reader.ok_or_else(|| missing(source, &layer.digest))?)
}

async fn send<'a>(
    world: &ReleaseWorld<'a>,
    layer: Descriptor,
    source: TeeSource<'a>,
) -> Result<Digest, RegistryError> {
    let mount_from = mount_source(world);
    let blob = Blob { descriptor: &layer, source: &source, mount_from, probe: Probe::First };
    world.destination.push_blob(blob).await?;
    Ok(layer.digest.clone())
}

/// The source's repository, where both ends are in one registry.
pub(crate) fn mount_source<'a>(world: &ReleaseWorld<'a>) -> Option<&'a boltseal_core::Repository> {
    crate::image::mount::from(world.source.location(), world.destination.location())
}

async fn scan(
    tee: Tee,
    layer: Descriptor,
    diff_id: Digest,
    turns: Arc<Semaphore>,
) -> Result<(Digest, LayerContents), Failure> {
    let _turn = turns.acquire_owned().await;
    let digest = layer.digest.clone();
    let contents = scan_on_thread(tee, layer, diff_id).await?;
    Ok((digest, contents))
}
