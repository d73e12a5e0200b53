//! Pushing blobs.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use boltseal_core::{Digest, Repository};
use boltseal_ports::{
    Blob, BlobSource, BlobStream, ManifestRole, Probe, Pushed, Registry as _, RegistryError,
    RegistryErrorKind, TagWriter as _,
};
use boltseal_testkit::registry::{
    Access, Auth, Bearer, Dialect, Locations, Mounts, Options, What, When,
};
use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};

use crate::rig::{
    NAME, PASSWORD, Rig, USER, anonymous, content, image, layer, logged_in, on, push, push_blob,
};
use crate::scripted::{Scripted, answer};

/// A source made of what `open` gives.
struct Source<F>(F);

#[async_trait]
impl<F: Fn() -> Vec<io::Result<Bytes>> + Send + Sync> BlobSource for Source<F> {
    async fn open(&self) -> Result<BlobStream, RegistryError> {
        Ok(stream::iter((self.0)()).boxed())
    }
}

async fn push_source(
    rig: &Rig,
    promised: &Bytes,
    source: &dyn BlobSource,
) -> Result<Pushed, RegistryError> {
    let descriptor = layer(promised);
    let (mount_from, probe) = (None, Probe::Skip);
    rig.registry.push_blob(Blob { descriptor: &descriptor, source, mount_from, probe }).await
}

fn stored(rig: &Rig, bytes: &Bytes) -> bool {
    rig.server.store().blob(NAME, &layer(bytes).digest).as_ref() == Some(bytes)
}

#[tokio::test]
async fn takes_one_post_and_one_put() {
    for locations in [Locations::Absolute, Locations::Relative, Locations::WithQuery] {
        for dialect in [Dialect::Ecr, Dialect::Spec] {
            let rig = Rig::with(Options { locations, dialect, ..Options::default() });
            let bytes = content(1, 3_000_000);
            assert_eq!(push(&rig.registry, &bytes).await.unwrap(), Pushed::Uploaded);
            assert!(stored(&rig, &bytes));
            assert_eq!(rig.requests(), ["POST Upload 202", "PUT Upload 201"]);
            let traffic = rig.registry.traffic();
            assert_eq!((traffic.reads, traffic.writes), (0, 2));
            assert_eq!(traffic.sent, 3_000_000);
        }
    }
}

#[tokio::test]
async fn the_empty_blob_can_be_pushed() {
    let rig = Rig::new();
    push(&rig.registry, &Bytes::new()).await.unwrap();
    assert!(stored(&rig, &Bytes::new()));
}

#[tokio::test]
async fn a_blob_that_is_there_costs_one_head() {
    let rig = Rig::new();
    let bytes = content(1, 1000);
    assert_eq!(push_blob(&rig.registry, &bytes, Probe::First).await.unwrap(), Pushed::Uploaded);
    assert_eq!(rig.requests(), ["HEAD Blob 404", "POST Upload 202", "PUT Upload 201"]);
    assert_eq!(push_blob(&rig.registry, &bytes, Probe::First).await.unwrap(), Pushed::Existed);
    assert_eq!(rig.requests(), ["HEAD Blob 200"]);
    assert_eq!(rig.registry.traffic().sent, 1000);
}

#[tokio::test]
async fn a_head_that_is_no_clear_yes_is_a_no() {
    for (status, kind, length) in [
        ("200 OK", "text/html", 10),
        ("200 OK", "application/octet-stream", 9),
        ("204 No Content", "application/octet-stream", 10),
    ] {
        let server = Scripted::plain(move |seen| match seen.method.as_str() {
            "HEAD" => answer(status, &[("Content-Type", kind)], vec![b' '; length]),
            "POST" => answer("202 Accepted", &[("Location", "/put")], ""),
            _ => answer("201 Created", &[], ""),
        });
        let registry = on(&server.host, &anonymous());
        let pushed = push_blob(&registry, &content(1, 10), Probe::First).await.unwrap();
        assert_eq!(pushed, Pushed::Uploaded, "{status} {kind} {length}");
    }
}

#[tokio::test]
async fn a_registry_that_stored_other_bytes_is_caught_by_its_digest() {
    let rig = Rig::new();
    let other = Digest::sha256_of(b"other").to_string();
    let headers = vec![("Docker-Content-Digest".to_owned(), other.clone())];
    let what = What::Status { code: 201, headers, body: Bytes::new() };
    rig.fault(When::matching("PUT", ""), what);
    let error = push(&rig.registry, &content(1, 10)).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Contradiction, "{error}");
    assert!(error.found.contains(&other), "{error}");
}

