//! A peer written in Rust: a workspace of ours around a library, or a published program.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::step::Step;
use crate::workspace;

/// Builds the workspace in the folder, whose package and program are named after it.
///
/// Its intermediate files stay in the cache: only its own sources change often.
pub(super) fn build(folder: &Path, cache: &Path) -> Result<PathBuf, Failure> {
    let name = folder.file_name().unwrap_or_default();
    let target = cache.join("target").join(name);
    Step::new(workspace::cargo())
        .args(["build", "--release", "--locked", "--target-dir"])
        .args([target.as_os_str()])
        .folder(folder)
        .run()?;
    Ok(target.join("release").join(name))
}

/// Installs the crate's program under the scratch folder.
pub(super) fn install(name: &str, version: &str, scratch: &Path) -> Result<PathBuf, Failure> {
    Step::new(workspace::cargo())
        .args(["install", "--locked", "--root"])
        .args([scratch.as_os_str()])
        .args([format!("{name}@{version}")])
        .env("CARGO_TARGET_DIR", scratch.join("target"))
        .run()?;
    Ok(scratch.join("bin").join(name))
}

/// The version in the workspace's manifest.
pub(super) fn version(folder: &Path) -> Result<String, Failure> {
    let path = folder.join("Cargo.toml");
    let manifest = fs::read_to_string(&path).map_err(Failure::file("read", &path))?;
    let version =
        manifest.lines().find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    version.map(str::to_owned).ok_or(Failure::Malformed {
        path,
        why: "expected a line `version = \"…\"`, found none".to_owned(),
    })
}
