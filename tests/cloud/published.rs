use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use boltseal_core::{Digest, Kind, Statement, Subject, media_type};
use boltseal_crypto::{Bundle, Envelope, PrivateKey, pae};
use serde_json::json;

use crate::file_server::{Answer, FileServer};
use crate::job::Job;
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

    /// Serves it, but that these paths have another answer or none. Earlier runs are forgotten.
    pub(crate) fn serve(&self, differ: &[(String, Option<Answer>)]) -> FileServer {
        let mut files = self.files();
        for (path, answer) in differ {
            files.remove(path);
            files.extend(answer.clone().map(|answer| (path.clone(), answer)));
        }
        drop(fs::remove_file(&self.runs));
        FileServer::start(files)
    }

    /// The inputs by which a job fetches it from there.
    pub(crate) fn inputs(&self, server: &FileServer) -> [(&'static str, String); 3] {
        [
            ("download-base-url", server.origin()),
            ("download-sha256", Digest::sha256_of(&self.binary).hex().to_owned()),
            ("download-key", self.key.display().to_string()),
        ]
    }

    /// The first words of the runs.
    pub(crate) fn runs(&self) -> Vec<String> {
        let runs = fs::read_to_string(&self.runs).unwrap_or_default();
        runs.lines().map(str::to_owned).collect()
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
