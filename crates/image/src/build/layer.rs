//! A layer on its way into the layout: compressed, and hashed before and after.

use std::io::{self, BufWriter, Write};

use boltseal_core::{Algorithm, Descriptor, Digest, Hasher, media_type};
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use tempfile::NamedTempFile;

use super::build_error::{BuildError, io_at};
use super::output::Output;

/// The gzip level. Another level, another zlib or a time in the header gives other digests for
/// the same content: a breaking change.
const LEVEL: u32 = 6;
/// How much is compressed at once. The encoder's output depends on that, so it is always as much,
/// however the bytes come: it is part of the same promise.
const BLOCK: usize = 128 * 1024;
/// How much is written to a disk at once.
const WRITE_SIZE: usize = 1024 * 1024;

/// Takes a layer's tar bytes.
pub(super) struct LayerWriter {
    gzip: GzEncoder<Hashed>,
    diff: Hasher,
    /// What waits to be a whole block.
    block: Vec<u8>,
}

/// A layer that is in the layout.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    /// What the manifest says of it.
    pub(super) descriptor: Descriptor,
    /// The digest of its tar bytes.
    pub(super) diff_id: Digest,
}

impl LayerWriter {
    /// A layer that will be put into `output`.
    pub(super) fn new(output: &Output) -> Result<Self, BuildError> {
        let hashed = Hashed::new(output.unnamed()?);
        Ok(Self {
            gzip: GzBuilder::new().mtime(0).write(hashed, Compression::new(LEVEL)),
            diff: Hasher::new(Algorithm::Sha256),
            block: Vec::with_capacity(BLOCK),
        })
    }

    /// Ends the layer.
    pub(super) fn finish(mut self, output: &Output) -> Result<Layer, BuildError> {
        let failed = io_at(output.root());
        self.compress().map_err(&failed)?;
        let hashed = self.gzip.finish().map_err(&failed)?;
        let (file, digest, size) = hashed.finish().map_err(&failed)?;
        output.keep(file, &digest)?;
        Ok(Layer {
            descriptor: Descriptor::new(media_type::OCI_LAYER_GZIP, digest, size),
            diff_id: self.diff.finish(),
        })
    }

    fn compress(&mut self) -> io::Result<()> {
        self.diff.update(&self.block);
        self.gzip.write_all(&self.block)?;
        self.block.clear();
        Ok(())
    }
}

impl Write for LayerWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.block.len() == BLOCK {
            self.compress()?;
        }
        let taken = bytes.len().min(BLOCK - self.block.len());
        self.block.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        // A flush would change the compressed bytes.
        Ok(())
    }
}

/// A file that is hashed while it is written.
pub(super) struct Hashed {
    file: BufWriter<NamedTempFile>,
    hasher: Hasher,
    size: u64,
}

impl Hashed {
    /// An empty file.
    pub(super) fn new(file: NamedTempFile) -> Self {
        Self {
            file: BufWriter::with_capacity(WRITE_SIZE, file),
            hasher: Hasher::new(Algorithm::Sha256),
            size: 0,
        }
    }

    /// The file, its digest and its size.
    pub(super) fn finish(self) -> io::Result<(NamedTempFile, Digest, u64)> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok((file, self.hasher.finish(), self.size))
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn layer(bytes: &[u8], piece: usize) -> Layer {
        let directory = tempfile::tempdir().unwrap();
        let output = Output::create(directory.path()).unwrap();
        let mut writer = LayerWriter::new(&output).unwrap();
        for piece in bytes.chunks(piece) {
            writer.write_all(piece).unwrap();
            writer.flush().unwrap();
        }
        writer.finish(&output).unwrap()
    }

    /// Compressible, but not all the same.
    fn text(seed: u32) -> Vec<u8> {
        let word = |it: u32| it.wrapping_mul(seed | 1).rotate_right(7) % 971;
        (0..40_000).flat_map(|it| format!("{:x} ", word(it)).into_bytes()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn is_the_same_however_it_comes(seed in any::<u32>(), piece in 1_usize..70_000) {
            let bytes = text(seed);
            let (whole, pieces) = (layer(&bytes, bytes.len()), layer(&bytes, piece));
            prop_assert_eq!(whole.descriptor, pieces.descriptor);
            prop_assert_eq!(whole.diff_id, pieces.diff_id);
        }
    }

    /// Held fast: images made yesterday must be found again tomorrow.
    #[test]
    fn compresses_to_the_same_bytes_for_good() {
        let layer = layer(&text(7), 1000);
        assert_eq!(
            layer.descriptor.digest.to_string(),
            "sha256:e04be07a8dd7a9627a18e0006a3c01987a00c0a4e2aa7bb476250f1d75e93d2d"
        );
    }
}
