//! Tags.

use boltseal_core::{Digest, Exit, Tag};
use boltseal_ports::{RegistryErrorKind, TagWriter as _};
use boltseal_testkit::registry::{Dialect, ImmutableTags, Options, What, When};
use bytes::Bytes;

use crate::rig::{NAME, Rig, content, push_image};

fn tag(name: &str) -> Tag {
    name.parse().unwrap()
}

fn immutable(dialect: Dialect) -> Rig {
    Rig::with(Options { dialect, immutable_tags: ImmutableTags::All, ..Options::default() })
}

#[tokio::test]
async fn moves() {
    let rig = Rig::new();
    for seed in 1..3 {
        let manifest = push_image(&rig.registry, &content(seed, 100)).await;
        rig.registry.put_tag(&tag("1"), &manifest).await.unwrap();
        assert_eq!(rig.server.store().tag(NAME, "1").as_ref(), Some(manifest.digest()));
    }
}

#[tokio::test]
async fn an_immutable_tag_names_its_holder() {
    for dialect in [Dialect::Ecr, Dialect::Spec] {
        let rig = immutable(dialect);
        let first = push_image(&rig.registry, &content(1, 100)).await;
        let second = push_image(&rig.registry, &content(2, 100)).await;
        rig.registry.put_tag(&tag("1"), &first).await.unwrap();
        let error = rig.registry.put_tag(&tag("1"), &second).await.unwrap_err();
        assert_eq!(error.kind, RegistryErrorKind::Immutable, "{error}");
        assert_eq!(error.exit(), Exit::TagTaken);
        assert!(error.found.contains(&first.digest().to_string()), "{error}");
    }
}

#[tokio::test]
async fn an_answer_that_was_lost_does_not_make_a_tag_taken() {
    let rig = immutable(Dialect::Ecr);
    let manifest = push_image(&rig.registry, &content(1, 100)).await;
    rig.fault(When::first(1, "PUT", "manifests/1"), What::ResetAfterStore);
    rig.registry.put_tag(&tag("1"), &manifest).await.unwrap();
    assert_eq!(rig.server.store().tag(NAME, "1").as_ref(), Some(manifest.digest()));
}

#[tokio::test]
async fn an_answer_that_names_another_digest_contradicts() {
    let rig = Rig::new();
    let manifest = push_image(&rig.registry, &content(1, 100)).await;
    let other = Digest::sha256_of(b"other").to_string();
    let headers = vec![("Docker-Content-Digest".to_owned(), other)];
    let what = What::Status { code: 201, headers, body: Bytes::new() };
    rig.fault(When::matching("PUT", "manifests/1"), what);
    let error = rig.registry.put_tag(&tag("1"), &manifest).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Contradiction, "{error}");
}

#[tokio::test]
async fn a_name_that_only_a_layout_allows_is_refused_before_it_is_sent() {
    let rig = Rig::new();
    let manifest = push_image(&rig.registry, &content(1, 100)).await;
    rig.server.reset_recording();
    let wide = Tag::ref_name("a/../b").unwrap();
    let error = rig.registry.put_tag(&wide, &manifest).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Rejected, "{error}");
    assert_eq!(rig.server.counts().requests(), 0);
}
