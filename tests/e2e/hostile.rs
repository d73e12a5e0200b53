//! What a registry, or somebody who may push to one, can make a verification cost.

use std::time::{Duration, Instant};

use boltseal_core::{Descriptor, Digest, media_type};
use boltseal_testkit::registry::{Fault, Options, Server, What, When};
use serde_json::{Value, json};

use crate::harness::{Run, codes};
use crate::scene::{NAME, Scene};

/// A release, and the registry that it is on.
fn released() -> (Scene, Server) {
    let scene = Scene::new();
    let server = Server::start_blocking(Options::default());
    Run::of(scene.release(&server, "image").output()).exits(0);
    server.reset_recording();
    (scene, server)
}

/// Refused for a bound, after few requests and little time.
#[track_caller]
fn bounded(scene: &Scene, server: &Server, requests: u64, expected: &str) {
    let begin = Instant::now();
    let document = scene.verify_tag(server).exits(30).json();
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
    assert_eq!(codes(&document), ["content-malformed"], "{document:#}");
    let reason = &document["reasons"][0];
    assert!(reason["expected"].as_str().is_some_and(|it| it.contains(expected)), "{reason:#}");
    assert!(reason["fix"].as_str().is_some_and(|it| !it.is_empty()), "{reason:#}");
    let asked = server.counts().requests();
    assert!(asked <= requests, "{asked} requests");
}

/// A descriptor of a manifest that nobody stored.
fn nobodys(at: usize) -> Value {
    let digest = Digest::sha256_of(&at.to_be_bytes());
    json!(Descriptor::new(media_type::OCI_MANIFEST, digest, 2))
}

fn index_of(manifests: &[Value]) -> String {
    let index = json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_INDEX,
        "manifests": manifests,
    });
    index.to_string()
}

#[test]
fn a_tag_on_an_index_without_end() {
    let (scene, server) = released();
    let child = |at: usize| {
        let mut child = nobodys(at);
        child["platform"] = json!({"os": "linux", "architecture": format!("a{at}")});
        child
    };
    let children: Vec<_> = (0..10_000).map(child).collect();
    let bytes = index_of(&children).into();
    let digest = server.store().put_manifest(NAME, bytes, media_type::OCI_INDEX);
    server.store().set_tag(NAME, "1.0", &digest);
    bounded(&scene, &server, 5, "at most 100 images");
}

#[test]
fn a_page_of_referrers_that_is_as_long_as_a_page_may_be() {
    let (scene, server) = released();
    let listed: Vec<_> = (0..20_000).map(nobodys).collect();
    referrers_answer(&server, index_of(&listed), &[]);
    bounded(&scene, &server, 5, "at most 1000 referrers");
}

#[test]
fn pages_of_referrers_without_end() {
    let (scene, server) = released();
    // Each page leads to a longer name of itself.
    let next = ("Link".to_owned(), "<x/>; rel=\"next\"".to_owned());
    referrers_answer(&server, index_of(&[]), &[next]);
    bounded(&scene, &server, 110, "at most 1000 referrers");
    assert!(server.counts().requests() > 50, "the pages were followed");
}

fn referrers_answer(server: &Server, body: String, more: &[(String, String)]) {
    let content_type = ("Content-Type".to_owned(), media_type::OCI_INDEX.to_owned());
    let headers = [&[content_type], more].concat();
    let what = What::Status { code: 200, headers, body: body.into() };
    server.fault(Fault { when: When::matching("GET", "/referrers/"), what });
}

#[test]
fn more_referrers_than_anybody_needs() {
    let (scene, server) = released();
    let subject = scene.image.digest();
    for at in 0..1001 {
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": media_type::OCI_MANIFEST,
            "config": nobodys(at),
            "layers": [],
            "subject": Descriptor::new(media_type::OCI_MANIFEST, subject.clone(), 2),
        });
        let bytes = manifest.to_string().into();
        server.store().put_manifest(NAME, bytes, media_type::OCI_MANIFEST);
    }
    bounded(&scene, &server, 5, "at most 1000 referrers");
}
