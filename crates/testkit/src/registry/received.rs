//! Request bodies on their way in.

use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use boltseal_core::{Algorithm, Digest, Hasher};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Incoming};
use tempfile::NamedTempFile;

use super::content::Content;

/// Bodies smaller than this stay in memory even where there is a directory for blobs.
const SMALL: u64 = 1024 * 1024;

/// A whole request body, hashed while it came in. Cloning is cheap.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub(super) content: Content,
    pub(super) sha256: Digest,
}

impl Received {
    /// Reads the body to its end and counts its bytes in `counter`.
    ///
    /// # Errors
    /// The client went away, or the file cannot be written.
    pub(super) async fn read(
        mut body: Incoming,
        blob_dir: Option<&Path>,
        counter: &AtomicU64,
    ) -> io::Result<Self> {
        let mut sink = Sink::new(body.size_hint().lower(), blob_dir)?;
        let mut hasher = Hasher::new(Algorithm::Sha256);
        while let Some(frame) = body.frame().await {
            if let Ok(data) = frame.map_err(io::Error::other)?.into_data() {
                counter.fetch_add(data.len() as u64, Ordering::Relaxed);
                hasher.update(&data);
                sink.write(&data)?;
            }
        }
        Ok(Self { content: sink.finish()?, sha256: hasher.finish() })
    }
}

/// Where a body goes. Files are written from the server's own threads, which do nothing else.
enum Sink {
    File(NamedTempFile, u64),
    Memory(BytesMut),
}

impl Sink {
    fn new(length: u64, blob_dir: Option<&Path>) -> io::Result<Self> {
        Ok(match blob_dir {
            Some(dir) if length >= SMALL => Self::File(NamedTempFile::new_in(dir)?, 0),
            _ => Self::Memory(BytesMut::with_capacity(usize::try_from(length).unwrap_or_default())),
        })
    }

    fn write(&mut self, data: &Bytes) -> io::Result<()> {
        match self {
            Self::File(file, length) => {
                *length += data.len() as u64;
                file.write_all(data)
            }
            Self::Memory(buffer) => {
                buffer.extend_from_slice(data);
                Ok(())
            }
        }
    }

    fn finish(self) -> io::Result<Content> {
        Ok(match self {
            Self::File(mut file, length) => {
                file.flush()?;
                Content::File(Arc::new(file.into_temp_path()), length)
            }
            Self::Memory(buffer) => Content::Memory(buffer.freeze()),
        })
    }
}
