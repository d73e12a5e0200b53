//! The Referrers API.

use boltseal_core::{Digest, media_type};
use boltseal_testkit::registry::{NotFoundBody, Odd, Options, Referrers, Server, SubjectHeader};
use serde_json::{Value, json};

use crate::client::{digest_of, get, put_manifest, small_image};

const TYPE: &str = media_type::BUNDLE_V03;

fn evidence(server: &Server, subject: &Digest, number: usize) -> Value {
    let mut manifest = small_image(server, "app", &format!("evidence {number}"));
    manifest["artifactType"] = json!(TYPE);
    manifest["annotations"] = json!({"number": number.to_string()});
    manifest["subject"] =
        json!({"mediaType": media_type::OCI_MANIFEST, "digest": subject, "size": 1});
    manifest
}

#[test]
fn lists_what_refers_to_a_subject_that_need_not_exist() {
    let server = Server::start_blocking(Options::default());
    let subject = Digest::sha256_of(b"not there yet");
    let typed = evidence(&server, &subject, 1);
    let mut untyped = evidence(&server, &subject, 2);
    untyped["artifactType"].take();
    for manifest in [&typed, &untyped] {
        let reply = put_manifest(&server, "app", &digest_of(manifest).to_string(), manifest);
        assert_eq!(reply.header("oci-subject"), Some(subject.to_string().as_str()));
    }
    let listed = get(&server, &format!("/v2/app/referrers/{subject}"));
    assert_eq!(listed.header("content-type"), Some(media_type::OCI_INDEX));
    assert_eq!(listed.header("oci-filters-applied"), None);
    let document = listed.json();
    let entry = |manifest: &Value| {
        let digest = json!(digest_of(manifest));
        let entries = document["manifests"].as_array().unwrap();
        entries.iter().find(|it| it["digest"] == digest).unwrap()
    };
    assert_eq!(entry(&typed)["artifactType"], TYPE);
    assert_eq!(entry(&typed)["annotations"], json!({"number": "1"}));
    assert_eq!(entry(&typed)["size"], typed.to_string().len());
    assert_eq!(entry(&untyped)["artifactType"], media_type::OCI_CONFIG);

    let filtered = get(&server, &format!("/v2/app/referrers/{subject}?artifactType={TYPE}"));
    assert_eq!(filtered.header("oci-filters-applied"), Some("artifactType"));
    // A plus sign in a query is a space, for all servers that read forms.
    assert_eq!(filtered.json()["manifests"], json!([]));
    let escaped = TYPE.replace('+', "%2B");
    let filtered = get(&server, &format!("/v2/app/referrers/{subject}?artifactType={escaped}"));
    assert_eq!(filtered.json()["manifests"].as_array().unwrap().len(), 1);
}

#[test]
fn an_empty_list_is_an_index() {
    let server = Server::start_blocking(Options::default());
    let listed = get(&server, &format!("/v2/app/referrers/{}", Digest::sha256_of(b"")));
    assert_eq!((listed.status, &listed.json()["manifests"]), (200, &json!([])));
}

#[test]
fn pages_are_linked() {
    let server = Server::start_blocking(Options { page_size: Some(2), ..Options::default() });
    let subject = Digest::sha256_of(b"subject");
    for number in 0..5 {
        let manifest = evidence(&server, &subject, number);
        put_manifest(&server, "app", &digest_of(&manifest).to_string(), &manifest);
    }
    let mut target = Some(format!("/v2/app/referrers/{subject}"));
    let mut seen = Vec::new();
    while let Some(this) = target {
        let page = get(&server, &this);
        let document = page.json();
        let entries = document["manifests"].as_array().unwrap();
        assert!(entries.len() <= 2);
        seen.extend(entries.iter().map(|it| it["digest"].clone()));
        let next = page.header("link").map(|link| {
            let (path, rel) = link.split_once('>').unwrap();
            assert_eq!(rel, "; rel=\"next\"");
            path.trim_start_matches('<').to_owned()
        });
        target = next;
    }
    seen.dedup();
    assert_eq!(seen.len(), 5);
}

#[test]
fn can_be_another_kind_of_registry() {
    let answer = |referrers| {
        let server = Server::start_blocking(Options { referrers, ..Options::default() });
        let manifest = evidence(&server, &Digest::sha256_of(b"s"), 1);
        let put = put_manifest(&server, "app", "1", &manifest);
        assert_eq!(put.header("oci-subject"), None);
        let reply = get(&server, &format!("/v2/app/referrers/{}", Digest::sha256_of(b"s")));
        let kind = reply.header("content-type").unwrap_or_default().to_owned();
        (reply.status, kind, reply.body.len())
    };
    let none = |body| answer(Referrers::None404 { body });
    assert_eq!(none(NotFoundBody::Empty), (404, String::new(), 0));
    assert!(none(NotFoundBody::Plain).1.starts_with("text/plain"));
    assert_eq!(none(NotFoundBody::Xml).1, "application/xml");
    assert_eq!(answer(Referrers::None405).0, 405);
    assert_eq!(answer(Referrers::None501).0, 501);
    let odd = |odd| answer(Referrers::Odd(odd));
    assert_eq!(odd(Odd::BadRequest400).0, 400);
    assert_eq!(odd(Odd::NotAcceptable406).0, 406);
    assert_eq!(odd(Odd::Empty200), (200, media_type::OCI_INDEX.to_owned(), 0));
    assert_eq!(odd(Odd::Html200).1, "text/html");
    assert_eq!(odd(Odd::WrongType200).1, "text/plain");
}

#[test]
fn the_header_can_lie() {
    for (oci_subject_header, referrers, said) in [
        (SubjectHeader::Never, Referrers::Api, false),
        (SubjectHeader::Always, Referrers::None405, true),
    ] {
        let server =
            Server::start_blocking(Options { oci_subject_header, referrers, ..Options::default() });
        let manifest = evidence(&server, &Digest::sha256_of(b"s"), 1);
        let put = put_manifest(&server, "app", "1", &manifest);
        assert_eq!(put.header("oci-subject").is_some(), said);
    }
}
