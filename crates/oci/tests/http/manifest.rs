//! Manifests by digest and by tag.

use boltseal_core::{Digest, Exit, RawManifest, media_type};
use boltseal_ports::{ManifestRole, Registry as _, RegistryErrorKind};
use boltseal_testkit::registry::{Dialect, Options, Repositories, What, When};
use bytes::Bytes;
use serde_json::json;

use crate::rig::{NAME, Rig, by_digest, by_tag, content, image, push_image, shown};

#[tokio::test]
async fn what_was_pushed_comes_back_byte_for_byte() {
    let rig = Rig::new();
    let manifest = push_image(&rig.registry, &content(1, 1000)).await;
    rig.server.store().set_tag(NAME, "1", manifest.digest());
    for pick in [by_digest(manifest.digest()), by_tag("1")] {
        let found = rig.registry.fetch_manifest(&pick).await.unwrap().unwrap();
        assert_eq!(found, manifest);
    }
}

#[tokio::test]
async fn ecr_names_no_place_for_a_manifest_and_that_is_fine() {
    let rig = Rig::with(Options { dialect: Dialect::Ecr, ..Options::default() });
    let manifest = push_image(&rig.registry, &content(1, 1000)).await;
    assert!(rig.server.store().manifest(NAME, manifest.digest()).is_some());
}

#[tokio::test]
async fn absent_is_not_an_error() {
    let rig = Rig::new();
    let nothing = by_digest(&Digest::sha256_of(b"nothing"));
    assert_eq!(rig.registry.fetch_manifest(&nothing).await.unwrap(), None);
    assert_eq!(rig.registry.fetch_manifest(&by_tag("none")).await.unwrap(), None);
    for body in ["", "404 page not found", "<?xml version=\"1.0\"?><Error/>"] {
        let plain = [("Content-Type".to_owned(), "text/plain".to_owned())].to_vec();
        let what = What::Status { code: 404, headers: plain, body: body.into() };
        rig.server.clear_faults();
        rig.fault(When::Always, what);
        assert_eq!(rig.registry.fetch_manifest(&by_tag("1")).await.unwrap(), None, "{body}");
    }
}

#[tokio::test]
async fn a_page_proves_no_absence() {
    let rig = Rig::new();
    let html = [("Content-Type".to_owned(), "text/html".to_owned())].to_vec();
    let what = What::Status { code: 404, headers: html, body: "<h1>404</h1>".into() };
    rig.fault(When::Always, what);
    let error = rig.registry.fetch_manifest(&by_tag("1")).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Unreadable, "{error}");
}

#[tokio::test]
async fn an_answer_that_is_none_is_never_absence() {
    let rig = Rig::new();
    let manifest = push_image(&rig.registry, &content(1, 1000)).await;
    rig.server.store().set_tag(NAME, "1", manifest.digest());
    for what in [What::html(), What::empty(), What::status(204), What::status(400)] {
        rig.server.clear_faults();
        rig.fault(When::Always, what.clone());
        for pick in [by_tag("1"), by_digest(manifest.digest())] {
            let error = rig.registry.fetch_manifest(&pick).await.unwrap_err();
            assert_eq!(error.kind, RegistryErrorKind::Unreadable, "{what:?}: {error}");
            assert!(error.place.starts_with("GET http://127.0.0.1:"), "{error}");
        }
    }
}

/// A registry may serve the type that a manifest was pushed with, and anybody may push one.
#[tokio::test]
async fn a_digest_tells_under_any_type_and_a_tag_under_none() {
    let rig = Rig::new();
    let manifest = push_image(&rig.registry, &content(1, 1000)).await;
    rig.server.store().set_tag(NAME, "1", manifest.digest());
    rig.fault(
        When::Always,
        What::Status {
            code: 200,
            headers: vec![("Content-Type".to_owned(), "text/plain".to_owned())],
            body: manifest.bytes().clone(),
        },
    );
    let found = rig.registry.fetch_manifest(&by_digest(manifest.digest())).await.unwrap();
    assert_eq!(found, Some(manifest));
    let error = rig.registry.fetch_manifest(&by_tag("1")).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Unreadable, "{error}");
}

#[tokio::test]
async fn an_empty_manifest_is_malformed_where_that_is_what_was_stored() {
    let rig = Rig::new();
    let digest = rig.server.store().put_manifest(NAME, Bytes::new(), media_type::OCI_MANIFEST);
    let error = rig.registry.fetch_manifest(&by_digest(&digest)).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Malformed, "{error}");
}

