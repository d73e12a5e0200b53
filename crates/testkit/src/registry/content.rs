//! Stored bytes, in memory or in a file.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::sync::Arc;

use boltseal_core::{Algorithm, Digest, Hasher};
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use tempfile::TempPath;

const PIECE: u64 = 256 * 1024;

/// Bytes that do not change. Cloning is cheap.
#[derive(Clone, Debug)]
pub(super) enum Content {
    File(Arc<TempPath>, u64),
    Memory(Bytes),
}

impl Content {
    pub(super) const fn len(&self) -> u64 {
        match self {
            Self::File(_, length) => *length,
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }

    /// All of it, in memory.
    pub(super) fn bytes(&self) -> io::Result<Bytes> {
        self.slice(0..self.len())
    }

    /// A part of it; `range` must lie within.
    pub(super) fn slice(&self, range: Range<u64>) -> io::Result<Bytes> {
        match self {
            Self::File(path, _) => {
                let mut file = File::open(path.as_ref())?;
                file.seek(SeekFrom::Start(range.start))?;
                let mut part = Vec::new();
                file.take(range.end - range.start).read_to_end(&mut part)?;
                Ok(part.into())
            }
            Self::Memory(bytes) => {
                let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
                Ok(bytes.slice(at(range.start)..at(range.end)))
            }
        }
    }

    /// A part of it, piece by piece.
    pub(super) fn stream(&self, range: Range<u64>) -> BoxStream<'static, io::Result<Bytes>> {
        let (content, end) = (self.clone(), range.end);
        let next = move |from: u64| {
            let content = content.clone();
            async move {
                let to = end.min(from + PIECE);
                (from < end).then(|| (content.slice(from..to), to))
            }
        };
        stream::unfold(range.start, next).boxed()
    }

    /// Its digest.
    pub(super) fn digest(&self, algorithm: Algorithm) -> io::Result<Digest> {
        let mut hasher = Hasher::new(algorithm);
        let mut from = 0;
        while from < self.len() {
            let to = self.len().min(from + PIECE);
            hasher.update(&self.slice(from..to)?);
            from = to;
        }
        Ok(hasher.finish())
    }
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        Self::Memory(bytes)
    }
}
