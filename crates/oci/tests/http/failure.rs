//! A registry that fails: for a while, and for good.

use std::time::{Duration, Instant};

use boltseal_core::{Descriptor, Exit, RawManifest};
use boltseal_oci::http::{HttpOptions, HttpRegistry};
use boltseal_ports::{
    ManifestRole, Registry as _, RegistryError, RegistryErrorKind, TagWriter as _,
};
use boltseal_testkit::registry::{Options, What, When};

use crate::rig::{
    NAME, Rig, anonymous, by_digest, by_tag, content, evidence, layer, on, push, push_evidence,
    push_image, shown,
};

const PATIENCE: Duration = Duration::from_millis(1500);
/// More than any of these tests needs.
const ENOUGH: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug)]
enum Operation {
    FetchByDigest,
    FetchByTag,
    FetchBlob,
    OpenBlob,
    Link,
    PushBlob,
    PushManifest,
    PutTag,
    Referrers,
}

const ALL: [Operation; 9] = [
    Operation::FetchByDigest,
    Operation::FetchByTag,
    Operation::FetchBlob,
    Operation::OpenBlob,
    Operation::Link,
    Operation::PushBlob,
    Operation::PushManifest,
    Operation::PutTag,
    Operation::Referrers,
];

/// Does it, and answers whether the thing was there or is done.
async fn run(
    registry: &HttpRegistry,
    operation: Operation,
    image: &RawManifest,
    blob: &Descriptor,
) -> Result<bool, RegistryError> {
    let subject = image.digest();
    match operation {
        Operation::FetchByDigest => {
            registry.fetch_manifest(&by_digest(subject)).await.map(|it| it.is_some())
        }
        Operation::FetchByTag => registry.fetch_manifest(&by_tag("1")).await.map(|it| it.is_some()),
        Operation::FetchBlob => registry.fetch_blob(blob, 1 << 20).await.map(|it| it.is_some()),
        Operation::OpenBlob => registry.open_blob(blob).await.map(|it| it.is_some()),
        Operation::Link => {
            registry.link_referrers(subject, &[evidence(image, 1).1]).await.map(|()| true)
        }
        Operation::PushBlob => push(registry, &content(7, 1000)).await.map(|_| true),
        Operation::PushManifest => {
            registry.push_manifest(image, ManifestRole::Root).await.map(|()| true)
        }
        Operation::PutTag => registry.put_tag(&"2".parse().unwrap(), image).await.map(|()| true),
        Operation::Referrers => registry.referrers(subject).await.map(|_| true),
    }
}

/// A rig whose registry holds an image, tagged `1`, and a piece of evidence.
async fn prepared(patience: Duration) -> (Rig, RawManifest, Descriptor) {
    let http = HttpOptions { patience, ..anonymous() };
    let rig = Rig::client(Options::default(), &http);
    let bytes = content(1, 1000);
    let image = push_image(&rig.registry, &bytes).await;
    rig.server.store().set_tag(NAME, "1", image.digest());
    push_evidence(&rig.registry, &image, 1..2).await;
    rig.server.reset_recording();
    (rig, image, layer(&bytes))
}

async fn fails_for_good(operation: Operation, what: What, kind: RegistryErrorKind) {
    let (rig, image, blob) = prepared(PATIENCE).await;
    rig.fault(When::Always, what.clone());
    let begin = Instant::now();
    let result = run(&rig.registry, operation, &image, &blob).await;
    let took = begin.elapsed();
    let error = result.expect_err(&format!("{operation:?} {what:?}"));
    assert_eq!(error.kind, kind, "{operation:?} {what:?}: {error}");
    // The patience, one more attempt's stall, and what a busy machine takes.
    assert!(took < PATIENCE * 2 + Duration::from_secs(3), "{operation:?} {what:?}: {took:?}");
    let named = error.place.starts_with(|c: char| c.is_ascii_uppercase());
    assert!(named && error.place.contains(rig.server.host()), "{operation:?}: {error}");
    assert!(!error.fix.is_empty(), "{operation:?}");
    if kind != RegistryErrorKind::Unauthorised {
        assert_eq!(error.exit(), Exit::Undetermined);
        assert!(error.found.contains("gave up after"), "{operation:?}: {error}");
    }
}

async fn all_fail_for_good(what: What, kind: RegistryErrorKind) {
    let all = ALL.map(|operation| fails_for_good(operation, what.clone(), kind));
    futures_util::future::join_all(all).await;
}

#[tokio::test]
async fn for_good_throttled() {
    all_fail_for_good(What::throttled(Duration::ZERO), RegistryErrorKind::Throttled).await;
}

#[tokio::test]
async fn for_good_server_errors() {
    for code in [500, 503] {
        all_fail_for_good(What::status(code), RegistryErrorKind::Unreachable).await;
    }
}

#[tokio::test]
async fn for_good_resets() {
    all_fail_for_good(What::Reset, RegistryErrorKind::Unreachable).await;
}

#[tokio::test]
async fn for_good_silence() {
    all_fail_for_good(What::Slow(Duration::from_mins(1)), RegistryErrorKind::Unreachable).await;
}

#[tokio::test]
async fn for_good_forbidden() {
    all_fail_for_good(What::forbidden(), RegistryErrorKind::Unauthorised).await;
}

