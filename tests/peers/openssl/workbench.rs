use std::fs;

use tempfile::TempDir;

use crate::finished::Finished;
use crate::program::Program;

/// A folder in which OpenSSL works.
pub(super) struct Workbench {
    folder: TempDir,
}

impl Workbench {
    pub(super) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    pub(super) fn write(&self, name: &str, content: &[u8]) {
        fs::write(self.folder.path().join(name), content).expect("a writable folder");
    }

    pub(super) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Runs `openssl` with these words, without quotes, and asserts that it succeeds.
    #[track_caller]
    pub(super) fn run(&self, line: &str) -> Finished {
        self.ask(line).passes()
    }

    /// Runs `openssl` with these words, without quotes.
    pub(super) fn ask(&self, line: &str) -> Finished {
        let words: Vec<&str> = line.split_whitespace().collect();
        Program::debian("openssl").run_in(self.folder.path(), &words)
    }
}