#[tokio::test]
async fn a_session_without_a_place_is_unreadable() {
    for location in ["", "ftp://h.example/x"] {
        let server =
            Scripted::plain(move |_| answer("202 Accepted", &[("Location", location)], ""));
        let error = push(&on(&server.host, &anonymous()), &content(1, 10)).await.unwrap_err();
        assert_eq!(error.kind, RegistryErrorKind::Unreadable, "{error}");
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn no_write_follows_a_redirect() {
    let elsewhere = Scripted::plain(|_| answer("201 Created", &[("Location", "/put")], ""));
    let location = format!("http://{}/", elsewhere.host);
    let server =
        Scripted::plain(move |_| answer("307 Temporary Redirect", &[("Location", &location)], ""));
    let registry = on(&server.host, &anonymous());
    let image = image(&content(1, 10));
    let errors = [
        push(&registry, &content(1, 10)).await.unwrap_err(),
        registry.push_manifest(&image, ManifestRole::Root).await.unwrap_err(),
        registry.put_tag(&"1".parse().unwrap(), &image).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind, RegistryErrorKind::Unreadable, "{error}");
    }
    assert!(elsewhere.seen().is_empty());
}

async fn mount(rig: &Rig, bytes: &Bytes) -> Result<Pushed, RegistryError> {
    let from: Repository = rig.server.repository("base/image").parse().unwrap();
    let descriptor = layer(bytes);
    let (source, mount_from, probe) = (bytes, Some(&from), Probe::Skip);
    rig.registry.push_blob(Blob { descriptor: &descriptor, source, mount_from, probe }).await
}

#[tokio::test]
async fn mounts_move_no_bytes() {
    let bytes = content(1, 1000);
    for auth in [Auth::None, Auth::bearer(USER, PASSWORD)] {
        let rig = Rig::login(auth);
        rig.server.store().put_blob("base/image", bytes.clone());
        assert_eq!(mount(&rig, &bytes).await.unwrap(), Pushed::Mounted);
        assert!(stored(&rig, &bytes));
        assert_eq!(rig.registry.traffic().sent, 0);
    }
}

#[tokio::test]
async fn a_mount_that_becomes_a_session_is_used_as_one() {
    let bytes = content(1, 1000);
    let rig = Rig::with(Options { mounts: Mounts::Session202, ..Options::default() });
    rig.server.store().put_blob("base/image", bytes.clone());
    assert_eq!(mount(&rig, &bytes).await.unwrap(), Pushed::Uploaded);
    assert!(stored(&rig, &bytes));
    assert_eq!(rig.requests(), ["POST Upload 202", "PUT Upload 201"]);
}

#[tokio::test]
async fn a_mount_that_is_refused_is_an_upload() {
    let bytes = content(1, 1000);
    for what in [What::status(405), What::forbidden(), What::status(404)] {
        let rig = Rig::new();
        rig.fault(When::matching("POST", "mount="), what);
        assert_eq!(mount(&rig, &bytes).await.unwrap(), Pushed::Uploaded);
        assert!(stored(&rig, &bytes));
    }
}

#[tokio::test]
async fn a_mount_that_no_token_is_given_for_is_an_upload() {
    let bytes = content(1, 1000);
    let rig = Rig::login(Auth::bearer(USER, PASSWORD));
    rig.server.store().put_blob("base/image", bytes.clone());
    rig.fault(When::matching("GET", "base%2Fimage"), What::forbidden());
    assert_eq!(mount(&rig, &bytes).await.unwrap(), Pushed::Uploaded);
    assert!(stored(&rig, &bytes));
    let refused = rig.server.requests().iter().filter(|it| it.query.contains("base%2F")).count();
    assert!(refused > 0, "the token that was refused was asked for");
}

#[tokio::test]
async fn nothing_is_mounted_from_another_registry() {
    let (rig, other) = (Rig::new(), Rig::new());
    let bytes = content(1, 1000);
    let from: Repository = other.server.repository("base/image").parse().unwrap();
    let descriptor = layer(&bytes);
    let (source, mount_from, probe) = (&bytes, Some(&from), Probe::Skip);
    rig.registry
        .push_blob(Blob { descriptor: &descriptor, source, mount_from, probe })
        .await
        .unwrap();
    assert_eq!(rig.server.requests()[0].query, "");
}

#[tokio::test]
async fn a_source_that_gives_up_ends_everything_at_once() {
    let rig = Rig::new();
    let bytes = content(1, 1_000_000);
    let half = bytes.slice(..500_000);
    let gate = || vec![Ok(half.clone()), Err(io::Error::other("the gate refused"))];
    let error = push_source(&rig, &bytes, &Source(gate)).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Aborted, "{error}");
    assert!(error.found.contains("the gate refused"), "{error}");
    assert!(!stored(&rig, &bytes));
    let posts = rig.server.requests().iter().filter(|it| it.method == "POST").count();
    assert_eq!(posts, 1, "no second try");
}

