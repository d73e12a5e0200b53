//! The uncompressed bytes of a layer: bounded, and hashed on a second thread once there are many.

use std::io::{self, BufRead, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use boltseal_core::{Algorithm, Digest, Hasher};

use crate::LayerFault;

/// Bytes that are inflated at a time.
const CHUNK: usize = 128 * 1024;
/// Chunks that may wait for the hashing thread.
const QUEUE: usize = 4;
/// A layer that inflates to fewer chunks than this is hashed where it is inflated.
const CHUNKS_WITHOUT_THREAD: u64 = 16;

/// Reads a decoder in chunks, which are handed out by reference, then hashed.
pub(crate) struct Uncompressed<D> {
    decoder: D,
    compression: &'static str,
    limit: u64,
    chunk: Vec<u8>,
    start: usize,
    chunks: u64,
    total: u64,
    hashing: Hashing,
}

impl<D: Read> Uncompressed<D> {
    /// Reads `decoder`, which takes `compression` away; more than `limit` bytes are a fault.
    pub(crate) fn new(decoder: D, compression: &'static str, limit: u64, by: Algorithm) -> Self {
        Self {
            decoder,
            compression,
            limit,
            chunk: Vec::new(),
            start: 0,
            chunks: 0,
            total: 0,
            hashing: Hashing::Here(Hasher::new(by)),
        }
    }

    /// Reads what is left, and answers the digest and the number of all bytes.
    pub(crate) fn finish(mut self) -> io::Result<(Digest, u64)> {
        while !self.fill_buf()?.is_empty() {
            self.start = self.chunk.len();
        }
        Ok((self.hashing.finish(), self.total))
    }

    fn next_chunk(&mut self) -> io::Result<()> {
        let used = std::mem::take(&mut self.chunk);
        self.start = 0;
        if self.chunks == CHUNKS_WITHOUT_THREAD {
            self.hashing.move_to_thread();
        }
        let mut next = self.hashing.update(used);
        next.resize(CHUNK, 0);
        let length = self.inflate(&mut next)?;
        next.truncate(length);
        self.chunk = next;
        self.chunks += 1;
        self.total += length as u64;
        if self.total > self.limit {
            return Err(LayerFault::TooMuch {
                what: "uncompressed bytes",
                limit: self.limit,
                path: String::new(),
            }
            .into());
        }
        Ok(())
    }

    /// Fills `chunk` unless the stream ends before.
    fn inflate(&mut self, chunk: &mut [u8]) -> io::Result<usize> {
        let mut length = 0;
        while length < chunk.len() {
            match self.decoder.read(&mut chunk[length..]) {
                Ok(0) => break,
                Ok(read) => length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.fault(error).into()),
            }
        }
        Ok(length)
    }

    /// What the decoder's source says, else what the decoder says of the stream.
    fn fault(&self, error: io::Error) -> LayerFault {
        error.downcast::<LayerFault>().unwrap_or_else(|error| LayerFault::Inflate {
            expected: self.compression,
            problem: error.to_string(),
        })
    }
}

impl<D: Read> BufRead for Uncompressed<D> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.chunk.len() {
            self.next_chunk()?;
        }
        Ok(&self.chunk[self.start..])
    }

    fn consume(&mut self, amount: usize) {
        self.start += amount;
    }
}

impl<D: Read> Read for Uncompressed<D> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(buffer)?;
        self.consume(length);
        Ok(length)
    }
}

/// Where chunks are hashed.
enum Hashing {
    Here(Hasher),
    There(HashThread),
}

impl Hashing {
    fn move_to_thread(&mut self) {
        if let Self::Here(hasher) = self {
            *self = Self::There(HashThread::new(hasher.clone()));
        }
    }

    /// Hashes `chunk`, and answers a buffer to use next.
    fn update(&mut self, chunk: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Here(hasher) => {
                hasher.update(&chunk);
                chunk
            }
            Self::There(thread) => thread.update(chunk),
        }
    }

    fn finish(self) -> Digest {
        match self {
            Self::Here(hasher) => hasher.finish(),
            Self::There(thread) => thread.finish(),
        }
    }
}

/// A thread that hashes chunks in their order and sends the buffers back.
struct HashThread {
    chunks: SyncSender<Vec<u8>>,
    spent: Receiver<Vec<u8>>,
    thread: JoinHandle<Hasher>,
}

impl HashThread {
    fn new(mut hasher: Hasher) -> Self {
        let (chunks, queue) = sync_channel::<Vec<u8>>(QUEUE);
        let (back, spent) = sync_channel(QUEUE + 2);
        let thread = std::thread::spawn(move || {
            for chunk in queue {
                hasher.update(&chunk);
                // Nobody takes buffers back once the reader has failed.
                drop(back.try_send(chunk));
            }
            hasher
        });
        Self { chunks, spent, thread }
    }

    fn update(&self, chunk: Vec<u8>) -> Vec<u8> {
        self.chunks.send(chunk).expect("the thread receives until the sender is dropped");
        self.spent.try_recv().unwrap_or_default()
    }

    fn finish(self) -> Digest {
        drop(self.chunks);
        let hasher = self.thread.join();
        hasher.expect("hashing does not panic").finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest_of(bytes: &[u8]) -> (Digest, u64) {
        Uncompressed::new(bytes, "uncompressed", u64::MAX, Algorithm::Sha256).finish().unwrap()
    }

    #[test]
    fn hashes_the_same_with_and_without_a_thread() {
        let many = usize::try_from(CHUNKS_WITHOUT_THREAD).unwrap() * CHUNK * 3 + 17;
        for length in [0, 1, CHUNK, CHUNK + 1, many] {
            let bytes: Vec<u8> = (0..=250).cycle().take(length).collect();
            assert_eq!(digest_of(&bytes), (Digest::sha256_of(&bytes), length as u64));
        }
    }

    #[test]
    fn stops_at_its_limit() {
        let endless = io::repeat(0);
        let error =
            Uncompressed::new(endless, "gzip", 1_000_000, Algorithm::Sha256).finish().unwrap_err();
        let fault = error.downcast::<LayerFault>().unwrap();
        assert!(matches!(fault, LayerFault::TooMuch { limit: 1_000_000, .. }), "{fault}");
    }
}
