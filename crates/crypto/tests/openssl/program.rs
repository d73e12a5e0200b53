//! The `openssl` program, run in a directory of its own.

use std::fs;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A directory with OpenSSL in it. A missing program fails the test that needs it.
pub(crate) struct OpenSsl {
    directory: TempDir,
}

impl OpenSsl {
    pub(crate) fn new() -> Self {
        Self { directory: TempDir::new().unwrap() }
    }

    pub(crate) fn write(&self, name: &str, content: &[u8]) {
        fs::write(self.directory.path().join(name), content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.directory.path().join(name)).unwrap()
    }

    /// Runs and must succeed.
    pub(crate) fn run(&self, arguments: &[String]) {
        let output = self.start(arguments);
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {}: {text}", arguments.join(" "));
    }

    /// Runs and must fail.
    pub(crate) fn fail(&self, arguments: &[String]) {
        let output = self.start(arguments);
        assert!(!output.status.success(), "openssl {} succeeded", arguments.join(" "));
    }

    fn start(&self, arguments: &[String]) -> Output {
        Command::new("openssl")
            .args(arguments)
            .current_dir(self.directory.path())
            .output()
            .unwrap_or_else(|error| {
                panic!("the program `openssl` is needed (apt-get install openssl): {error}")
            })
    }
}
