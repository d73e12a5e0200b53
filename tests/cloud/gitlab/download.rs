//! The binary that the component fetches: nothing is executed whose hash is not the pinned one,
//! and nothing is used whose bundle does not verify.

use super::pipeline::Pipeline;
use super::release::release;
use super::runner::{Ran, Runner};
use crate::account::options;
use crate::file_server::{Answer, FileServer};
use crate::job::Job;
use crate::key::Key;
use crate::published::{Published, bundle, name, private_key};

fn pipeline(job: &Job, key: &Key, published: &Published, server: &FileServer) -> Pipeline {
    let pipeline = release(job, key).without("boltseal-path");
    published.inputs(server).iter().fold(pipeline, |it, (name, value)| it.with(name, value))
}

/// A release by what is served, where some of it differs.
fn fetched(job: &Job, published: &Published, differ: &[(String, Option<Answer>)]) -> Ran {
    let server = published.serve(differ);
    Runner::new(job).push(&pipeline(job, &Key::p256(), published, &server))
}

#[test]
fn what_was_published_releases() {
    let job = Job::new(options());
    let published = Published::new(&job);
    let ran = fetched(&job, &published, &[]).exits(0);
    assert_eq!(ran.variable("OUTCOME"), "released");
    assert_eq!(published.runs(), ["verify-blob", "release"]);
}

#[test]
fn what_was_not_published_is_not_run() {
    let job = Job::new(options());
    let published = Published::new(&job);
    let (binary, proof) = (format!("/{}", name()), format!("/{}.sigstore.json", name()));
    let other = private_key(job.path());
    let file = |bytes: &[u8]| Some(Answer::File(bytes.to_vec()));
    let more = [&published.binary[..], b"\n"].concat();
    let forged = bundle(&other, &published.binary);
    for (path, answer, code, says, runs) in [
        (&binary, file(&more), 30, "with the SHA-256", &[][..]),
        (&binary, None, 21, "expected a file at", &[]),
        (&proof, None, 21, "expected a file at", &[]),
        (&binary, Some(Answer::Elsewhere("file:///bin/true".to_owned())), 21, "a file at", &[]),
        (&binary, Some(Answer::Endless), 21, "expected a file at", &[]),
        (&proof, file(&forged), 11, "one that does not verify", &["verify-blob"]),
        (&proof, file(b"{}"), 11, "one that does not verify", &["verify-blob"]),
    ] {
        let ran = fetched(&job, &published, &[(path.clone(), answer)]).exits(code);
        assert!(ran.told().contains(says), "{path}: {says}: {}", ran.told());
        assert_eq!(published.runs(), runs, "{path}: {}", ran.told());
        job.left_nothing();
    }
}

#[test]
fn downloads_that_are_asked_for_wrongly() {
    let (job, key) = (Job::new(options()), Key::p256());
    let published = Published::new(&job);
    let server = FileServer::start(published.files());
    let runner = Runner::new(&job);
    let pipeline = pipeline(&job, &key, &published, &server);
    for (name, value, says) in [
        ("download-base-url", "http://mirror.example", "expected https://"),
        ("download-base-url", "-o/tmp/x", "expected https://"),
        ("download-base-url", "https://me:secret@mirror.example", "a name or a password"),
        ("download-base-url", "", "no boltseal is pinned for"),
        ("download-sha256", "ABC", "64 digits"),
        ("download-sha256", &"A".repeat(64), "64 digits"),
        ("download-sha256", "", "no boltseal is pinned for"),
        ("download-key", "absent.pub", "absent.pub"),
        ("download-key", "", "no boltseal is pinned for"),
        ("boltseal-path", "/bin/true", "nothing is fetched"),
    ] {
        let ran = runner.push(&pipeline.clone().with(name, value)).exits(2);
        assert!(ran.told().contains(says), "{name}={value}: {}", ran.told());
    }
    assert_eq!(server.asked(), [""; 0]);
    assert_eq!(published.runs(), [""; 0]);
}
