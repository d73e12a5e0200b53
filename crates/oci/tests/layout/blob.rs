use std::fs;
use std::io::Read as _;

use async_trait::async_trait;
use boltseal_core::{Descriptor, Digest};
use boltseal_ports::{
    BlobSource, BlobStream, Pushed, Registry as _, RegistryError, RegistryErrorKind,
};
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream;

use crate::sample::{Sample, push_as};

fn octets(bytes: &[u8]) -> Descriptor {
    Descriptor::of("application/octet-stream", bytes)
}

/// Gives some pieces, then fails or never ends.
struct Broken {
    pieces: Vec<&'static [u8]>,
    end: End,
}

#[derive(Clone, Copy)]
enum End {
    Fails,
    Never,
}

#[async_trait]
impl BlobSource for Broken {
    async fn open(&self) -> Result<BlobStream, RegistryError> {
        let pieces: Vec<_> = self.pieces.iter().map(|it| Ok(Bytes::from_static(it))).collect();
        let pieces = stream::iter(pieces);
        Ok(match self.end {
            End::Fails => {
                let error = Err(std::io::Error::other("the gate refused"));
                pieces.chain(stream::iter([error])).boxed()
            }
            End::Never => pieces.chain(stream::pending()).boxed(),
        })
    }
}

#[tokio::test]
async fn comes_back_as_it_went() {
    let sample = Sample::new();
    // More pieces than the queue holds, and none of the size that is written at once.
    let bytes: Bytes = (0..3_000_000_u32).map(|it| it.to_le_bytes()[0]).collect();
    assert_eq!(sample.push(&bytes).await.unwrap(), Pushed::Uploaded);
    assert_eq!(sample.push(&bytes).await.unwrap(), Pushed::Existed);
    let descriptor = octets(&bytes);
    let fetched = sample.layout.fetch_blob(&descriptor, 3_000_000).await;
    assert_eq!(fetched.unwrap(), Some(bytes.clone()));
    let mut reader = sample.layout.open_blob(&descriptor).await.unwrap().unwrap();
    let mut read = Vec::new();
    reader.read_to_end(&mut read).unwrap();
    assert_eq!(read, bytes);
}

#[tokio::test]
async fn a_stream_of_many_pieces_is_one_blob() {
    struct Many(Bytes);
    #[async_trait]
    impl BlobSource for Many {
        async fn open(&self) -> Result<BlobStream, RegistryError> {
            let bytes = self.0.clone();
            let pieces = (0..bytes.len()).step_by(777);
            let piece = move |at| Ok(bytes.slice(at..bytes.len().min(at + 777)));
            Ok(stream::iter(pieces.map(piece)).boxed())
        }
    }
    let sample = Sample::new();
    let bytes: Bytes = (0..500_000_u32).map(|it| it.to_le_bytes()[1]).collect();
    let descriptor = octets(&bytes);
    let pushed = push_as(&sample.layout, &descriptor, &Many(bytes.clone())).await;
    assert_eq!(pushed.unwrap(), Pushed::Uploaded);
    assert_eq!(fs::read(sample.blob(&descriptor.digest)).unwrap(), bytes);
}

#[tokio::test]
async fn absent_is_absent() {
    let sample = Sample::new();
    let descriptor = octets(b"never pushed");
    assert_eq!(sample.layout.fetch_blob(&descriptor, 100).await.unwrap(), None);
    assert!(sample.layout.open_blob(&descriptor).await.unwrap().is_none());
}

#[tokio::test]
async fn nothing_is_kept_that_does_not_match() {
    let sample = Sample::new();
    let promised = octets(b"promised");
    for other in [&b"delivers"[..], b"short", b"much longer than promised", b""] {
        let pushed = push_as(&sample.layout, &promised, &Bytes::from_static(other)).await;
        assert_eq!(pushed.unwrap_err().kind, RegistryErrorKind::Contradiction);
        assert_eq!(sample.blobs(), [""; 0], "{other:?}");
    }
}

