use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::finished::Finished;

/// A program that stands beside boltseal. It sees nothing of the user's environment.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    path: PathBuf,
}

impl Program {
    /// A peer that `cargo xtask` built.
    pub(crate) fn peer(name: &str) -> Self {
        Self::present(cache().join("bin").join(name), name)
    }

    /// A program on `PATH`.
    pub(crate) fn on_path(name: &str) -> Self {
        let path = env::var_os("PATH").unwrap_or_default();
        let mut found = env::split_paths(&path).map(|folder| folder.join(name));
        Self::present(found.find(|file| file.is_file()).unwrap_or_default(), name)
    }

    /// The Python that the emulators of AWS are installed for.
    pub(crate) fn python() -> Self {
        let named = env::var_os("BOLTSEAL_CLOUD").map(PathBuf::from);
        Self::present(named.unwrap_or_default().join("bin/python"), "the emulators' Python")
    }

    /// Runs it to its end in a folder, which is its home.
    pub(crate) fn run<S: AsRef<OsStr>>(
        &self,
        folder: &Path,
        variables: &[(String, String)],
        words: &[S],
    ) -> Finished {
        let mut command = self.command(folder);
        command.envs(variables.iter().map(|(name, value)| (name, value))).args(words);
        Finished::of(command)
    }

    pub(crate) fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.path);
        command
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder)
            .current_dir(folder);
        command
    }

    /// The program in this file.
    ///
    /// # Panics
    /// There is none.
    pub(crate) fn present(path: PathBuf, name: &str) -> Self {
        assert!(
            path.is_file(),
            "{name} is not there: run `cargo xtask test cloud`, which builds or installs it",
        );
        Self { path }
    }
}

/// Where `cargo xtask` keeps the peers unless told otherwise.
fn cache() -> PathBuf {
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.peers");
    env::var_os("BOLTSEAL_PEERS").map_or_else(own, PathBuf::from)
}
