//! Pushing and pulling.

use boltseal_core::{Algorithm, Digest, Hasher, media_type};
use boltseal_testkit::registry::{
    Area, ImmutableTags, Locations, Mounts, Options, Repositories, Server, Validation,
};
use serde_json::json;

use crate::client::{
    digest_of, get, push_blob, put_blob, put_manifest, request, small_image, upload_target,
};

fn server() -> Server {
    Server::start_blocking(Options::default())
}

#[test]
fn gives_back_what_was_pushed() {
    let server = server();
    let manifest = small_image(&server, "team/app", "layer");
    let digest = digest_of(&manifest);
    let put = put_manifest(&server, "team/app", "1.0", &manifest);
    assert_eq!(put.status, 201);
    assert_eq!(put.header("docker-content-digest"), Some(digest.to_string().as_str()));
    for picked in ["1.0".to_owned(), digest.to_string()] {
        let target = format!("/v2/team/app/manifests/{picked}");
        let pulled = get(&server, &target);
        assert_eq!(pulled.body, manifest.to_string().as_bytes());
        assert_eq!(pulled.header("content-type"), Some(media_type::OCI_MANIFEST));
        let head = request(&server, "HEAD", &target).send().unwrap();
        assert_eq!(head.header("content-length"), pulled.header("content-length"));
    }
    let layer = Digest::sha256_of(b"layer");
    assert_eq!(get(&server, &format!("/v2/team/app/blobs/{layer}")).body, b"layer");
    assert_eq!(server.store().tag("team/app", "1.0"), Some(digest));
}

#[test]
fn serves_ranges() {
    let server = server();
    let digest = push_blob(&server, "app", b"0123456789");
    let ask = |range: &str| {
        let target = format!("/v2/app/blobs/{digest}");
        let request = request(&server, "GET", &target).with("Range", range);
        request.send().unwrap()
    };
    let part = ask("bytes=2-4");
    assert_eq!((part.status, part.body.as_slice()), (206, b"234".as_slice()));
    assert_eq!(part.header("content-range"), Some("bytes 2-4/10"));
    assert_eq!(ask("bytes=10-").status, 416);
}

#[test]
fn refuses_what_does_not_match_its_digest() {
    let server = server();
    let other = Digest::sha256_of(b"other");
    let reply = put_blob(&server, "app", b"bytes", &other);
    assert_eq!((reply.status, reply.code().as_str()), (400, "DIGEST_INVALID"));
    let manifest = small_image(&server, "app", "layer");
    let reply = put_manifest(&server, "app", &other.to_string(), &manifest);
    assert_eq!((reply.status, reply.code().as_str()), (400, "DIGEST_INVALID"));
    assert!(server.store().manifests("app").is_empty());
}

#[test]
fn refuses_a_manifest_whose_blobs_or_children_are_missing() {
    let server = server();
    let mut manifest = small_image(&server, "app", "layer");
    manifest["layers"][0]["digest"] = json!(Digest::sha256_of(b"absent"));
    let reply = put_manifest(&server, "app", "1", &manifest);
    assert_eq!(reply.code(), "MANIFEST_BLOB_UNKNOWN");
    let index = json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_INDEX,
        "manifests": [{
            "mediaType": media_type::OCI_MANIFEST, "digest": digest_of(&manifest), "size": 1,
        }],
    });
    let reply = put_manifest(&server, "app", "1", &index);
    assert_eq!(reply.code(), "MANIFEST_BLOB_UNKNOWN");
    assert!(server.store().tags("app").is_empty());

    let lax = Server::start_blocking(Options { validation: Validation::Lax, ..Options::default() });
    assert_eq!(put_manifest(&lax, "app", "1", &index).status, 201);
}

#[test]
fn refuses_a_manifest_that_contradicts_itself() {
    let server = server();
    let mut manifest = small_image(&server, "app", "layer");
    manifest["mediaType"] = json!(media_type::OCI_INDEX);
    assert_eq!(put_manifest(&server, "app", "1", &manifest).code(), "MANIFEST_INVALID");
    manifest["mediaType"] = json!("text/plain");
    assert_eq!(put_manifest(&server, "app", "1", &manifest).code(), "MANIFEST_INVALID");
    let long = json!({"padding": "x".repeat(5 * 1024 * 1024)});
    assert_eq!(put_manifest(&server, "app", "1", &long).status, 413);
}