#[tokio::test]
async fn an_upload_that_is_given_up_leaves_nothing() {
    let sample = Sample::new();
    let whole = octets(b"all of it");
    let source = Broken { pieces: vec![b"all of it"], end: End::Fails };
    let refused = push_as(&sample.layout, &whole, &source).await.unwrap_err();
    assert_eq!(refused.kind, RegistryErrorKind::Aborted);
    assert!(refused.found.contains("the gate refused"), "{refused}");
    wait_until_empty(&sample).await;
}

#[tokio::test]
async fn an_upload_that_is_dropped_leaves_nothing() {
    let sample = Sample::new();
    let whole = octets(b"all of it");
    let source = Broken { pieces: vec![b"all of it"], end: End::Never };
    let push = push_as(&sample.layout, &whole, &source);
    let patience = std::time::Duration::from_millis(100);
    assert!(tokio::time::timeout(patience, push).await.is_err());
    assert!(!sample.blob(&whole.digest).exists());
    wait_until_empty(&sample).await;
}

/// The writing thread hears of the end a moment later.
async fn wait_until_empty(sample: &Sample) {
    for _ in 0..500 {
        if sample.blobs().is_empty() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("expected no file, found {:?}", sample.blobs());
}

#[tokio::test]
async fn a_broken_blob_is_a_contradiction() {
    let sample = Sample::new();
    let bytes = Bytes::from_static(b"as it was pushed");
    sample.push(&bytes).await.unwrap();
    let descriptor = octets(&bytes);
    let file = sample.blob(&descriptor.digest);
    fs::write(&file, "as it was pushee").unwrap();
    let fetched = sample.layout.fetch_blob(&descriptor, 100).await.unwrap_err();
    assert_eq!(fetched.kind, RegistryErrorKind::Contradiction);
    assert_eq!(fetched.place, file.display().to_string());
    fs::write(&file, "as it").unwrap();
    let fetched = sample.layout.fetch_blob(&descriptor, 100).await.unwrap_err();
    assert_eq!(fetched.kind, RegistryErrorKind::Contradiction);
    let Err(opened) = sample.layout.open_blob(&descriptor).await else {
        panic!("expected an error")
    };
    assert_eq!(opened.kind, RegistryErrorKind::Contradiction);
    // A file of another size cannot be the blob: it is written again.
    assert_eq!(sample.push(&bytes).await.unwrap(), Pushed::Uploaded);
    assert_eq!(fs::read(&file).unwrap(), bytes);
}

#[tokio::test]
async fn a_descriptor_with_a_wrong_size_is_malformed_where_the_digest_is_right() {
    let sample = Sample::new();
    let bytes = Bytes::from_static(b"twelve bytes");
    sample.push(&bytes).await.unwrap();
    for size in [0, 11, 13] {
        let lying = Descriptor { size, ..octets(&bytes) };
        let refused = sample.layout.fetch_blob(&lying, 100).await.unwrap_err();
        assert_eq!(refused.kind, RegistryErrorKind::Malformed, "{size}: {refused}");
        assert_eq!(refused.found, "12");
    }
}

#[tokio::test]
async fn more_than_asked_for_is_not_read() {
    let sample = Sample::new();
    let bytes = Bytes::from_static(b"twelve bytes");
    sample.push(&bytes).await.unwrap();
    let refused = sample.layout.fetch_blob(&octets(&bytes), 11).await.unwrap_err();
    assert_eq!(refused.kind, RegistryErrorKind::Malformed);
    let lying = Descriptor::new("a/b", Digest::sha256_of(&bytes), 3);
    let refused = sample.layout.fetch_blob(&lying, 11).await.unwrap_err();
    assert_eq!(refused.kind, RegistryErrorKind::Malformed);
}

#[cfg(unix)]
#[tokio::test]
async fn everyone_who_may_read_files_may_read_blobs() {
    use std::os::unix::fs::PermissionsExt as _;
    let sample = Sample::new();
    let bytes = Bytes::from_static(b"for all");
    sample.push(&bytes).await.unwrap();
    let plain = sample.beside("plain");
    fs::write(&plain, "").unwrap();
    let mode = |path| fs::metadata(path).unwrap().permissions().mode();
    let blob = sample.blob(&Digest::sha256_of(&bytes));
    assert_eq!(mode(blob), mode(plain));
}
