use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use boltseal_core::{Descriptor, Digest};
use boltseal_ports::{BlobPresence, RegistryError};

/// Which blobs a registry holds, asked for many at once.
pub(super) struct Presence {
    source: Arc<dyn BlobPresence>,
    known: Mutex<BTreeMap<Digest, Known>>,
}

/// What was answered about a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    Absent,
    Present,
}

impl Presence {
    pub(super) fn new(source: Arc<dyn BlobPresence>) -> Self {
        Self { source, known: Mutex::default() }
    }

    pub(super) async fn look_for(&self, blobs: &[Descriptor]) -> Result<(), RegistryError> {
        let digests: Vec<Digest> = blobs.iter().map(|it| it.digest.clone()).collect();
        let present = self.source.present(&digests).await?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for digest in digests {
            let state = if present.contains(&digest) { Known::Present } else { Known::Absent };
            known.insert(digest, state);
        }
        Ok(())
    }

    /// What is known about a blob. Only once: afterwards it may have been pushed.
    pub(super) fn take(&self, digest: &Digest) -> Option<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(digest)
    }
}