#[test]
fn hides_a_manifest_from_those_who_do_not_accept_it() {
    let server = server();
    let manifest = small_image(&server, "app", "layer");
    put_manifest(&server, "app", "1", &manifest);
    let ask = |accept: &str| {
        let request = request(&server, "GET", "/v2/app/manifests/1").with("Accept", accept);
        request.send().unwrap().status
    };
    assert_eq!(ask(media_type::DOCKER_MANIFEST), 404);
    assert_eq!(ask(&media_type::MANIFESTS.join(", ")), 200);
    assert_eq!(ask("*/*"), 200);
}

#[test]
fn takes_chunks() {
    let server = server();
    let opened = request(&server, "POST", "/v2/app/blobs/uploads/").body(b"").send().unwrap();
    let session = opened.header("location").unwrap().to_owned();
    let patch = |range: &str, bytes: &[u8]| {
        let request = request(&server, "PATCH", &session).with("Content-Range", range);
        request.body(bytes).send().unwrap()
    };
    assert_eq!(patch("0-3", b"0123").status, 202);
    assert_eq!(patch("9-9", b"9").status, 416);
    assert_eq!(patch("4-5", b"45").header("range"), Some("0-5"));
    assert_eq!(get(&server, &session).header("range"), Some("0-5"));
    let digest = Digest::sha256_of(b"01234567");
    let target = upload_target(&server, &opened, &digest);
    let done = request(&server, "PUT", &target).body(b"67").send().unwrap();
    assert_eq!(done.status, 201);
    assert_eq!(server.store().blob("app", &digest).unwrap(), "01234567");
    // A session ends with its blob.
    let again = request(&server, "PUT", &target).body(b"67").send().unwrap();
    assert_eq!(again.code(), "BLOB_UPLOAD_UNKNOWN");
}

#[test]
fn takes_one_chunk_and_an_empty_put() {
    let server = server();
    let patched = |digest: &Digest| {
        let opened = request(&server, "POST", "/v2/app/blobs/uploads/").body(b"");
        let opened = opened.send().unwrap();
        let session = opened.header("location").unwrap();
        assert_eq!(request(&server, "PATCH", session).body(b"all").send().unwrap().status, 202);
        let target = upload_target(&server, &opened, digest);
        request(&server, "PUT", &target).body(b"").send().unwrap().status
    };
    assert_eq!(patched(&Digest::sha256_of(b"other")), 400);
    let mut hasher = Hasher::new(Algorithm::Sha512);
    hasher.update(b"all");
    for digest in [Digest::sha256_of(b"all"), hasher.finish()] {
        assert_eq!(patched(&digest), 201);
        assert_eq!(server.store().blob("app", &digest).unwrap(), "all");
    }
}

#[test]
fn takes_a_blob_in_one_post_and_by_mount() {
    let server = server();
    let digest = Digest::sha256_of(b"once");
    let target = format!("/v2/base/blobs/uploads/?digest={digest}");
    assert_eq!(request(&server, "POST", &target).body(b"once").send().unwrap().status, 201);
    let mount = |server: &Server, to: &str| {
        let target = format!("/v2/{to}/blobs/uploads/?mount={digest}&from=base");
        request(server, "POST", &target).body(b"").send().unwrap()
    };
    assert_eq!(mount(&server, "app").status, 201);
    assert_eq!(server.store().blob("app", &digest).unwrap(), "once");

    let never =
        Server::start_blocking(Options { mounts: Mounts::Session202, ..Options::default() });
    push_blob(&never, "base", b"once");
    let opened = mount(&never, "app");
    assert_eq!(opened.status, 202);
    let target = upload_target(&never, &opened, &digest);
    assert_eq!(request(&never, "PUT", &target).body(b"once").send().unwrap().status, 201);
}

#[test]
fn every_form_of_location_works() {
    for locations in [Locations::Absolute, Locations::Relative, Locations::WithQuery] {
        let server = Server::start_blocking(Options { locations, ..Options::default() });
        push_blob(&server, "app", b"bytes");
    }
}

