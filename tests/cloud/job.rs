use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use boltseal_core::Digest;
use boltseal_testkit::cloud::{Claims, Cloud, Options};
use boltseal_testkit::image::{BuiltImage, debian_like};
use boltseal_testkit::report;
use tempfile::TempDir;

use crate::account::{ACCOUNT, REGION};
use crate::finished::Finished;
use crate::key::Key;
use crate::program::Program;

/// The repository that is released to.
pub(crate) const NAME: &str = "team/app";
/// The audience of tokens for AWS.
pub(crate) const AUDIENCE: &str = "sts.amazonaws.com";

/// An account, and a CI job's folder with an image and a clean report of it. Everything runs at
/// the highest verbosity; when this is dropped, nothing that was printed or written may hold a
/// secret.
pub(crate) struct Job {
    pub(crate) cloud: Cloud,
    pub(crate) image: BuiltImage,
    folder: TempDir,
    said: Mutex<Vec<String>>,
}

impl Job {
    pub(crate) fn new(options: Options) -> Self {
        Self::with(options, debian_like())
    }

    pub(crate) fn with(options: Options, image: BuiltImage) -> Self {
        let cloud = Cloud::start(options).expect("good policies");
        let folder = tempfile::tempdir().expect("a temporary folder");
        image.write_layout(&folder.path().join("image"), None).expect("a layout");
        let report = report::trivy(&image, &[]);
        fs::write(folder.path().join("scan.json"), report).expect("a file in a folder of our own");
        Self { cloud, image, folder, said: Mutex::default() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// `HOST/team/app:TAG`.
    pub(crate) fn tagged(&self, tag: &str) -> String {
        format!("{}:{tag}", self.cloud.repository(NAME))
    }

    /// The words of a release of the image to the tag `1.0`, gated by the clean report.
    pub(crate) fn release(&self, key: &Key, more: &[&str]) -> Vec<String> {
        self.release_gated(key, &[&["--scan", "scan.json"], more].concat())
    }

    /// The same with whatever gates it among `more`.
    pub(crate) fn release_gated(&self, key: &Key, more: &[&str]) -> Vec<String> {
        let (to, key, role) = (self.tagged("1.0"), key.uri(), self.cloud.role_arn("release"));
        let words = ["release", "oci:image", "--to", &to, "--key", &key, "--role", &role];
        let guard = ["--region", REGION, "--audience", AUDIENCE, "--allowed-account", ACCOUNT];
        let words = [&words[..], &guard, &["--format", "json"], more].concat();
        words.into_iter().map(str::to_owned).collect()
    }

    /// Runs boltseal in a job of GitHub.
    pub(crate) fn github(&self, words: &[String]) -> Finished {
        self.run(&self.cloud.github_job(), words)
    }

    /// Runs boltseal in a job of GitLab with a token for AWS.
    pub(crate) fn gitlab(&self, words: &[String]) -> Finished {
        let claims = Claims::gitlab("acme/app", "main").audience(AUDIENCE);
        self.run(&self.cloud.gitlab_job(&claims), words)
    }

    /// Runs boltseal with these variables, at the highest verbosity.
    pub(crate) fn run(&self, variables: &[(String, String)], words: &[String]) -> Finished {
        let words = [words, &["-vv".to_owned()]].concat();
        let program = Program::present(env!("CARGO_BIN_EXE_boltseal").into(), "boltseal");
        let finished = program.run(self.path(), variables, &words);
        self.hear([finished.stdout.clone(), finished.stderr.clone()]);
        finished
    }

    /// Takes note of what was printed: no secret may be in it.
    pub(crate) fn hear(&self, texts: impl IntoIterator<Item = String>) {
        self.said.lock().expect("no test panics while it holds this").extend(texts);
    }

    /// What the tag points at.
    pub(crate) fn tag(&self, tag: &str) -> Option<Digest> {
        self.cloud.registry().store().tag(NAME, tag)
    }

    /// Demands that nothing was written to the registry but parts of uploads.
    #[track_caller]
    pub(crate) fn left_nothing(&self) {
        let store = self.cloud.registry().store();
        assert!(store.manifests(NAME).is_empty() && store.tags(NAME).is_empty());
        assert!(store.blobs(NAME).is_empty());
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let mut places: Vec<(String, Vec<u8>)> = Vec::new();
        let said = self.said.get_mut().expect("no test panics while it holds this");
        places.extend(said.drain(..).map(|it| ("what was printed".to_owned(), it.into_bytes())));
        for file in files(self.folder.path()) {
            places.push((file.display().to_string(), fs::read(&file).unwrap_or_default()));
        }
        for repository in self.cloud.registry().store().repositories() {
            let store = self.cloud.registry().store();
            for digest in store.manifests(&repository) {
                let bytes = store.manifest(&repository, &digest).unwrap_or_default();
                places.push((format!("the manifest {digest}"), bytes.to_vec()));
            }
            for digest in store.blobs(&repository) {
                let bytes = store.blob(&repository, &digest).unwrap_or_default();
                places.push((format!("the blob {digest}"), bytes.to_vec()));
            }
        }
        let found = leaks(&self.cloud.secrets(), &places);
        assert!(found.is_empty(), "secrets in {found:?}");
    }
}

/// The places that hold a secret: as it is, its end alone (which of a token is the signature), or
/// in base64.
pub(crate) fn leaks(secrets: &[String], places: &[(String, Vec<u8>)]) -> Vec<String> {
    let forms: Vec<String> = secrets
        .iter()
        .flat_map(|secret| {
            let end = secret.rsplit('.').next().unwrap_or_default();
            let encoded = |text: &str| STANDARD.encode(text).trim_end_matches('=').to_owned();
            [secret.clone(), end.to_owned(), encoded(secret), encoded(&format!("AWS:{secret}"))]
        })
        .filter(|it| it.len() >= 16)
        .collect();
    let holds = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        forms.iter().any(|form| text.contains(form.as_str()))
    };
    places.iter().filter(|(_, bytes)| holds(bytes)).map(|(place, _)| place.clone()).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect()
}

/// The grep of [`Job::drop`] can find something.
#[test]
fn a_secret_is_found_in_every_form() {
    let secrets = ["header.payload.signature-of-the-token".to_owned()];
    let place = |bytes: &str| vec![("here".to_owned(), bytes.as_bytes().to_vec())];
    for bytes in [
        format!("token {}", secrets[0]),
        "... signature-of-the-token".to_owned(),
        format!("Basic {}", STANDARD.encode(format!("AWS:{}", secrets[0]))),
        STANDARD.encode(&secrets[0]),
    ] {
        assert_eq!(leaks(&secrets, &place(&bytes)), ["here"], "{bytes}");
    }
    assert!(leaks(&secrets, &place("header.payload")).is_empty());
}
