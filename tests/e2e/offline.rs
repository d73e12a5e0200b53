//! `--offline` opens no socket: the kernel is the witness.

use boltseal_core::{Digest, Kind, Statement, Subject, media_type};
use boltseal_crypto::{Bundle, Envelope, PrivateKey, pae};
use boltseal_testkit::registry::{Options, Server};
use serde_json::json;

use crate::kernel::{Traced, trace};
use crate::scene::{ALL, NAME, Scene};

/// The fewest system calls that a command makes which does its work.
const FEWEST_CALLS: usize = 200;

/// A layout with a release, its evidence file, and a file with its bundle.
fn offline_scene() -> Scene {
    let scene = Scene::new();
    let sandbox = &scene.sandbox;
    let words = ["release", "oci:image", "--to", "oci:out:1", "--key", "k.key"];
    let more = ["--scan", "image.json", "--evidence-file", "e.tar"];
    sandbox.boltseal(&[&words[..], &more].concat()).exits(0);
    sandbox.write("note", "a note\n");
    let key = PrivateKey::from_pem(sandbox.read("k.key").as_bytes(), Some(b"")).unwrap();
    let kind = Kind::Other("https://example.com/note/v1".to_owned());
    let subject = Subject::of("note", &Digest::sha256_of(b"a note\n"));
    let payload = Statement::new(subject, &kind, json!({})).to_payload();
    let signature = key.sign(&pae(media_type::IN_TOTO, &payload)).unwrap();
    let envelope = Envelope::new(media_type::IN_TOTO, payload, signature);
    sandbox.write("note.bundle", Bundle::sealed(&key.public_key().hint(), &envelope));
    scene
}

#[track_caller]
fn opens_none(scene: &Scene, line: &str) -> Traced {
    let words: Vec<&str> = line.split(' ').collect();
    let traced = trace(&scene.sandbox, &words);
    assert_eq!(traced.run.code, 0, "{line}: {traced:?}");
    assert!(traced.calls >= FEWEST_CALLS, "{line}: only {} calls were seen", traced.calls);
    assert_eq!(traced.sockets, [""; 0], "{line}");
    traced
}

#[test]
fn no_command_opens_a_socket() {
    let scene = offline_scene();
    let verify = format!("--key k.pub --require {ALL} --offline --format json");
    for target in ["evidence:e.tar", "oci:out:1", "oci:out"] {
        let traced = opens_none(&scene, &format!("verify {target} {verify}"));
        assert_eq!(traced.run.json()["outcome"], "verified");
    }
    opens_none(&scene, "verify-blob note --bundle note.bundle --key k.pub --offline");
    let release = "--key k.key --scan image.json --evidence-file f.tar --offline --format json";
    for (to, outcome) in [("oci:new:1", "released"), ("oci:new:1", "already-released")] {
        let traced = opens_none(&scene, &format!("release oci:image --to {to} {release}"));
        assert_eq!(traced.run.json()["outcome"], outcome);
    }
    // A verdict about a release to a registry and by keys that nobody may ask.
    let judge = "--to registry.example.com/app:1 --key awskms:///alias/release --scan image.json \
                 --scan ecr --dry-run --offline --format json";
    let traced = opens_none(&scene, &format!("release oci:image {judge}"));
    assert_eq!(traced.run.json()["outcome"], "planned");
    let promote = "--key k.pub --promotion-key k.key --offline --format json";
    let traced = opens_none(&scene, &format!("promote oci:out:1 oci:prod:1 {promote}"));
    assert_eq!(traced.run.json()["outcome"], "promoted");
    opens_none(&scene, "inspect oci:out:1 --offline");
    opens_none(&scene, "sbom oci:image --offline");
}

/// The witness is awake: it sees a connection, and a look-up of a name.
#[test]
fn the_witness_sees_a_socket() {
    let scene = Scene::new();
    let server = Server::start_blocking(Options::default());
    crate::harness::Run::of(scene.release(&server, "image").output()).exits(0);
    let target = format!("{}@{}", server.repository(NAME), scene.image.digest());
    let traced = trace(&scene.sandbox, &["verify", &target, "--key", "k.pub"]);
    assert_eq!(traced.run.code, 0, "{traced:?}");
    for call in ["socket", "connect"] {
        assert!(traced.sockets.iter().any(|it| it.starts_with(call)), "{traced:?}");
    }

    let words = ["verify", "registry.invalid/app:1", "--key", "k.pub", "--patience", "1"];
    let traced = trace(&scene.sandbox, &words);
    assert_eq!(traced.run.code, 21, "{traced:?}");
    assert!(traced.sockets.iter().any(|it| it.starts_with("socket")), "{traced:?}");
}
