//! Looking into the store, and tampering.

use boltseal_core::{Descriptor, Digest, media_type};
use boltseal_testkit::image::{IndexBuilder, debian_like};
use boltseal_testkit::registry::{Options, Server};
use bytes::Bytes;
use serde_json::json;

use crate::client::get;

#[test]
fn an_image_pushed_into_the_store_can_be_pulled() {
    let server = Server::start_blocking(Options::default());
    let image = IndexBuilder::new().child(debian_like()).buildkit_attestation().build();
    let digest = image.push_into(&server, "app", Some("1.0"));
    let pulled = get(&server, "/v2/app/manifests/1.0");
    assert_eq!(Digest::sha256_of(&pulled.body), digest);
    for child in image.manifests() {
        let pulled = get(&server, &format!("/v2/app/manifests/{}", child.digest()));
        assert_eq!(pulled.header("content-type"), Some(child.media_type.as_str()));
    }
    for (digest, bytes) in image.blobs() {
        assert_eq!(get(&server, &format!("/v2/app/blobs/{digest}")).body, bytes);
    }
    // Not a single request made the image, and none of it counts as written.
    assert!(server.requests().iter().all(|it| it.method == "GET"));
    assert!(server.store().writes_per_digest("app").is_empty());
}

#[test]
fn tampering_stays_under_the_old_digest_and_can_be_undone() {
    let server = Server::start_blocking(Options::default());
    let store = server.store();
    let image = debian_like();
    let subject = image.push_into(&server, "app", Some("1.0"));
    let evidence = json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_MANIFEST,
        "artifactType": media_type::BUNDLE_V03,
        "config": Descriptor::of(media_type::OCI_EMPTY, b"{}"),
        "layers": [],
        "subject": image.descriptor().bare(),
        "annotations": {"hint": "true"},
    });
    let digest = store.put_manifest("app", evidence.to_string().into(), media_type::OCI_MANIFEST);
    let before = store.snapshot();
    let listed = || get(&server, &format!("/v2/app/referrers/{subject}")).json();

    store.set_manifest_bytes("app", &digest, Bytes::from("not even JSON"));
    let fetched = get(&server, &format!("/v2/app/manifests/{digest}"));
    assert_eq!(fetched.body, b"not even JSON");
    assert_eq!(listed()["manifests"][0]["digest"], json!(digest));

    store.edit_referrer("app", &digest, |entry| {
        entry.annotations.insert("hint".to_owned(), "false".to_owned());
    });
    assert_eq!(listed()["manifests"][0]["annotations"]["hint"], "false");

    assert!(store.hide_referrer("app", &digest) && !store.hide_referrer("app", &digest));
    assert_eq!(listed()["manifests"], json!([]));

    store.restore(&before);
    assert_eq!(listed()["manifests"][0]["annotations"]["hint"], "true");
    assert_eq!(store.referrers_of("app", &subject).len(), 1);

    assert!(store.remove_manifest("app", &digest));
    assert_eq!(listed()["manifests"], json!([]));

    let layer = image.layers[0].descriptor.digest.clone();
    store.set_blob_bytes("app", &layer, Bytes::from("other"));
    assert_eq!(get(&server, &format!("/v2/app/blobs/{layer}")).body, b"other");
    assert!(store.remove_blob("app", &layer));
    assert_eq!(get(&server, &format!("/v2/app/blobs/{layer}")).code(), "BLOB_UNKNOWN");

    store.set_tag("app", "1.0", &digest);
    assert_eq!(get(&server, "/v2/app/manifests/1.0").status, 404);
    assert!(store.remove_tag("app", "1.0") && store.tags("app").is_empty());
}

#[tokio::test]
async fn starts_and_stops_inside_a_runtime() {
    let server = Server::start(Options::default()).await;
    let host = server.host().to_owned();
    assert!(tokio::net::TcpStream::connect(&host).await.is_ok());
    drop(server);
    assert!(tokio::net::TcpStream::connect(&host).await.is_err());
}
