//! Blobs from one registry to another, in pieces.

use std::io::Read as _;

use async_trait::async_trait;
use boltseal_core::Descriptor;
use boltseal_ports::{BlobSource, BlobStream, Registry, RegistryError, RegistryErrorKind};
use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, StreamExt as _};

const PIECE: usize = 256 * 1024;

/// A blob that is read from another registry whenever it is sent.
pub(crate) struct BlobCopy<'a> {
    pub(crate) from: &'a dyn Registry,
    pub(crate) descriptor: &'a Descriptor,
}

#[async_trait]
impl BlobSource for BlobCopy<'_> {
    async fn open(&self) -> Result<BlobStream, RegistryError> {
        stream_of(self.from, self.descriptor).await
    }
}

/// The bytes of a blob, read by a thread of their own.
pub(crate) async fn stream_of(
    registry: &dyn Registry,
    descriptor: &Descriptor,
) -> Result<BlobStream, RegistryError> {
    let Some(mut reader) = registry.open_blob(descriptor).await? else {
        let place = format!("{}@{}", registry.location(), descriptor.digest);
        return Err(RegistryError::new(RegistryErrorKind::Contradiction, place)
            .expected("a blob that the manifest names")
            .found("it is not there")
            .fix("build or copy the image again, whole"));
    };
    let (sender, receiver) = tokio::sync::mpsc::channel::<std::io::Result<Bytes>>(4);
    tokio::task::spawn_blocking(move || {
        loop {
            let mut buffer = BytesMut::zeroed(PIECE);
            let piece = match reader.read(&mut buffer) {
                Ok(0) => return,
                Ok(n) => {
                    buffer.truncate(n);
                    Ok(buffer.freeze())
                }
                Err(error) => Err(error),
            };
            let failed = piece.is_err();
            if sender.blocking_send(piece).is_err() || failed {
                return;
            }
        }
    });
    let pieces = stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|piece| (piece, receiver))
    });
    Ok(pieces.boxed())
}
