//! A blob on its way from an asynchronous connection to a blocking thread.

use std::io::{self, Read};
use std::sync::Arc;

use boltseal_core::Descriptor;
use boltseal_ports::{BlobReader, RegistryError, RegistryErrorKind};
use bytes::{Buf as _, Bytes};
use reqwest::header::{CONTENT_RANGE, RANGE};
use reqwest::{Method, StatusCode};
use tokio::sync::mpsc;

use super::access::Access;
use super::exchange::{Exchange, Request};
use super::failure::{Cause, Failure, Trouble};
use super::patience::Series;
use super::transport::Reply;

/// Pieces that may wait for the reader; each is at most what the connection reads at once.
const WAITING: usize = 8;
/// How often a connection that broke is taken up again, however well it went in between.
const MAX_RESUMES: usize = 64;

/// The sending half: reads the connection, and takes it up again where it breaks.
pub(super) struct Download {
    exchange: Arc<Exchange>,
    descriptor: Descriptor,
    pieces: mpsc::Sender<io::Result<Bytes>>,
    /// Bytes handed over.
    at: u64,
    /// Bytes that the next answer repeats.
    skip: u64,
}

impl Download {
    /// Starts reading `reply`, which begins with the blob's first byte.
    pub(super) fn start(
        exchange: &Arc<Exchange>,
        descriptor: &Descriptor,
        reply: Reply,
    ) -> BlobReader {
        let (pieces, receiver) = mpsc::channel(WAITING);
        let download = Self {
            exchange: Arc::clone(exchange),
            descriptor: descriptor.clone(),
            pieces,
            at: 0,
            skip: 0,
        };
        tokio::spawn(download.run(reply));
        Box::new(Reader { pieces: receiver, piece: Bytes::new(), left: descriptor.size })
    }

    async fn run(mut self, mut reply: Reply) {
        let mut resumes = 0;
        loop {
            let Err(failure) = self.drain(reply).await else {
                return;
            };
            resumes += 1;
            match self.resume(failure, resumes).await {
                Ok(next) => reply = next,
                Err(error) => {
                    // A reader that is gone need not know.
                    let _ = self.pieces.send(Err(io::Error::other(error))).await;
                    return;
                }
            }
        }
    }

    /// Hands over all that comes. Ends well at the last byte, and where nobody reads any more.
    async fn drain(&mut self, mut reply: Reply) -> Result<(), Failure> {
        while self.at < self.descriptor.size {
            let Some(mut piece) = self.exchange.transport.piece(&mut reply).await? else {
                let found = format!("{} of {} bytes", self.at, self.descriptor.size);
                return Err(Trouble::new(Cause::Server, &reply.place, found).into());
            };
            let repeated = self.skip.min(piece.len() as u64);
            piece.advance(usize::try_from(repeated).unwrap_or(piece.len()));
            self.skip -= repeated;
            self.at += piece.len() as u64;
            if self.at > self.descriptor.size {
                let found = "more bytes".to_owned();
                return Err(contradiction(&reply.place, &self.descriptor, found).into());
            }
            if !piece.is_empty() && self.pieces.send(Ok(piece)).await.is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn resume(&mut self, failure: Failure, resumes: usize) -> Result<Reply, RegistryError> {
        let exchange = Arc::clone(&self.exchange);
        let mut series = Series::transfer(&exchange.transport.patience);
        let mut failure = match failure {
            Failure::Passing(trouble) if resumes > MAX_RESUMES => {
                return Err(trouble.into_error(&format!("gave up after {MAX_RESUMES} resumptions")));
            }
            failure => failure,
        };
        loop {
            series.pause(failure).await?;
            failure = match self.reopen().await {
                Ok(reply) => return Ok(reply),
                Err(failure) => failure,
            };
        }
    }

    async fn reopen(&mut self) -> Result<Reply, Failure> {
        let exchange = Arc::clone(&self.exchange);
        let range = format!("bytes={}-", self.at);
        let request = get(&exchange, &self.descriptor).header(RANGE, &range);
        let mut reply = exchange.open(&request).await?;
        let continues = format!("bytes {}-", self.at);
        let starts = |value: &reqwest::header::HeaderValue| {
            value.to_str().is_ok_and(|it| it.starts_with(&continues))
        };
        let goes_on = reply.headers().get(CONTENT_RANGE).is_some_and(starts);
        match reply.status() {
            StatusCode::PARTIAL_CONTENT if goes_on => self.skip = 0,
            StatusCode::OK => self.skip = self.at,
            _ => {
                let answer = exchange.read(reply, 0).await?;
                let expected = format!("the rest of a blob, from byte {}", self.at);
                return Err(answer.unreadable(&expected).into());
            }
        }
        reply.release();
        Ok(reply)
    }
}

/// The request for a blob.
pub(super) fn get(exchange: &Exchange, descriptor: &Descriptor) -> Request {
    let url = exchange.endpoint.blob(&descriptor.digest);
    Request::new(Method::GET, url, Access::Pull)
}

/// A blob of another length or digest than its descriptor says.
pub(super) fn contradiction(place: &str, descriptor: &Descriptor, found: String) -> RegistryError {
    RegistryError::new(RegistryErrorKind::Contradiction, place)
        .expected(format!("{} bytes with digest {}", descriptor.size, descriptor.digest))
        .found(found)
        .fix("do not use this content: the registry serves other bytes than were stored")
}

/// The receiving half, for a thread that may block.
struct Reader {
    pieces: mpsc::Receiver<io::Result<Bytes>>,
    piece: Bytes,
    left: u64,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            if self.left == 0 {
                return Ok(0);
            }
            self.piece = self.pieces.blocking_recv().unwrap_or_else(|| {
                Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the download ended before the blob did",
                ))
            })?;
        }
        let count = buffer.len().min(self.piece.len());
        self.piece.copy_to_slice(&mut buffer[..count]);
        self.left = self.left.saturating_sub(count as u64);
        Ok(count)
    }
}
