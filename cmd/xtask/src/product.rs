//! The boltseal that the commands here run.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::failure::Failure;
use crate::step::Step;
use crate::workspace;

/// How boltseal is compiled.
#[derive(Clone, Copy)]
pub(crate) enum Profile {
    Debug,
    Release,
}

/// A boltseal built from this checkout.
pub(crate) struct Product {
    program: PathBuf,
}

impl Product {
    /// Builds it.
    ///
    /// # Errors
    /// When it does not compile.
    pub(crate) fn build(profile: Profile) -> Result<Self, Failure> {
        let (flags, folder): (&[&str], _) = match profile {
            Profile::Debug => (&[], "debug"),
            Profile::Release => (&["--release"], "release"),
        };
        Step::new(workspace::cargo())
            .args(["build", "--locked", "--package", "boltseal"])
            .args(flags)
            .folder(workspace::root())
            .run()?;
        Ok(Self { program: workspace::target().join(folder).join("boltseal") })
    }

    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// A step that runs it in the project's top folder, shown with the shortest path.
    pub(crate) fn step<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Step {
        let shown = self.program.strip_prefix(workspace::root()).unwrap_or(&self.program);
        Step::new(shown).args(words).folder(workspace::root())
    }

    /// Runs it unseen, in the project's top folder.
    pub(crate) fn output<S: AsRef<OsStr>>(
        &self,
        words: impl IntoIterator<Item = S>,
    ) -> Result<Output, Failure> {
        Step::new(&self.program).args(words).folder(workspace::root()).output()
    }
}
