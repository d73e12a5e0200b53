//! Packages of npm's. Nothing of theirs is run while they are installed.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::step::Step;
use crate::tool;

/// Installs exactly what the lock file in the folder pins.
///
/// # Errors
/// When npm is missing, or a package cannot be had or is not the one that is pinned.
pub(crate) fn install_locked(folder: &Path, purpose: &str) -> Result<(), Failure> {
    let words = ["ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"];
    Step::new(npm(purpose)?).args(words).folder(folder).run()
}

/// Installs one package, as `NAME@VERSION`, without what it needs.
///
/// # Errors
/// When npm is missing, or the package cannot be had.
pub(crate) fn install_alone(package: &str, folder: &Path, purpose: &str) -> Result<(), Failure> {
    Step::new(npm(purpose)?)
        .args(["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--no-save"])
        .args(["--omit=dev", "--omit=peer", "--legacy-peer-deps", "--prefix"])
        .args([folder])
        .args([package])
        .run()
}

fn npm(purpose: &str) -> Result<PathBuf, Failure> {
    tool::on_path("npm").ok_or_else(|| Failure::Missing {
        tool: "npm".to_owned(),
        purpose: purpose.to_owned(),
        how: "install Node.js; Debian: `apt-get install npm`".to_owned(),
    })
}