#[test]
fn keeps_large_blobs_in_files() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start_blocking(Options {
        blob_dir: Some(directory.path().to_owned()),
        ..Options::default()
    });
    let files = || std::fs::read_dir(directory.path()).unwrap().count();
    let small = push_blob(&server, "app", b"small");
    assert_eq!(files(), 0);
    let large = vec![7; 3 * 1024 * 1024 + 5];
    let digest = push_blob(&server, "app", &large);
    assert_eq!(files(), 1);
    assert_eq!(get(&server, &format!("/v2/app/blobs/{digest}")).body, large);
    assert_eq!(get(&server, &format!("/v2/app/blobs/{small}")).body, b"small");
    server.store().remove_blob("app", &digest);
    assert_eq!(files(), 0);
}

#[test]
fn lists_tags_page_by_page() {
    let server = server();
    let manifest = small_image(&server, "app", "layer");
    for tag in ["c", "a", "b"] {
        put_manifest(&server, "app", tag, &manifest);
    }
    let first = get(&server, "/v2/app/tags/list?n=2");
    assert_eq!(first.json()["tags"], json!(["a", "b"]));
    let link = first.header("link").unwrap();
    let next = link.trim_start_matches('<').split('>').next().unwrap();
    let second = get(&server, next);
    assert_eq!(second.json()["tags"], json!(["c"]));
    assert_eq!(second.header("link"), None);
    assert_eq!(get(&server, "/v2/other/tags/list").code(), "NAME_UNKNOWN");
}

#[test]
fn fixed_tags_do_not_move() {
    let server = Server::start_blocking(Options {
        immutable_tags: ImmutableTags::Except(vec!["sha256-*".to_owned()]),
        ..Options::default()
    });
    let (one, two) = (small_image(&server, "app", "1"), small_image(&server, "app", "2"));
    for tag in ["1.0", "sha256-x"] {
        assert_eq!(put_manifest(&server, "app", tag, &one).status, 201);
        assert_eq!(put_manifest(&server, "app", tag, &one).status, 201);
    }
    assert_eq!(put_manifest(&server, "app", "1.0", &two).status, 412);
    assert_eq!(put_manifest(&server, "app", "sha256-x", &two).status, 201);
    assert_eq!(server.store().tag("app", "1.0"), Some(digest_of(&one)));
}

#[test]
fn knows_its_repositories() {
    let server = Server::start_blocking(Options {
        repositories: Repositories::Listed(vec!["app".to_owned()]),
        ..Options::default()
    });
    push_blob(&server, "app", b"x");
    let refused = request(&server, "POST", "/v2/other/blobs/uploads/").body(b"");
    assert_eq!(refused.send().unwrap().code(), "NAME_UNKNOWN");
}

#[test]
fn deletes() {
    let server = server();
    let manifest = small_image(&server, "app", "layer");
    for tag in ["1", "2"] {
        put_manifest(&server, "app", tag, &manifest);
    }
    let delete = |target: &str| request(&server, "DELETE", target).send().unwrap().status;
    assert_eq!(delete("/v2/app/manifests/1"), 202);
    assert_eq!(delete("/v2/app/manifests/1"), 404);
    assert_eq!(get(&server, "/v2/app/manifests/2").status, 200);
    assert_eq!(delete(&format!("/v2/app/manifests/{}", digest_of(&manifest))), 202);
    assert_eq!(get(&server, "/v2/app/manifests/2").status, 404);
    let blob = format!("/v2/app/blobs/{}", Digest::sha256_of(b"layer"));
    assert_eq!((delete(&blob), delete(&blob)), (202, 404));
}

#[test]
fn records_every_request() {
    let server = server();
    push_blob(&server, "app", b"bytes");
    get(&server, "/v2/?x=1");
    let requests = server.requests();
    let seen: Vec<_> = requests.iter().map(|it| (it.method.as_str(), it.area, it.status)).collect();
    assert_eq!(
        seen,
        [
            ("POST", Area::Upload, Some(202)),
            ("PUT", Area::Upload, Some(201)),
            ("GET", Area::Base, Some(200)),
        ]
    );
    assert_eq!((requests[1].bytes_in, requests[2].bytes_out), (5, 2));
    assert_eq!(requests[2].query, "x=1");
    let counts = server.counts();
    assert_eq!((counts.reads, counts.writes, counts.blobs), (1, 2, 2));
    let digest = Digest::sha256_of(b"bytes");
    assert_eq!(server.store().writes_per_blob("app")[&digest], 1);
    server.reset_recording();
    assert_eq!(server.counts().requests(), 0);
}
