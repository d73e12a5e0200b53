//! One reading of a layer, for two readers: the inspection and the upload.
//!
//! The upload gets its bytes as the inspection reads them, but its last piece is held back until
//! the gate has passed, so that nothing is stored at the destination before.

use std::io::{self, BufRead, Read};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use boltseal_core::Descriptor;
use boltseal_ports::{BlobReader, BlobSource, BlobStream, Registry, RegistryError};
use bytes::{Buf as _, Bytes, BytesMut};
use futures_util::stream::{self, StreamExt as _};
use tokio::sync::{mpsc, watch};

use crate::image::blob_copy::stream_of;

const PIECE: usize = 256 * 1024;
/// How many pieces the upload may be behind the inspection.
const BEHIND: usize = 4;

/// Whether the gate has passed: not yet, yes, or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    Admitted,
    Pending,
    Refused,
}

/// Waits for the gate. A sender that is gone has refused.
async fn admitted(gate: &mut watch::Receiver<Admission>) -> bool {
    match gate.wait_for(|it| *it != Admission::Pending).await {
        Ok(admission) => *admission == Admission::Admitted,
        Err(_) => false,
    }
}

/// The reading side: a reader for the inspection that hands every piece on.
pub(crate) struct Tee {
    inner: BlobReader,
    piece: Bytes,
    upload: Option<mpsc::Sender<io::Result<Bytes>>>,
}

/// Makes the two sides of one reading.
pub(crate) fn tee(inner: BlobReader) -> (Tee, mpsc::Receiver<io::Result<Bytes>>) {
    let (sender, receiver) = mpsc::channel(BEHIND);
    (Tee { inner, piece: Bytes::new(), upload: Some(sender) }, receiver)
}

impl Tee {
    fn next_piece(&mut self) -> io::Result<()> {
        let mut buffer = BytesMut::zeroed(PIECE);
        let mut filled = 0;
        while filled < PIECE {
            match self.inner.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.hand_on(Err(io::Error::from(error.kind())));
                    return Err(error);
                }
            }
        }
        buffer.truncate(filled);
        self.piece = buffer.freeze();
        if filled == 0 {
            self.upload = None;
        } else {
            self.hand_on(Ok(self.piece.clone()));
        }
        Ok(())
    }

    /// An upload that has enough (the blob was there, or it failed) is left alone.
    fn hand_on(&mut self, piece: io::Result<Bytes>) {
        if let Some(upload) = &self.upload
            && upload.blocking_send(piece).is_err()
        {
            self.upload = None;
        }
    }
}

impl BufRead for Tee {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.piece.is_empty() {
            self.next_piece()?;
        }
        Ok(&self.piece)
    }

    fn consume(&mut self, amount: usize) {
        self.piece.advance(amount);
    }
}

impl Read for Tee {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let n = available.len().min(out.len());
        out[..n].copy_from_slice(&available[..n]);
        self.consume(n);
        Ok(n)
    }
}

/// The upload's side of a reading: the first time the pieces of the inspection, later (an upload
/// that broke) the source again. Either way the last piece waits for the gate.
pub(crate) struct TeeSource<'a> {
    first: Mutex<Option<mpsc::Receiver<io::Result<Bytes>>>>,
    descriptor: Descriptor,
    registry: &'a dyn Registry,
    gate: watch::Receiver<Admission>,
}

impl<'a> TeeSource<'a> {
    pub(crate) const fn new(
        first: Option<mpsc::Receiver<io::Result<Bytes>>>,
        descriptor: Descriptor,
        registry: &'a dyn Registry,
        gate: watch::Receiver<Admission>,
    ) -> Self {
        Self { first: Mutex::new(first), descriptor, registry, gate }
    }

    fn take_first(&self) -> Option<mpsc::Receiver<io::Result<Bytes>>> {
        self.first.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
    }
}

#[async_trait]
impl BlobSource for TeeSource<'_> {
    async fn open(&self) -> Result<BlobStream, RegistryError> {
        let stream = if let Some(receiver) = self.take_first() {
            stream::unfold(receiver, |mut receiver| async move {
                receiver.recv().await.map(|piece| (piece, receiver))
            })
            .boxed()
        } else {
            let mut gate = self.gate.clone();
            if !admitted(&mut gate).await {
                return Ok(stream::iter([Err(refused())]).boxed());
            }
            stream_of(self.registry, &self.descriptor).await?
        };
        Ok(hold_last(stream, self.descriptor.size, self.gate.clone()))
    }
}

/// Passes `stream` on, except that the piece that completes `size` bytes waits for the gate.
fn hold_last(stream: BlobStream, size: u64, gate: watch::Receiver<Admission>) -> BlobStream {
    let passed = Arc::new(Mutex::new(0_u64));
    stream
        .then(move |piece| {
            let (mut gate, passed) = (gate.clone(), Arc::clone(&passed));
            async move {
                let piece = piece?;
                let so_far = {
                    let mut passed =
                        passed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    *passed += piece.len() as u64;
                    *passed
                };
                if so_far >= size && !admitted(&mut gate).await {
                    return Err(refused());
                }
                Ok(piece)
            }
        })
        .boxed()
}

fn refused() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "not admitted by the gate")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(bytes: &'static [u8]) -> (Tee, mpsc::Receiver<io::Result<Bytes>>) {
        tee(Box::new(bytes))
    }

    async fn drain(stream: BlobStream) -> io::Result<Vec<u8>> {
        let pieces: Vec<io::Result<Bytes>> = stream.collect().await;
        pieces.into_iter().collect::<io::Result<Vec<_>>>().map(|it| it.concat())
    }

    #[tokio::test]
    async fn both_sides_see_the_same_bytes_once_the_gate_has_passed() {
        let (mut tee, receiver) = reading(b"layer");
        let (open, gate) = watch::channel(Admission::Pending);
        let incoming =
            stream::unfold(
                receiver,
                |mut it| async move { it.recv().await.map(|piece| (piece, it)) },
            );
        let upload = tokio::spawn(drain(hold_last(incoming.boxed(), 5, gate)));
        let mut seen = Vec::new();
        tokio::task::spawn_blocking(move || tee.read_to_end(&mut seen).map(|_| seen))
            .await
            .unwrap()
            .unwrap();
        tokio::task::yield_now().await;
        assert!(!upload.is_finished(), "the last piece waits for the gate");
        open.send(Admission::Admitted).unwrap();
        assert_eq!(upload.await.unwrap().unwrap(), b"layer");
    }

    #[tokio::test]
    async fn a_refusal_ends_the_upload_with_an_error() {
        let (open, gate) = watch::channel(Admission::Pending);
        let incoming = stream::iter([Ok(Bytes::from_static(b"layer"))]).boxed();
        let upload = tokio::spawn(drain(hold_last(incoming, 5, gate)));
        open.send(Admission::Refused).unwrap();
        assert!(upload.await.unwrap().is_err());
    }

    #[test]
    fn an_upload_that_has_enough_does_not_stop_the_inspection() {
        let (mut tee, receiver) = reading(b"layer");
        drop(receiver);
        let mut seen = Vec::new();
        tee.read_to_end(&mut seen).unwrap();
        assert_eq!(seen, b"layer");
    }
}
