//! The binary that the action fetches: nothing is executed whose hash is not the pinned one, and
//! nothing is used whose bundle does not verify.

use std::fs;

use boltseal_core::Digest;

use super::act::{Act, Ran};
use super::release::release;
use super::workflow::Workflow;
use crate::account::options;
use crate::file_server::{Answer, FileServer};
use crate::job::Job;
use crate::key::Key;
use crate::published::{Published, bundle, name, private_key};

fn workflow(published: &Published, job: &Job, key: &Key, server: &FileServer) -> Workflow {
    let workflow = release(job, key).without("boltseal-path");
    published.inputs(server).iter().fold(workflow, |it, (name, value)| it.with(name, value))
}

/// What is refused: the files that differ, the exit code, what is said, and what was run by then.
struct Refused<'r> {
    files: Vec<(String, Option<Answer>)>,
    code: i32,
    says: &'r str,
    runs: &'r [&'r str],
}

fn run(
    act: &Act<'_>,
    key: &Key,
    published: &Published,
    differ: &[(String, Option<Answer>)],
) -> Ran {
    let server = published.serve(differ);
    act.push(&workflow(published, act.job(), key, &server))
}

#[test]
fn what_was_published_releases() {
    let (job, key) = (Job::new(options()), Key::p256());
    let published = Published::new(&job);
    let ran = run(&Act::new(&job), &key, &published, &[]).exits(0);
    assert_eq!(ran.output("outcome"), "released");
    assert_eq!(published.runs(), ["verify-blob", "release"]);
}

#[test]
fn what_was_not_published_is_not_run() {
    let (job, key) = (Job::new(options()), Key::p256());
    let published = Published::new(&job);
    let act = Act::new(&job);
    let other = private_key(job.path());
    let (binary, proof) = (format!("/{}", name()), format!("/{}.sigstore.json", name()));
    let file = |bytes: &[u8]| Some(Answer::File(bytes.to_vec()));
    let elsewhere = |to: &str| Some(Answer::Elsewhere(to.to_owned()));
    let bundled = |key, bytes: &[u8]| file(&bundle(key, bytes));
    let about_another = bundled(&other, b"another file");
    for (at, refused) in [
        Refused {
            files: vec![(binary.clone(), file(&[&published.binary[..], b"\n"].concat()))],
            code: 30,
            says: "with the SHA-256",
            runs: &[],
        },
        Refused { files: vec![(binary.clone(), None)], code: 21, says: "404", runs: &[] },
        Refused { files: vec![(proof.clone(), None)], code: 21, says: "404", runs: &[] },
        Refused {
            files: vec![(binary.clone(), elsewhere("file:///bin/true"))],
            code: 21,
            says: "expected a file at",
            runs: &[],
        },
        Refused {
            files: vec![(binary, Some(Answer::Endless))],
            code: 21,
            says: "expected a file at",
            runs: &[],
        },
        Refused {
            files: vec![(proof.clone(), bundled(&other, &published.binary))],
            code: 11,
            says: "one that does not verify",
            runs: &["verify-blob"],
        },
        Refused {
            files: vec![(proof.clone(), about_another)],
            code: 11,
            says: "one that does not verify",
            runs: &["verify-blob"],
        },
        Refused {
            files: vec![(proof, file(b"{}"))],
            code: 11,
            says: "one that does not verify",
            runs: &["verify-blob"],
        },
    ]
    .into_iter()
    .enumerate()
    {
        let ran = run(&act, &key, &published, &refused.files).exits(refused.code);
        let errors = ran.annotations("error").concat();
        assert!(errors.contains(refused.says), "{at}: {}", ran.told());
        assert_eq!(published.runs(), refused.runs, "{at}: {}", ran.told());
        job.left_nothing();
    }
}

#[test]
fn downloads_that_are_asked_for_wrongly() {
    let (job, key) = (Job::new(options()), Key::p256());
    let published = Published::new(&job);
    let server = FileServer::start(published.files());
    let act = Act::new(&job);
    let workflow = workflow(&published, &job, &key, &server);
    for (name, value, says) in [
        ("download-base-url", "http://mirror.example", "expected https://"),
        ("download-base-url", "-o/tmp/x", "expected https://"),
        ("download-base-url", "https://me:secret@mirror.example", "a name or a password"),
        ("download-base-url", "", "found: nothing"),
        ("download-sha256", "ABC", "64 digits"),
        ("download-sha256", "", "pins no boltseal for"),
        ("download-key", "absent.pub", "absent.pub"),
        ("download-key", "", "boltseal.pub"),
        ("boltseal-path", "/bin/true", "nothing is fetched"),
    ] {
        let ran = act.push(&workflow.clone().with(name, value)).exits(2);
        let errors = ran.annotations("error").concat();
        assert!(errors.contains(says), "{name}={value}: {}", ran.told());
        assert!(!errors.contains("secret"), "{errors}");
    }
    assert_eq!(server.asked(), [""; 0]);
    assert_eq!(published.runs(), [""; 0]);
}

/// As it will be once there is a release: the action pins it, and it is at its repository.
#[test]
fn the_release_that_the_action_pins() {
    let (job, key) = (Job::new(options()), Key::p256());
    let published = Published::new(&job);
    let act = Act::new(&job).known_as("v1");
    let folder = job.path().join("tool/workflows/github");
    let hash = Digest::sha256_of(&published.binary);
    let platform = name().replace("boltseal-", "");
    let pinned = format!("# pinned\nversion 1.2.3\n{platform} {}\n", hash.hex());
    fs::write(folder.join("pinned.txt"), pinned).unwrap();
    fs::copy(&published.key, folder.join("boltseal.pub")).unwrap();
    let place =
        |(path, answer)| (format!("/OWNER/boltseal/releases/download/v1.2.3{path}"), answer);
    let server = FileServer::start(published.files().into_iter().map(place).collect());
    let mut variables = job.cloud.github_job();
    variables.retain(|(name, _)| name != "GITHUB_SERVER_URL");
    variables.push(("GITHUB_SERVER_URL".to_owned(), server.origin()));
    let workflow =
        release(&job, &key).without("boltseal-path").using("OWNER/boltseal/workflows/github@v1");
    let ran = act.run("push", &workflow, &variables).exits(0);
    assert_eq!(ran.output("outcome"), "released");
    assert_eq!(published.runs(), ["verify-blob", "release"]);
}