#[tokio::test]
async fn a_source_that_fails_passes_its_own_reason_on() {
    let rig = Rig::new();
    let reason = RegistryError::new(RegistryErrorKind::Unauthorised, "GET http://other/");
    let copy = || vec![Err(io::Error::other(reason.clone()))];
    let error = push_source(&rig, &content(1, 10), &Source(copy)).await.unwrap_err();
    assert_eq!(error, reason);
}

#[tokio::test]
async fn what_does_not_match_its_descriptor_is_never_stored() {
    let bytes = content(1, 300_000);
    let cases = [
        ("too short", bytes.slice(..299_999)),
        ("too long", Bytes::from([&bytes[..], b"x"].concat())),
        ("another digest", content(2, 300_000)),
        ("nothing", Bytes::new()),
    ];
    for (name, wrong) in cases {
        let rig = Rig::new();
        let source = || wrong.chunks(1024).map(|it| Ok(Bytes::copy_from_slice(it))).collect();
        let error = push_source(&rig, &bytes, &Source(source)).await.unwrap_err();
        assert_eq!(error.kind, RegistryErrorKind::Contradiction, "{name}: {error}");
        assert!(rig.server.store().blobs(NAME).is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_source_is_opened_again_for_each_try() {
    let troubles = [
        ("POST", "", What::server_error()),
        ("POST", "", What::Reset),
        ("PUT", "", What::server_error()),
        ("PUT", "", What::Reset),
        ("PUT", "", What::throttled(Duration::ZERO)),
        ("PUT", "", What::status(404)),
    ];
    for (method, fragment, what) in troubles {
        let rig = Rig::new();
        rig.fault(When::first(2, method, fragment), what.clone());
        let bytes = content(1, 200_000);
        let pushed = push(&rig.registry, &bytes).await.unwrap_or_else(|it| panic!("{what:?} {it}"));
        assert_eq!(pushed, Pushed::Uploaded);
        assert!(stored(&rig, &bytes), "{what:?}");
    }
}

#[tokio::test]
async fn a_blob_that_arrived_unnoticed_is_not_sent_twice() {
    let rig = Rig::new();
    rig.fault(When::first(1, "PUT", ""), What::ResetAfterStore);
    let bytes = content(1, 200_000);
    assert_eq!(push(&rig.registry, &bytes).await.unwrap(), Pushed::Uploaded);
    assert_eq!(rig.registry.traffic().sent, 200_000);
    assert_eq!(rig.requests(), ["POST Upload 202", "PUT Upload -", "HEAD Blob 200"]);
}

#[tokio::test]
async fn a_token_that_ends_on_the_way_is_renewed_once() {
    let rig = Rig::login(Auth::bearer(USER, PASSWORD));
    push(&rig.registry, &content(1, 10)).await.unwrap();
    rig.fault(
        When::first(1, "PUT", ""),
        What::Status {
            code: 401,
            headers: vec![(
                "WWW-Authenticate".to_owned(),
                format!(r#"Bearer realm="http://{}/token""#, rig.server.host()),
            )],
            body: Bytes::new(),
        },
    );
    let bytes = content(2, 100_000);
    push(&rig.registry, &bytes).await.unwrap();
    assert!(stored(&rig, &bytes));
}

#[tokio::test]
async fn who_may_only_pull_is_told_so() {
    let bearer = Bearer {
        user: USER.to_owned(),
        password: PASSWORD.to_owned(),
        access: Access::Pull,
        anonymous: Access::None,
        identity_token: None,
        lifetime: Duration::from_hours(1),
    };
    let rig = Rig::login(Auth::Bearer(bearer));
    let error = push(&rig.registry, &content(1, 10)).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Unauthorised, "{error}");
    assert!(error.fix.contains("docker login"), "{error:?}");
}

#[tokio::test]
async fn a_digest_that_the_registry_refuses_is_no_reason_to_try_again() {
    let rig = Rig::new();
    let body =
        r#"{"errors":[{"code":"DIGEST_INVALID","message":"provided digest did not match"}]}"#;
    let what = What::Status { code: 400, headers: Vec::new(), body: body.into() };
    rig.fault(When::matching("PUT", ""), what);
    let error = push(&rig.registry, &content(1, 10)).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Rejected, "{error}");
    assert!(error.found.contains("DIGEST_INVALID"), "{error}");
    assert_eq!(rig.server.counts().writes, 2);
}

#[tokio::test]
async fn a_slow_source_is_not_a_dead_connection() {
    let http =
        boltseal_oci::http::HttpOptions { patience: Duration::from_millis(700), ..anonymous() };
    let rig = Rig::client(Options::default(), &http);
    let bytes = content(1, 1000);
    let source = Slow(bytes.clone());
    assert_eq!(push_source(&rig, &bytes, &source).await.unwrap(), Pushed::Uploaded);
    assert!(stored(&rig, &bytes));
}

/// Waits for longer than the patience before its last bytes, as for a gate.
struct Slow(Bytes);

#[async_trait]
impl BlobSource for Slow {
    async fn open(&self) -> Result<BlobStream, RegistryError> {
        let bytes = self.0.clone();
        Ok(stream::unfold(0, move |at| {
            let bytes = bytes.clone();
            async move {
                match at {
                    0 => Some((Ok(bytes.slice(..500)), 500)),
                    500 => {
                        tokio::time::sleep(Duration::from_millis(1500)).await;
                        Some((Ok(bytes.slice(500..)), 1000))
                    }
                    _ => None,
                }
            }
        })
        .boxed())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sources_that_wait_for_one_another_all_arrive() {
    let rig = Rig::new();
    let barrier = Arc::new(tokio::sync::Barrier::new(20));
    let pushes = (0..20_u8).map(|seed| {
        let (registry, barrier) = (Arc::clone(&rig.registry), Arc::clone(&barrier));
        tokio::spawn(async move {
            let bytes = content(seed, 1000);
            let source = Waiting(bytes.clone(), barrier);
            let descriptor = layer(&bytes);
            let (mount_from, probe) = (None, Probe::First);
            let blob = Blob { descriptor: &descriptor, source: &source, mount_from, probe };
            registry.push_blob(blob).await.unwrap()
        })
    });
    let pushes: Vec<_> = pushes.collect();
    let all = async {
        for push in pushes {
            assert_eq!(push.await.unwrap(), Pushed::Uploaded);
        }
    };
    tokio::time::timeout(Duration::from_secs(30), all).await.unwrap();
}

/// Gives nothing before all others are asked.
struct Waiting(Bytes, Arc<tokio::sync::Barrier>);

#[async_trait]
impl BlobSource for Waiting {
    async fn open(&self) -> Result<BlobStream, RegistryError> {
        let (bytes, barrier) = (self.0.clone(), Arc::clone(&self.1));
        Ok(stream::once(async move {
            barrier.wait().await;
            Ok(bytes)
        })
        .boxed())
    }
}

#[tokio::test]
async fn a_session_on_another_host_is_sent_no_credentials() {
    let elsewhere = Scripted::plain(|_| answer("201 Created", &[], ""));
    let location = format!("http://{}/put-here?signature=s3cret", elsewhere.host);
    let rig = Rig::client(
        Options { auth: Auth::basic(USER, PASSWORD), ..Options::default() },
        &logged_in(),
    );
    let what = What::Status {
        code: 202,
        headers: vec![("Location".to_owned(), location)],
        body: Bytes::new(),
    };
    push(&rig.registry, &content(8, 9)).await.unwrap();
    rig.fault(When::matching("POST", ""), what);
    let bytes = content(1, 1000);
    push(&rig.registry, &bytes).await.unwrap();
    let seen = elsewhere.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].header("authorization"), None);
    assert_eq!(seen[0].header("content-length"), Some("1000"));
    assert!(seen[0].target.starts_with("/put-here?signature=s3cret&digest=sha256%3A"), "{seen:?}");
    assert_eq!(seen[0].body, bytes);
}
