//! One layer, inspected by a thread of its own.

use std::io::BufRead;

use boltseal_core::{Descriptor, Digest, Exit, Reason};
use boltseal_image::{LayerContents, Limits, scan_layer};

use crate::Failure;

/// How many layers are read at the same time: one for each core, so that memory is bounded.
pub(crate) fn at_once() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

/// Reads a layer to its end and checks it, without keeping the other tasks waiting.
pub(crate) async fn scan_on_thread(
    reader: impl BufRead + Send + 'static,
    layer: Descriptor,
    diff_id: Digest,
) -> Result<LayerContents, Failure> {
    let digest = layer.digest.clone();
    let work = move || scan_layer(reader, &layer, &diff_id, &Limits::default());
    let scanned = tokio::task::spawn_blocking(work).await.map_err(|_| {
        Reason::new(Exit::Bug, "inspection-panicked")
            .expected("the inspection of a layer to end")
            .found("it panicked")
            .place(digest.to_string())
            .fix("report this, with the image if you can")
    })?;
    Ok(scanned.map_err(|error| error.reason())?)
}
