//! Blobs on their way.

use std::io;

use async_trait::async_trait;
use boltseal_core::{Descriptor, Repository};
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _};

use crate::RegistryError;

/// The bytes of a blob as they arrive, for uploads. An error ends the upload unfinished.
pub type BlobStream = BoxStream<'static, io::Result<Bytes>>;

/// The bytes of a blob for a thread that computes. They are not verified: whoever reads them
/// hashes them.
pub type BlobReader = Box<dyn io::Read + Send>;

/// Something whose bytes can be read from the start more than once, because an upload that
/// breaks is begun again.
#[async_trait]
pub trait BlobSource: Send + Sync {
    /// Opens the bytes at their start.
    async fn open(&self) -> Result<BlobStream, RegistryError>;
}

#[async_trait]
impl BlobSource for Bytes {
    async fn open(&self) -> Result<BlobStream, RegistryError> {
        Ok(stream::iter([Ok(self.clone())]).boxed())
    }
}

/// A blob to push.
#[derive(Clone, Copy)]
pub struct Blob<'a> {
    /// Its digest and size; what arrives must match.
    pub descriptor: &'a Descriptor,
    /// Its bytes.
    pub source: &'a dyn BlobSource,
    /// A repository of the same registry that holds it, to mount it from.
    pub mount_from: Option<&'a Repository>,
    /// Whether to look first whether it is there.
    pub probe: Probe,
}

/// Whether to look for a blob before sending it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// Look first: layers are often there already.
    First,
    /// Send at once: the blob was made in this run.
    Skip,
}
