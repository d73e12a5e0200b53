//! The floor: what reading an image costs before anybody looks at what is in it.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;

use aws_lc_rs::digest::{Context, SHA256};
use flate2::read::MultiGzDecoder;

use crate::failure::Failure;

/// Large enough that calls do not count, small enough for the processor's nearest caches.
const BUFFER: usize = 64 * 1024;

/// How many layers are read at a time: one for each processor that this process may use.
pub(super) fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Reads each blob, inflates it, and hashes it as it is stored and as it is inflated.
///
/// # Errors
/// When one cannot be read or inflated.
pub(super) fn run(blobs: &[PathBuf]) -> Result<(), Failure> {
    let waiting = Mutex::new(blobs.iter());
    thread::scope(|scope| {
        let readers: Vec<_> = (0..threads()).map(|_| scope.spawn(|| drain(&waiting))).collect();
        readers.into_iter().try_for_each(|reader| match reader.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })
}

fn drain(waiting: &Mutex<std::slice::Iter<'_, PathBuf>>) -> Result<(), Failure> {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
        let Some(blob) = next else {
            return Ok(());
        };
        digests(blob).map_err(Failure::file("inflate", blob))?;
    }
}

/// SHA-256 of the blob and of what it inflates to.
fn digests(blob: &Path) -> io::Result<[Vec<u8>; 2]> {
    let stored = Hashing { inner: File::open(blob)?, context: Context::new(&SHA256) };
    let mut inflated = MultiGzDecoder::new(BufReader::with_capacity(BUFFER, stored));
    let mut context = Context::new(&SHA256);
    let mut buffer = vec![0; BUFFER];
    loop {
        let length = inflated.read(&mut buffer)?;
        if length == 0 {
            break;
        }
        context.update(&buffer[..length]);
    }
    let stored = inflated.into_inner().into_inner().context;
    Ok([stored, context].map(|context| context.finish().as_ref().to_vec()))
}

/// Hashes what is read.
struct Hashing<R> {
    inner: R,
    context: Context,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.context.update(&buffer[..length]);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use boltseal_testkit::image::{LayerBuilder, Packing};

    fn bytes(hex: &str) -> Vec<u8> {
        let digits = (0..hex.len()).step_by(2).map(|at| &hex[at..at + 2]);
        digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    }

    /// The floor does all the work that it stands for.
    #[test]
    fn both_digests_are_those_of_the_layer() {
        let folder = tempfile::tempdir().unwrap();
        let blob = folder.path().join("blob");
        for packing in [Packing::Gzip, Packing::GzipMembers] {
            let layer = LayerBuilder::new().noise("n", 300_000, 1).packing(packing).build();
            std::fs::write(&blob, &layer.bytes).unwrap();
            let digests = digests(&blob).unwrap();
            assert_eq!(digests, [layer.descriptor.digest.hex(), layer.diff_id.hex()].map(bytes));
            run(std::slice::from_ref(&blob)).unwrap();
        }
        std::fs::write(&blob, "no gzip").unwrap();
        assert!(matches!(run(&[blob]), Err(Failure::File { what: "inflate", .. })));
    }
}
