//! An image that `docker save` wrote.

use std::collections::HashMap;
use std::io::{self, BufReader, Read, Write as _};
use std::num::NonZero;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use boltseal_core::{Algorithm, Descriptor, Digest, Hasher, media_type};
use flate2::bufread::MultiGzDecoder;

use super::build_error::{BuildError, BuildFault, io_at};
use super::choice::{self, LIMIT, Saved};
use super::layer::{Hashed, Layer, LayerWriter};
use super::options::BuildOptions;
use super::output::Output;
use super::tar_index::{Span, TarIndex};
use crate::ImageConfig;

/// How much is read from a disk at once.
const READ_SIZE: usize = 256 * 1024;

/// Whether a tar file holds an OCI image layout, as those of Docker 25 and later do. Such a file
/// is read as an OCI archive: its manifest is the one that others know.
///
/// # Errors
/// [`BuildFault::Archive`] where the file is no tar file, or is compressed.
pub fn is_oci_archive(file: &Path) -> Result<bool, BuildError> {
    let index = TarIndex::open(file)?;
    Ok(index.has("oci-layout") && index.has("index.json"))
}

/// Makes an image of what `docker save` wrote before it wrote OCI layouts (Docker 24, podman,
/// skopeo, crane). `reference` picks from several. The configuration's bytes are kept; every
/// layer is compared with its diffID while it is compressed. A layer that is compressed already
/// keeps its bytes. The options' platform has no say: the configuration names one.
///
/// # Errors
/// [`BuildFault::OciArchive`], [`BuildFault::NotOneImage`], [`BuildFault::WrongDiffId`] and the
/// other contradictions; those of files and the output's directory.
pub fn docker_archive(
    file: &Path,
    reference: Option<&str>,
    options: &BuildOptions,
) -> Result<Descriptor, BuildError> {
    let index = TarIndex::open(file)?;
    if index.has("oci-layout") && index.has("index.json") {
        return Err(BuildFault::OciArchive.at(file));
    }
    let saved = choice::choose(&index, reference)?;
    let bytes = configuration(&index, &saved)?;
    let config = ImageConfig::parse(&bytes).map_err(|it| BuildFault::Config(it).at(file))?;
    let (expected, found) = (config.diff_ids().len(), saved.layers.len());
    if expected != found {
        return Err(BuildFault::WrongLayerCount { expected, found }.at(file));
    }
    let spans: Vec<Span> =
        saved.layers.iter().map(|it| index.find(it)).collect::<Result<_, _>>()?;
    let output = Output::create(&options.dir)?;
    let layers = compress_all(&index, &output, &spans)?;
    for ((layer, expected), name) in layers.iter().zip(config.diff_ids()).zip(&saved.layers) {
        if layer.diff_id != *expected {
            let (expected, found) = (expected.clone(), layer.diff_id.clone());
            return Err(BuildFault::WrongDiffId { expected, found }.at(&file.join(name)));
        }
    }
    let config = output.put(media_type::OCI_CONFIG, &bytes)?;
    let layers: Vec<_> = layers.into_iter().map(|it| it.descriptor).collect();
    output.finish(&config, &layers)
}

/// The configuration's bytes, which its name may hold to a digest.
fn configuration(index: &TarIndex, saved: &Saved) -> Result<Vec<u8>, BuildError> {
    let bytes = index.read(&saved.config, LIMIT)?;
    let stem = saved.config.rsplit('/').next().unwrap_or_default();
    let stem = stem.strip_suffix(".json").unwrap_or(stem);
    let stem = stem.strip_prefix("sha256:").unwrap_or(stem);
    if let Ok(expected) = format!("sha256:{stem}").parse::<Digest>() {
        let found = Digest::sha256_of(&bytes);
        if found != expected {
            return Err(BuildFault::WrongConfig { expected, found }.at(index.path()));
        }
    }
    Ok(bytes)
}

/// Compresses layers, several at a time; one that stands twice is compressed once.
fn compress_all(
    index: &TarIndex,
    output: &Output,
    spans: &[Span],
) -> Result<Vec<Layer>, BuildError> {
    let mut jobs: Vec<Span> = Vec::new();
    for span in spans {
        if !jobs.contains(span) {
            jobs.push(*span);
        }
    }
    let (next, done) = (AtomicUsize::new(0), Mutex::new(HashMap::new()));
    let work = || -> Result<(), BuildError> {
        while let Some(span) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let layer = compress(index, output, *span)?;
            done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(*span, layer);
        }
        Ok(())
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(jobs.len());
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let ends = workers.into_iter().map(thread::ScopedJoinHandle::join);
        ends.map(|end| end.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect::<Result<Vec<()>, _>>()
    })?;
    let done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    Ok(spans.iter().map(|span| done[span].clone()).collect())
}

fn compress(index: &TarIndex, output: &Output, span: Span) -> Result<Layer, BuildError> {
    let failed = io_at(index.path());
    let mut reader = BufReader::with_capacity(READ_SIZE, index.open_span(span)?);
    let start = io::BufRead::fill_buf(&mut reader).map_err(&failed)?;
    if start.starts_with(b"\x1f\x8b") {
        return keep(index, output, span);
    }
    let mut writer = LayerWriter::new(output)?;
    io::copy(&mut reader, &mut writer).map_err(failed)?;
    writer.finish(output)
}

/// Stores a layer that is compressed already as it is, and inflates it for its diffID.
fn keep(index: &TarIndex, output: &Output, span: Span) -> Result<Layer, BuildError> {
    let failed = io_at(index.path());
    let mut hashed = Hashed::new(output.unnamed()?);
    let source = index.open_span(span)?;
    let source = BufReader::with_capacity(READ_SIZE, Tee { source, copy: &mut hashed });
    let mut inflated = MultiGzDecoder::new(source);
    let mut diff = Hasher::new(Algorithm::Sha256);
    let mut piece = vec![0; READ_SIZE];
    loop {
        let read = inflated.read(&mut piece).map_err(|error| {
            BuildFault::Archive(format!("a layer that is broken ({error})")).at(index.path())
        })?;
        if read == 0 {
            break;
        }
        diff.update(&piece[..read]);
    }
    io::copy(inflated.get_mut(), &mut io::sink()).map_err(&failed)?;
    drop(inflated);
    let (file, digest, size) = hashed.finish().map_err(failed)?;
    output.keep(file, &digest)?;
    let descriptor = Descriptor::new(media_type::OCI_LAYER_GZIP, digest, size);
    Ok(Layer { descriptor, diff_id: diff.finish() })
}

/// Copies what is read.
struct Tee<'a, R> {
    source: R,
    copy: &'a mut Hashed,
}

impl<R: Read> Read for Tee<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.copy.write_all(&buffer[..read])?;
        Ok(read)
    }
}
