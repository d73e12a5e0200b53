//! Blobs of a layout.

use std::io::{self, BufWriter, Write as _};
use std::sync::Arc;

use boltseal_core::{Descriptor, Hasher};
use boltseal_ports::{Blob, BlobReader, BlobStream, Pushed, RegistryError, RegistryErrorKind};
use bytes::Bytes;
use futures_util::StreamExt as _;
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::blocking::blocking;
use super::directory::Directory;
use super::files::{self, Files, blob_name};
use super::trouble;

const FROM_A_WHOLE_SOURCE: &str = "see why the source ended, and run it again; nothing was stored";
/// How much is written to a disk at once.
const WRITE_SIZE: usize = 1024 * 1024;
/// How many pieces may wait for the disk.
const QUEUE: usize = 8;

/// A blob, whole and verified.
pub(crate) fn fetch(
    files: &dyn Files,
    descriptor: &Descriptor,
    limit: u64,
) -> Result<Option<Bytes>, RegistryError> {
    let name = blob_name(&descriptor.digest);
    if descriptor.size > limit {
        return Err(trouble::too_large(&files.place(&name), limit, descriptor.size));
    }
    let Some(bytes) = files::read(files, &name, limit)? else {
        return Ok(None);
    };
    let found = descriptor.digest.of_same_kind(&bytes);
    trouble::check_digest(&files.place(&name), &descriptor.digest, &found)?;
    let size = bytes.len() as u64;
    if size != descriptor.size {
        return Err(trouble::mislabelled(&files.place(&name), descriptor.size, size));
    }
    Ok(Some(bytes))
}

/// A blob's bytes, of the right number, not verified.
pub(crate) fn open(
    files: &dyn Files,
    descriptor: &Descriptor,
) -> Result<Option<BlobReader>, RegistryError> {
    let Some(opened) = files::open(files, &blob_name(&descriptor.digest))? else {
        return Ok(None);
    };
    check_size(files, descriptor, opened.size)?;
    Ok(Some(opened.reader))
}

fn check_size(files: &dyn Files, descriptor: &Descriptor, size: u64) -> Result<(), RegistryError> {
    if size == descriptor.size {
        return Ok(());
    }
    let expected = format!("{} bytes", descriptor.size);
    let place = files.place(&blob_name(&descriptor.digest));
    Err(trouble::contradiction(&place, expected, format!("{size} bytes")))
}

/// Makes sure that a blob is there. A file of the right size is taken for it: whoever reads it
/// hashes it. One of another size is replaced.
pub(crate) async fn push(
    directory: &Arc<Directory>,
    blob: Blob<'_>,
) -> Result<Pushed, RegistryError> {
    let descriptor = blob.descriptor.clone();
    let name = blob_name(&descriptor.digest);
    let (place, shared) = (directory.place(&name), Arc::clone(directory));
    let there = move || Ok(shared.size(&name));
    if blocking(there).await? == Some(descriptor.size) {
        directory.meter().read(0);
        return Ok(Pushed::Existed);
    }
    let stream = blob.source.open().await?;
    let (sender, receiver) = mpsc::channel(QUEUE);
    let shared = Arc::clone(directory);
    let writing = tokio::spawn(blocking(move || store(&shared, &descriptor, receiver)));
    let fed = feed(stream, sender, &place).await;
    let written = writing.await.unwrap_or_else(|_| Err(gone(&place)));
    fed?;
    written.map(|()| Pushed::Uploaded)
}

/// What the writing thread is given. Without an end the blob is not kept: the upload was given up.
enum Piece {
    Bytes(Bytes),
    End,
}

/// Sends a stream to the writing thread, which stops listening when it fails.
async fn feed(
    mut stream: BlobStream,
    sender: Sender<Piece>,
    place: &str,
) -> Result<(), RegistryError> {
    while let Some(piece) = stream.next().await {
        let bytes = piece.map_err(|error| given_up(place, &error))?;
        if sender.send(Piece::Bytes(bytes)).await.is_err() {
            return Ok(());
        }
    }
    // A thread that stopped listening tells why by itself.
    drop(sender.send(Piece::End).await);
    Ok(())
}

/// Writes, hashes and compares; nothing is left behind where anything is wrong.
fn store(
    directory: &Directory,
    descriptor: &Descriptor,
    mut pieces: Receiver<Piece>,
) -> Result<(), RegistryError> {
    let name = blob_name(&descriptor.digest);
    let place = directory.place(&name);
    let failed = |error: io::Error| trouble::unreachable(&place, &error);
    let mut file = BufWriter::with_capacity(WRITE_SIZE, directory.temporary()?);
    let mut hasher = Hasher::new(descriptor.digest.algorithm());
    let mut size = 0;
    while let Piece::Bytes(bytes) = pieces.blocking_recv().ok_or_else(|| gone(&place))? {
        size += bytes.len() as u64;
        if size > descriptor.size {
            return check_size(directory, descriptor, size);
        }
        hasher.update(&bytes);
        file.write_all(&bytes).map_err(failed)?;
    }
    check_size(directory, descriptor, size)?;
    trouble::check_digest(&place, &descriptor.digest, &hasher.finish())?;
    let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
    directory.keep(file, &name)?;
    directory.meter().wrote(size);
    Ok(())
}

/// The source's own error where it gave one of ours.
fn given_up(place: &str, error: &io::Error) -> RegistryError {
    let inner = error.get_ref().and_then(|it| it.downcast_ref::<RegistryError>());
    inner.cloned().unwrap_or_else(|| {
        RegistryError::new(RegistryErrorKind::Aborted, place)
            .expected("the blob's bytes to its end")
            .found(error.to_string())
            .fix(FROM_A_WHOLE_SOURCE)
    })
}

fn gone(place: &str) -> RegistryError {
    RegistryError::new(RegistryErrorKind::Aborted, place)
        .expected("the blob's bytes to its end")
        .found("an upload that was given up")
        .fix(FROM_A_WHOLE_SOURCE)
}
