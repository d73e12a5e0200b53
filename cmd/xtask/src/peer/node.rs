//! A peer written in JavaScript, on a Node of its own.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::failure::Failure;
use crate::npm;

/// Installs what the folder's lock file pins into `home`, which lies in the cache beside the
/// launcher that is written into the scratch folder.
pub(super) fn install(
    name: &str,
    folder: &Path,
    home: &Path,
    scratch: &Path,
) -> Result<PathBuf, Failure> {
    fs::create_dir_all(home).map_err(Failure::file("create", home))?;
    for file in ["package.json", "package-lock.json"] {
        let source = folder.join(file);
        fs::copy(&source, home.join(file)).map_err(Failure::file("read", source))?;
    }
    npm::install_locked(home, &format!("{name} is a package of npm's"))?;
    let launcher = scratch.join("launcher");
    let programs = home.join("node_modules/.bin");
    // A relative path would be taken from the link in `bin`.
    let script = format!(
        "#!/bin/sh\nexec '{0}/node' '{0}/{name}' \"$@\"\n",
        programs.canonicalize().map_err(Failure::file("find", &programs))?.display()
    );
    fs::write(&launcher, script).map_err(Failure::file("write", &launcher))?;
    executable(&launcher)?;
    Ok(launcher)
}

fn executable(file: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
        .map_err(Failure::file("make executable", file))
}

/// The version of the package that the folder is named after.
pub(super) fn version(folder: &Path) -> Result<String, Failure> {
    let path = folder.join("package.json");
    let content = fs::read(&path).map_err(Failure::file("read", &path))?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let manifest: Option<Value> = serde_json::from_slice(&content).ok();
    let version = manifest.as_ref().and_then(|it| it["dependencies"][&*name].as_str());
    version.map(str::to_owned).ok_or_else(|| Failure::Malformed {
        path,
        why: format!("expected a version of {name} under `dependencies`, found none"),
    })
}
