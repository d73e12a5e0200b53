//! The body of an upload.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use boltseal_core::{Descriptor, Hasher};
use boltseal_ports::{BlobStream, RegistryError, RegistryErrorKind};
use bytes::Bytes;
use futures_util::Stream;

use super::pulse::Pulse;

/// Passes a source's bytes on, and lets the last of them go only when all of them match the
/// descriptor: what is wrong stays unfinished, on registries that check nothing too.
pub(super) struct Feed {
    source: BlobStream,
    descriptor: Descriptor,
    hasher: Option<Hasher>,
    left: u64,
    watch: Arc<Watch>,
}

/// What the sender of a [`Feed`] can see of it.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) place: String,
    pub(super) pulse: Pulse,
    /// Why the feed ended before its end. Nothing of it is the registry's fault.
    pub(super) end: OnceLock<RegistryError>,
    /// Bytes passed on.
    pub(super) sent: std::sync::atomic::AtomicUsize,
}

impl Feed {
    pub(super) fn new(source: BlobStream, descriptor: &Descriptor, watch: Arc<Watch>) -> Self {
        Self {
            source,
            descriptor: descriptor.clone(),
            hasher: Some(Hasher::new(descriptor.digest.algorithm())),
            left: descriptor.size,
            watch,
        }
    }

    fn pass(&mut self, piece: Bytes) -> io::Result<Bytes> {
        let length = piece.len() as u64;
        if length > self.left {
            return Err(self.contradiction("more bytes"));
        }
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&piece);
        }
        self.left -= length;
        if self.left == 0 {
            self.finish()?;
        } else {
            self.watch.pulse.beat();
        }
        let sent = &self.watch.sent;
        sent.fetch_add(piece.len(), std::sync::atomic::Ordering::Relaxed);
        Ok(piece)
    }

    /// Checks the digest, once.
    fn finish(&mut self) -> io::Result<()> {
        let Some(hasher) = self.hasher.take() else {
            return Ok(());
        };
        let found = hasher.finish();
        if found != self.descriptor.digest {
            return Err(self.contradiction(&format!("digest {found}")));
        }
        self.watch.pulse.last(self.descriptor.size);
        Ok(())
    }

    fn contradiction(&self, found: &str) -> io::Error {
        let Descriptor { size, digest, .. } = &self.descriptor;
        let error = RegistryError::new(RegistryErrorKind::Contradiction, &self.watch.place)
            .expected(format!("a source of {size} bytes with digest {digest}"))
            .found(found)
            .fix("build the image again; its content is not what its manifest says");
        self.end(error)
    }

    /// The source's own error, where it brings one; else it gave up.
    fn abort(&self, error: io::Error) -> io::Error {
        let text = error.to_string();
        let inner = error.into_inner().and_then(|it| it.downcast::<RegistryError>().ok());
        let error = inner.map_or_else(
            || {
                RegistryError::new(RegistryErrorKind::Aborted, &self.watch.place)
                    .expected("a source that gives all its bytes")
                    .found(text)
                    .fix("see why the source ended; nothing was stored")
            },
            |it| *it,
        );
        self.end(error)
    }

    fn end(&self, error: RegistryError) -> io::Error {
        let text = error.found.clone();
        // The first reason is the one that counts.
        let _ = self.watch.end.set(error);
        io::Error::other(text)
    }
}

impl Stream for Feed {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let feed = &mut *self;
        if feed.left == 0 {
            return Poll::Ready(feed.finish().err().map(Err));
        }
        loop {
            feed.watch.pulse.rest();
            let next = match ready!(feed.source.as_mut().poll_next(context)) {
                Some(Ok(piece)) if piece.is_empty() => continue,
                Some(Ok(piece)) => feed.pass(piece),
                Some(Err(error)) => Err(feed.abort(error)),
                None => Err(feed.contradiction(&format!("an end {} bytes short", feed.left))),
            };
            return Poll::Ready(Some(next));
        }
    }
}