#[tokio::test]
async fn changed_bytes_contradict() {
    let rig = Rig::new();
    let manifest = push_image(&rig.registry, &content(1, 1000)).await;
    rig.server.store().set_tag(NAME, "1", manifest.digest());
    // A digit of a size: still a manifest, so that only the digest can tell.
    rig.fault(
        When::Always,
        What::tamper(|bytes| {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            text.replace("\"size\":1000", "\"size\":1001").into()
        }),
    );
    for pick in [by_tag("1"), by_digest(manifest.digest())] {
        let error = rig.registry.fetch_manifest(&pick).await.unwrap_err();
        assert_eq!(error.kind, RegistryErrorKind::Contradiction, "{error}");
        assert!(shown(&error).contains(&manifest.digest().to_string()), "{error}");
    }
}

#[tokio::test]
async fn a_manifest_of_five_mebibytes_is_refused() {
    let rig = Rig::new();
    let padding = "x".repeat(5 * 1024 * 1024);
    let document = json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_INDEX,
        "manifests": [],
        "annotations": {"padding": padding},
    });
    let bytes = Bytes::from(document.to_string());
    let digest = rig.server.store().put_manifest(NAME, bytes, media_type::OCI_INDEX);
    let error = rig.registry.fetch_manifest(&by_digest(&digest)).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Malformed, "{error}");
    assert_eq!(error.exit(), Exit::Contradiction);
    assert!(rig.registry.traffic().received < 5 * 1024 * 1024);
}

#[tokio::test]
async fn a_stored_manifest_that_is_none_is_malformed() {
    let rig = Rig::new();
    let twice = br#"{"schemaVersion":2,"manifests":[],"manifests":[]}"#;
    let bytes = Bytes::from_static(twice);
    let digest = rig.server.store().put_manifest(NAME, bytes, media_type::OCI_INDEX);
    let error = rig.registry.fetch_manifest(&by_digest(&digest)).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Malformed, "{error}");
}

#[tokio::test]
async fn ecr_refuses_with_its_own_words() {
    let rig = Rig::with(Options {
        dialect: Dialect::Ecr,
        repositories: Repositories::Listed(vec![NAME.to_owned()]),
        ..Options::default()
    });
    let body = r#"{"errors":[{"code":"UNSUPPORTED","message":"Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'"}]}"#;
    let what = What::Status { code: 405, headers: Vec::new(), body: body.into() };
    rig.fault(When::matching("PUT", "manifests"), what);
    let manifest = image(&content(1, 10));
    let error = rig.registry.push_manifest(&manifest, ManifestRole::Root).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Rejected, "{error}");
    assert!(error.found.contains("405") && error.found.contains("UNSUPPORTED"), "{error}");
    assert!(error.found.contains("Invalid JSON syntax"), "{error}");
}

#[tokio::test]
async fn a_repository_that_is_not_there_is_absent_to_read_and_an_error_to_write() {
    let rig = Rig::with(Options {
        repositories: Repositories::Listed(vec!["other".to_owned()]),
        ..Options::default()
    });
    assert_eq!(rig.registry.fetch_manifest(&by_tag("1")).await.unwrap(), None);
    let manifest = image(&content(1, 10));
    let error = rig.registry.push_manifest(&manifest, ManifestRole::Root).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::NoRepository, "{error}");
    assert!(error.found.contains("NAME_UNKNOWN") && error.fix.contains("create"), "{error}");
}

#[tokio::test]
async fn only_201_says_that_a_manifest_is_stored() {
    let rig = Rig::new();
    for what in [What::html(), What::status(202), What::status(204)] {
        rig.server.clear_faults();
        rig.fault(When::matching("PUT", "manifests"), what);
        let manifest = image(&content(1, 10));
        let error = rig.registry.push_manifest(&manifest, ManifestRole::Root).await.unwrap_err();
        assert_eq!(error.kind, RegistryErrorKind::Unreadable, "{error}");
    }
}

#[tokio::test]
async fn a_registry_that_stores_other_bytes_is_caught_by_its_digest() {
    let rig = Rig::new();
    let other = Digest::sha256_of(b"other").to_string();
    let headers = vec![("Docker-Content-Digest".to_owned(), other.clone())];
    let what = What::Status { code: 201, headers, body: Bytes::new() };
    rig.fault(When::matching("PUT", "manifests"), what);
    let manifest = image(&content(1, 10));
    let error = rig.registry.push_manifest(&manifest, ManifestRole::Root).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Contradiction, "{error}");
    assert!(error.found.contains(&other), "{error}");
}

#[tokio::test]
async fn a_manifest_without_a_media_type_within_takes_that_of_the_header() {
    let rig = Rig::new();
    // As umoci writes them.
    let document = json!({"schemaVersion": 2, "manifests": []});
    let bytes = Bytes::from(document.to_string());
    let digest = rig.server.store().put_manifest(NAME, bytes.clone(), media_type::OCI_INDEX);
    let found: RawManifest =
        rig.registry.fetch_manifest(&by_digest(&digest)).await.unwrap().unwrap();
    assert_eq!((found.bytes(), found.media_type()), (&bytes, media_type::OCI_INDEX));
}
