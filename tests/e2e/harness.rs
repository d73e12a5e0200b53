//! A place to run boltseal in, and what came of it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// A folder of its own that boltseal runs in. It sees nothing of the user's environment: no
/// credentials, no CI, and `COSIGN_PASSWORD` is empty.
pub(crate) struct Sandbox {
    folder: TempDir,
}

/// A key pair made by boltseal, as arguments.
pub(crate) struct KeyPair {
    /// The file of the private key.
    pub(crate) private: String,
    /// The file of the public key.
    pub(crate) public: String,
}

/// What came of one run.
#[derive(Debug)]
pub(crate) struct Run {
    /// The exit code; -1 where a signal ended it.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().expect("a temporary folder") }
    }

    /// The absolute path of `name` in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, and answers its name as an argument.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder in the sandbox");
        fs::write(path, content).expect("a file in the sandbox");
        name.to_owned()
    }

    /// Reads a file as text.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file in the sandbox")
    }

    /// A key pair with an empty password, made by boltseal.
    pub(crate) fn key_pair(&self, name: &str) -> KeyPair {
        self.boltseal(&["keys", "generate", "--output-key-prefix", name]).exits(0);
        KeyPair { private: format!("{name}.key"), public: format!("{name}.pub") }
    }

    /// Runs boltseal to its end.
    pub(crate) fn boltseal(&self, words: &[&str]) -> Run {
        Run::of(self.command(words).output())
    }

    /// The same with further environment variables.
    pub(crate) fn boltseal_with(&self, variables: &[(&str, &str)], words: &[&str]) -> Run {
        Run::of(self.command(words).envs(variables.iter().copied()).output())
    }

    /// The same without a variable.
    pub(crate) fn boltseal_without(&self, variable: &str, words: &[&str]) -> Run {
        Run::of(self.command(words).env_remove(variable).output())
    }

    /// boltseal, not started yet.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, words: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_boltseal"));
        command
            .env_clear()
            .env("HOME", self.folder.path())
            .env("COSIGN_PASSWORD", "")
            .current_dir(self.folder.path())
            .args(words);
        command
    }
}

impl AsRef<Path> for Sandbox {
    fn as_ref(&self) -> &Path {
        self.folder.path()
    }
}

impl Run {
    pub(crate) fn of(output: std::io::Result<Output>) -> Self {
        let output = output.expect("boltseal can be started");
        let text = |bytes| String::from_utf8(bytes).expect("boltseal writes UTF-8");
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Demands an exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\nstdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// Demands a text on standard error.
    #[track_caller]
    pub(crate) fn complains(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "no {text:?} in: {}", self.stderr);
        self
    }

    /// The one JSON document on standard output, whose `exit` is the exit code, and which is as its
    /// published schema says.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let document: Value = serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error} in {:?}; {}", self.stdout, self.stderr));
        assert_eq!(document["exit"], self.code, "{document}");
        let complaints = crate::schema::complaints(&document);
        assert!(complaints.is_empty(), "{complaints:#?} in {document:#}");
        document
    }
}

/// The codes of the reasons of a document, in their order.
pub(crate) fn codes(document: &Value) -> Vec<&str> {
    let reasons = document["reasons"].as_array().expect("a list of reasons");
    reasons.iter().map(|reason| reason["code"].as_str().expect("a code")).collect()
}
