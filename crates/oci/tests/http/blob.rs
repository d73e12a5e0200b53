//! Reading blobs.

use std::io::Read as _;
use std::time::Duration;

use boltseal_core::{Descriptor, Exit};
use boltseal_ports::{Registry as _, RegistryError, RegistryErrorKind};
use boltseal_testkit::registry::{Auth, Options, Redirects, What, When};
use bytes::Bytes;

use crate::rig::{PASSWORD, Rig, USER, anonymous, content, layer, logged_in, on, push};
use crate::scripted::{Scripted, answer};

const LIMIT: u64 = 16 * 1024 * 1024;

/// Reads a whole blob as the pipeline does: on a thread that may block.
async fn read(rig: &Rig, descriptor: &Descriptor) -> std::io::Result<Vec<u8>> {
    let mut reader = rig.registry.open_blob(descriptor).await.unwrap().unwrap();
    tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).map(|_| bytes)
    })
    .await
    .unwrap()
}

fn inner(error: std::io::Error) -> RegistryError {
    *error.into_inner().unwrap().downcast().unwrap()
}

#[tokio::test]
async fn fetched_whole_and_as_a_stream() {
    let rig = Rig::new();
    for length in [0, 1, 100_000, 3_000_000] {
        let bytes = content(1, length);
        push(&rig.registry, &bytes).await.unwrap();
        let descriptor = layer(&bytes);
        let found = rig.registry.fetch_blob(&descriptor, LIMIT).await.unwrap().unwrap();
        assert_eq!(found, bytes);
        assert_eq!(read(&rig, &descriptor).await.unwrap(), bytes);
    }
}

#[tokio::test]
async fn absent_is_not_an_error() {
    let rig = Rig::new();
    let descriptor = layer(&content(1, 10));
    assert!(rig.registry.fetch_blob(&descriptor, LIMIT).await.unwrap().is_none());
    assert!(rig.registry.open_blob(&descriptor).await.unwrap().is_none());
}

#[tokio::test]
async fn a_descriptor_that_promises_too_much_is_refused_before_anything_is_read() {
    let rig = Rig::new();
    let error = rig.registry.fetch_blob(&layer(&content(1, 11)), 10).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Malformed, "{error}");
    assert_eq!(rig.server.counts().requests(), 0);
}

/// Anybody may push a manifest whose descriptors say anything: that the digest is right says that
/// nothing was changed.
#[tokio::test]
async fn a_descriptor_with_a_wrong_size_is_malformed_where_the_digest_is_right() {
    let rig = Rig::new();
    let bytes = content(1, 1000);
    push(&rig.registry, &bytes).await.unwrap();
    for size in [0, 999, 1001, LIMIT] {
        let descriptor = Descriptor { size, ..layer(&bytes) };
        let error = rig.registry.fetch_blob(&descriptor, LIMIT).await.unwrap_err();
        assert_eq!(error.kind, RegistryErrorKind::Malformed, "{size}: {error}");
        assert!(error.expected.starts_with(&size.to_string()), "{error}");
        assert_eq!(error.found, "1000");
    }
    let error = rig.registry.fetch_blob(&Descriptor { size: 10, ..layer(&bytes) }, 100).await;
    assert_eq!(error.unwrap_err().kind, RegistryErrorKind::Malformed);
}

#[tokio::test]
async fn other_bytes_contradict() {
    let rig = Rig::new();
    let bytes = content(1, 1000);
    push(&rig.registry, &bytes).await.unwrap();
    let longer = |bytes: Bytes| Bytes::from([bytes.to_vec(), vec![0]].concat());
    for what in [What::flipped_bit(), What::tamper(longer)] {
        rig.server.clear_faults();
        rig.fault(When::Always, what.clone());
        let error = rig.registry.fetch_blob(&layer(&bytes), LIMIT).await.unwrap_err();
        assert_eq!(error.kind, RegistryErrorKind::Contradiction, "{what:?} {error}");
        assert_eq!(error.exit(), Exit::Contradiction);
    }
    let Err(error) = rig.registry.open_blob(&layer(&bytes)).await else {
        panic!("its length alone contradicts");
    };
    assert_eq!(error.kind, RegistryErrorKind::Contradiction, "{error}");
}

#[tokio::test]
async fn a_transfer_cut_off_is_asked_for_again_and_a_short_blob_contradicts() {
    let rig = Rig::new();
    let bytes = content(1, 1000);
    push(&rig.registry, &bytes).await.unwrap();
    rig.fault(When::first(2, "GET", "blobs"), What::Truncate);
    assert_eq!(rig.registry.fetch_blob(&layer(&bytes), LIMIT).await.unwrap().unwrap(), bytes);
    rig.server.clear_faults();
    rig.fault(When::Always, What::tamper(|bytes| bytes.slice(..bytes.len() / 2)));
    let error = rig.registry.fetch_blob(&layer(&bytes), LIMIT).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Contradiction, "{error}");
    assert!(error.found.contains("500 bytes"), "{error}");
}

#[tokio::test]
async fn an_answer_that_is_none_is_never_absence() {
    let rig = Rig::new();
    let bytes = content(1, 1000);
    push(&rig.registry, &bytes).await.unwrap();
    for what in [What::html(), What::empty()] {
        rig.server.clear_faults();
        rig.fault(When::Always, what.clone());
        let error = rig.registry.fetch_blob(&layer(&bytes), LIMIT).await.unwrap_err();
        assert_eq!(error.kind, RegistryErrorKind::Unreadable, "{what:?} {error}");
        let opened = rig.registry.open_blob(&layer(&bytes)).await;
        assert!(opened.is_err(), "{what:?}");
    }
}