#[tokio::test]
async fn for_good_half_answers() {
    let reads = [
        Operation::FetchByDigest,
        Operation::FetchByTag,
        Operation::FetchBlob,
        Operation::Referrers,
        Operation::Link,
    ];
    for what in [What::Truncate, What::Stall(Duration::from_mins(1))] {
        let all = reads.map(|it| fails_for_good(it, what.clone(), RegistryErrorKind::Unreachable));
        futures_util::future::join_all(all).await;
    }
}

#[tokio::test]
async fn a_while_is_waited_for() {
    let faults = [
        What::throttled(Duration::ZERO),
        What::server_error(),
        What::status(502),
        What::status(503),
        What::status(504),
        What::Reset,
    ];
    for what in faults {
        let all = ALL.map(|operation| {
            let what = what.clone();
            async move {
                let (rig, image, blob) = prepared(ENOUGH).await;
                rig.fault(When::first(2, "", ""), what.clone());
                let done = run(&rig.registry, operation, &image, &blob).await;
                assert!(done.unwrap_or_else(|it| panic!("{operation:?} {what:?} {it}")));
            }
        });
        futures_util::future::join_all(all).await;
    }
}

#[tokio::test]
async fn retry_after_is_kept_to() {
    let (rig, image, blob) = prepared(ENOUGH).await;
    let wait = vec![("Retry-After".to_owned(), "1".to_owned())];
    let busy = What::Status { code: 503, headers: wait, body: bytes::Bytes::new() };
    for what in [What::throttled(Duration::from_secs(1)), busy] {
        rig.server.reset_recording();
        rig.fault(When::first(1, "", ""), what);
        let begin = Instant::now();
        assert!(run(&rig.registry, Operation::FetchByTag, &image, &blob).await.unwrap());
        assert!(begin.elapsed() >= Duration::from_secs(1));
        assert_eq!(rig.server.counts().reads, 2);
    }
}

#[tokio::test]
async fn an_hour_is_not_waited_for() {
    let (rig, image, blob) = prepared(PATIENCE).await;
    rig.fault(When::Always, What::throttled(Duration::from_hours(1)));
    let begin = Instant::now();
    let error = run(&rig.registry, Operation::FetchByTag, &image, &blob).await.unwrap_err();
    assert!(begin.elapsed() < PATIENCE);
    assert_eq!(error.kind, RegistryErrorKind::Throttled);
    assert!(error.found.contains("1 try") && error.found.contains("3600 s"), "{error}");

    rig.server.clear_faults();
    let for_ever = vec![("Retry-After".to_owned(), u64::MAX.to_string())];
    rig.fault(When::Always, What::Status { code: 429, headers: for_ever, body: "".into() });
    let error = run(&rig.registry, Operation::FetchByTag, &image, &blob).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Throttled);
}

#[tokio::test]
async fn other_refusals_are_not_tried_again() {
    let (rig, image, blob) = prepared(PATIENCE).await;
    for code in [400, 405, 406, 409, 413, 501] {
        rig.server.clear_faults();
        rig.server.reset_recording();
        rig.fault(When::Always, What::status(code));
        let error = run(&rig.registry, Operation::PushManifest, &image, &blob).await.unwrap_err();
        assert_eq!(error.kind, RegistryErrorKind::Rejected, "{error}");
        assert_eq!(rig.server.counts().requests(), 1);
    }
}

#[tokio::test]
async fn nobody_listening_is_said_sooner() {
    let http = HttpOptions { patience: Duration::from_secs(6), ..anonymous() };
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let registry = on(&free.to_string(), &http);
    let begin = Instant::now();
    let error = registry.fetch_manifest(&by_tag("1")).await.unwrap_err();
    assert!(begin.elapsed() < Duration::from_secs(4), "{:?}", begin.elapsed());
    assert_eq!(error.kind, RegistryErrorKind::Unreachable);
    assert!(error.found.contains("refused") && error.fix.contains("--plain-http"), "{error:?}");
}

#[tokio::test]
async fn a_registry_that_gave_out_is_given_less_time_afterwards() {
    let (rig, image, blob) = prepared(PATIENCE).await;
    rig.fault(When::Always, What::status(503));
    run(&rig.registry, Operation::FetchByTag, &image, &blob).await.unwrap_err();
    let begin = Instant::now();
    for operation in [Operation::FetchBlob, Operation::Referrers, Operation::FetchByDigest] {
        run(&rig.registry, operation, &image, &blob).await.unwrap_err();
    }
    assert!(begin.elapsed() < PATIENCE, "{:?}", begin.elapsed());
}

#[tokio::test]
async fn a_query_is_shown_to_nobody() {
    let (rig, _, _) = prepared(PATIENCE).await;
    let what = What::Status {
        code: 202,
        headers: vec![("Location".to_owned(), "/v2/x/blobs/uploads/1?_state=s3cret".to_owned())],
        body: bytes::Bytes::new(),
    };
    rig.fault(When::matching("POST", ""), what);
    rig.fault(When::matching("PUT", ""), What::status(400));
    let error = push(&rig.registry, &content(1, 10)).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Rejected);
    assert!(!shown(&error).contains("s3cret"), "{error:?}");
}
