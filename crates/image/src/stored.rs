//! The bytes of a layer as they are stored: counted and hashed while they are read.

use std::io::{self, BufRead, Read};

use boltseal_core::{Descriptor, Digest, Hasher};

use crate::LayerFault;

/// Passes the bytes of a layer on, hashes those that are consumed, and never hands out more than
/// the descriptor says.
pub(crate) struct Stored<R> {
    reader: R,
    hasher: Hasher,
    consumed: u64,
    size: u64,
}

impl<R: BufRead> Stored<R> {
    pub(crate) fn new(reader: R, layer: &Descriptor) -> Self {
        Self {
            reader,
            hasher: Hasher::new(layer.digest.algorithm()),
            consumed: 0,
            size: layer.size,
        }
    }

    /// Reads what is left, and answers the digest of all.
    pub(crate) fn finish(mut self) -> Result<Digest, LayerFault> {
        loop {
            let length = self.fill_buf()?.len();
            if length == 0 {
                break;
            }
            self.consume(length);
        }
        if self.consumed < self.size {
            return Err(LayerFault::Truncated { expected: self.size, found: self.consumed });
        }
        Ok(self.hasher.finish())
    }
}

impl<R: BufRead> BufRead for Stored<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let left = self.size - self.consumed;
        let bytes = loop {
            match self.reader.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(LayerFault::Read(error).into()),
                Ok(_) => break self.reader.fill_buf()?,
            }
        };
        if left == 0 && !bytes.is_empty() {
            return Err(LayerFault::Overlong { expected: self.size }.into());
        }
        let within = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        Ok(&bytes[..within])
    }

    fn consume(&mut self, amount: usize) {
        // The bytes are still in the reader's buffer: asking again does no I/O.
        if let Ok(bytes) = self.reader.fill_buf() {
            self.hasher.update(&bytes[..amount]);
        }
        self.reader.consume(amount);
        self.consumed += amount as u64;
    }
}

impl<R: BufRead> Read for Stored<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(buffer)?;
        self.consume(length);
        Ok(length)
    }
}
