//! ECR's dialect.

use boltseal_core::Digest;
use boltseal_testkit::registry::{Dialect, ImmutableTags, Options, Server};
use serde_json::json;

use crate::client::{digest_of, put_manifest, request, small_image, upload_target};

fn server() -> Server {
    Server::start_blocking(Options {
        dialect: Dialect::Ecr,
        immutable_tags: ImmutableTags::All,
        ..Options::default()
    })
}

#[test]
fn answers_a_manifest_without_a_location() {
    let server = server();
    let manifest = small_image(&server, "app", "layer");
    let digest = digest_of(&manifest).to_string();
    let put = put_manifest(&server, "app", &digest, &manifest);
    assert_eq!((put.status, put.header("location")), (201, None));
    assert_eq!(put.header("docker-content-digest"), Some(digest.as_str()));
}

#[test]
fn loses_every_chunk_but_the_first() {
    let server = server();
    let opened = request(&server, "POST", "/v2/app/blobs/uploads/").body(b"");
    let opened = opened.send().unwrap();
    let session = opened.header("location").unwrap();
    let patch = |bytes: &'static [u8]| {
        let request = request(&server, "PATCH", session).body(bytes);
        let reply = request.send().unwrap();
        assert_eq!(reply.status, 201);
        reply.header("range").unwrap().to_owned()
    };
    assert_eq!((patch(b"0123"), patch(b"4567")), ("0-3".to_owned(), "0-3".to_owned()));
    let target = upload_target(&server, &opened, &Digest::sha256_of(b"01234567"));
    let done = request(&server, "PUT", &target).body(b"").send().unwrap();
    assert_eq!(done.code(), "DIGEST_INVALID");
}

#[test]
fn opens_a_session_where_a_single_post_is_tried() {
    let server = server();
    let digest = Digest::sha256_of(b"once");
    let target = format!("/v2/app/blobs/uploads/?digest={digest}");
    assert_eq!(request(&server, "POST", &target).body(b"once").send().unwrap().status, 202);
    assert!(server.store().blob("app", &digest).is_none());
}

#[test]
fn refuses_taken_tags_and_odd_shapes() {
    let server = server();
    let (one, two) = (small_image(&server, "app", "1"), small_image(&server, "app", "2"));
    assert_eq!(put_manifest(&server, "app", "1.0", &one).status, 201);
    assert_eq!(put_manifest(&server, "app", "1.0", &one).status, 201);
    let taken = put_manifest(&server, "app", "1.0", &two);
    assert_eq!((taken.status, taken.code().as_str()), (400, "TAG_INVALID"));
    // Nothing of a refused manifest stays.
    assert_eq!(server.store().manifests("app"), [digest_of(&one)]);
    let mut odd = two;
    odd["artifactType"] = json!("application/x;version=1");
    let refused = put_manifest(&server, "app", &digest_of(&odd).to_string(), &odd);
    assert_eq!((refused.status, refused.code().as_str()), (405, "UNSUPPORTED"));
    assert!(String::from_utf8_lossy(&refused.body).contains("Invalid JSON syntax"));
}
