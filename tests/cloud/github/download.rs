//! The binary that the action fetches: nothing is executed whose hash is not the pinned one, and
//! nothing is used whose bundle does not verify.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use boltseal_core::{Digest, Kind, Statement, Subject, media_type};
use boltseal_crypto::{Bundle, Envelope, PrivateKey, pae};
use serde_json::json;

use super::act::{Act, Ran};
use super::file_server::{Answer, FileServer};
use super::release::release;
use super::workflow::Workflow;
use crate::account::options;
use crate::job::Job;
use crate::key::Key;
use crate::program::Program;

/// A boltseal that takes note of each run, the bundle of its release, and the key of that.
pub(crate) struct Published {
    pub(crate) binary: Vec<u8>,
    bundle: Vec<u8>,
    pub(crate) key: PathBuf,
    runs: PathBuf,
}

impl Published {
    pub(crate) fn new(job: &Job) -> Self {
        let runs = job.path().join("runs");
        // It is run without an environment.
        let binary = format!(
            "#!/bin/sh\necho \"$1\" >> {}\nexec {} \"$@\"\n",
            runs.display(),
            env!("CARGO_BIN_EXE_boltseal"),
        );
        let key = private_key(job.path());
        let public = job.path().join("release.pub");
        fs::write(&public, key.public_key().to_pem()).expect("a folder of our own");
        let bundle = bundle(&key, binary.as_bytes());
        Self { binary: binary.into_bytes(), bundle, key: public, runs }
    }

    /// What is served, by its path.
    pub(crate) fn files(&self) -> BTreeMap<String, Answer> {
        BTreeMap::from([
            (format!("/{}", name()), Answer::File(self.binary.clone())),
            (format!("/{}.sigstore.json", name()), Answer::File(self.bundle.clone())),
        ])
    }

    /// The first words of the runs.
    pub(crate) fn runs(&self) -> Vec<String> {
        let runs = fs::read_to_string(&self.runs).unwrap_or_default();
        runs.lines().map(str::to_owned).collect()
    }

    fn workflow(&self, job: &Job, key: &Key, server: &FileServer) -> Workflow {
        release(job, key)
            .without("boltseal-path")
            .with("download-base-url", &server.origin())
            .with("download-sha256", Digest::sha256_of(&self.binary).hex())
            .with("download-key", &self.key.display().to_string())
    }
}

/// The name of this machine's binary among the files of a release.
pub(crate) fn name() -> String {
    let machine = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    format!("boltseal-linux-{machine}")
}

/// A new key.
pub(crate) fn private_key(folder: &Path) -> PrivateKey {
    let words = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
    let pem = Program::on_path("openssl").run(folder, &[], &words).exits(0).stdout;
    PrivateKey::from_pem(pem.as_bytes(), None).expect("a key that openssl made")
}

/// A bundle about these bytes.
pub(crate) fn bundle(key: &PrivateKey, bytes: &[u8]) -> Vec<u8> {
    let kind = Kind::Other("https://example.com/release/v1".to_owned());
    let subject = Subject::of("boltseal", &Digest::sha256_of(bytes));
    let payload = Statement::new(subject, &kind, json!({})).to_payload();
    let signature = key.sign(&pae(media_type::IN_TOTO, &payload)).expect("a key that signs");
    let envelope = Envelope::new(media_type::IN_TOTO, payload, signature);
    Bundle::sealed(&key.public_key().hint(), &envelope)
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
    let mut files = published.files();
    for (path, answer) in differ {
        files.remove(path);
        files.extend(answer.clone().map(|answer| (path.clone(), answer)));
    }
    let server = FileServer::start(files);
    drop(fs::remove_file(&published.runs));
    act.push(&published.workflow(act.job(), key, &server))
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
    let workflow = published.workflow(&job, &key, &server);
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
