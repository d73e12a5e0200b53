use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::finished::Finished;

/// A program that stands beside boltseal.
pub(crate) struct Program {
    path: PathBuf,
}

impl Program {
    /// A peer that `cargo xtask` built, by the name of its folder under `tests/peers`.
    ///
    /// # Panics
    /// When it was not built, saying how to do so.
    pub(crate) fn peer(name: &str) -> Self {
        let cache = env::var_os("BOLTSEAL_PEERS").map_or_else(own_cache, PathBuf::from);
        Self::present(cache.join("bin").join(name), name)
    }

    /// A schema that `cargo xtask` fetched.
    ///
    /// # Panics
    /// When it was not fetched, saying how to do so.
    pub(crate) fn schema(name: &str) -> PathBuf {
        let cache = env::var_os("BOLTSEAL_PEERS").map_or_else(own_cache, PathBuf::from);
        Self::present(cache.join("schemas").join(name), name).path
    }

    /// A program of Debian's.
    ///
    /// # Panics
    /// When it is not installed, saying how to get it.
    pub(crate) fn debian(name: &str) -> Self {
        let path = env::var_os("PATH").unwrap_or_default();
        let mut found = env::split_paths(&path).map(|folder| folder.join(name));
        Self::present(found.find(|file| file.is_file()).unwrap_or_default(), name)
    }

    /// The boltseal of this checkout.
    pub(crate) fn boltseal() -> Self {
        Self { path: env!("CARGO_BIN_EXE_boltseal").into() }
    }

    fn present(path: PathBuf, name: &str) -> Self {
        assert!(
            path.is_file(),
            "{name} is not there: run `cargo xtask test peers`, which builds or installs it",
        );
        Self { path }
    }

    /// Runs it to its end.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, words: &[S]) -> Finished {
        self.run_in(Path::new("."), words)
    }

    /// Runs it to its end in this folder.
    pub(crate) fn run_in<S: AsRef<OsStr>>(&self, folder: &Path, words: &[S]) -> Finished {
        let line = words.iter().fold(self.path.display().to_string(), |line, word| {
            format!("{line} {}", word.as_ref().to_string_lossy())
        });
        let output = self.command().current_dir(folder).args(words).output();
        Finished::new(line, &output.expect("a program that is there can be started"))
    }

    /// A command that sees nothing of the user's own settings and credentials.
    pub(crate) fn command(&self) -> Command {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers-home");
        fs::create_dir_all(&home).expect("cargo's folder for tests can be written");
        let mut command = Command::new(&self.path);
        command
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOME", home)
            .env("COSIGN_PASSWORD", "");
        command
    }
}

/// Where `cargo xtask` keeps the peers unless told otherwise.
fn own_cache() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.peers")
}