#[tokio::test]
async fn a_stream_that_breaks_is_taken_up_where_it_broke() {
    let rig = Rig::new();
    let bytes = content(1, 2_000_000);
    push(&rig.registry, &bytes).await.unwrap();
    rig.server.reset_recording();
    rig.fault(When::first(2, "GET", "blobs"), What::Truncate);
    assert_eq!(read(&rig, &layer(&bytes)).await.unwrap(), bytes);
    let ranges: Vec<_> = rig.server.requests().into_iter().map(|it| it.range).collect();
    assert_eq!(ranges[0], None);
    assert_eq!(ranges[1].as_deref(), Some("bytes=1000000-"));
    assert_eq!(ranges[2].as_deref(), Some("bytes=1500000-"));
}

#[tokio::test]
async fn a_stream_that_breaks_for_good_says_why() {
    let rig = Rig::new();
    let bytes = content(1, 100_000);
    push(&rig.registry, &bytes).await.unwrap();
    rig.fault(When::first(1, "GET", "blobs"), What::Truncate);
    rig.fault(When::Always, What::server_error());
    let error = inner(read(&rig, &layer(&bytes)).await.unwrap_err());
    assert_eq!(error.kind, RegistryErrorKind::Unreachable, "{error}");
    assert!(error.found.contains("500") && error.place.contains("/blobs/sha256:"), "{error}");
}

#[tokio::test]
async fn a_server_without_ranges_is_read_from_its_start() {
    let bytes = content(1, 50_000);
    let (blob, count) = (bytes.clone(), std::sync::atomic::AtomicUsize::new(0));
    let server = Scripted::plain(move |_| {
        let whole = answer("200 OK", &[], &blob);
        let first = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
        if first { whole[..whole.len() / 2].to_vec() } else { whole }
    });
    let registry = on(&server.host, &anonymous());
    let mut reader = registry.open_blob(&layer(&bytes)).await.unwrap().unwrap();
    let read = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).map(|_| bytes)
    });
    assert_eq!(read.await.unwrap().unwrap(), bytes);
    assert!(server.seen()[1].header("range").is_some());
}

#[tokio::test]
async fn a_reader_that_nobody_reads_stops_no_other_request() {
    let rig = Rig::new();
    let bytes = content(1, 8_000_000);
    push(&rig.registry, &bytes).await.unwrap();
    let mut readers = Vec::new();
    for _ in 0..12 {
        readers.push(rig.registry.open_blob(&layer(&bytes)).await.unwrap().unwrap());
    }
    let small = content(2, 10);
    let others = async { push(&rig.registry, &small).await.unwrap() };
    tokio::time::timeout(Duration::from_secs(20), others).await.unwrap();
}

#[tokio::test]
async fn a_redirect_to_a_storage_takes_no_credentials_along() {
    let http = logged_in();
    let auth = Auth::bearer(USER, PASSWORD);
    let options = Options { redirects: Redirects::Storage, auth, ..Options::default() };
    let rig = Rig::client(options, &http);
    let bytes = content(1, 10_000);
    push(&rig.registry, &bytes).await.unwrap();
    rig.server.reset_recording();
    // The testkit's storage answers 400 to a request with Authorization, as S3 does.
    let found = rig.registry.fetch_blob(&layer(&bytes), LIMIT).await.unwrap().unwrap();
    assert_eq!(found, bytes);
    let sent: Vec<_> = rig.server.requests().into_iter().map(|it| it.authorization).collect();
    assert_eq!(sent, [Some("Bearer".to_owned()), None]);
    assert_eq!(read(&rig, &layer(&bytes)).await.unwrap(), bytes);
}

#[tokio::test]
async fn a_stream_from_a_storage_is_taken_up_there_again() {
    let options = Options { redirects: Redirects::Storage, ..Options::default() };
    let rig = Rig::client(options, &anonymous());
    let bytes = content(1, 100_000);
    push(&rig.registry, &bytes).await.unwrap();
    rig.server.reset_recording();
    rig.fault(When::first(1, "GET", "/storage/"), What::Truncate);
    assert_eq!(read(&rig, &layer(&bytes)).await.unwrap(), bytes);
    let ranges: Vec<_> = rig.server.requests().into_iter().map(|it| it.range).collect();
    assert_eq!(ranges, [None, None, Some("bytes=50000-".into()), Some("bytes=50000-".into())]);
}

#[tokio::test]
async fn a_redirect_within_the_registry_keeps_its_login() {
    let bytes = content(1, 100);
    let blob = bytes.clone();
    let server = Scripted::plain(move |seen| match seen.header("authorization") {
        None => answer("401 Unauthorized", &[("WWW-Authenticate", "Basic realm=\"x\"")], ""),
        Some(_) if seen.target == "/moved" => answer("200 OK", &[], &blob),
        Some(_) => answer("307 Temporary Redirect", &[("Location", "/moved")], ""),
    });
    let registry = on(&server.host, &logged_in());
    let found = registry.fetch_blob(&layer(&bytes), LIMIT).await.unwrap();
    assert_eq!(found, Some(bytes));
}
