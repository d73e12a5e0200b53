//! Emulators of AWS for the cloud tests: Python programs, in an environment of their own.

use std::ffi::OsStr;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use crate::console;
use crate::failure::Failure;
use crate::step::Step;
use crate::wheel;
use crate::workspace;

/// Raised when the way to install changes.
const REVISION: u32 = 1;

/// The environment with the emulators at the versions of `tests/cloud/requirements.txt`, made
/// unless the cache holds it.
///
/// # Errors
/// When Python or pip is missing, or a package cannot be had.
pub(crate) fn emulators(cache: &Path) -> Result<PathBuf, Failure> {
    let pins = workspace::root().join("tests/cloud/requirements.txt");
    let content = fs::read(&pins).map_err(Failure::file("read", &pins))?;
    let store = cache.join("cloud");
    fs::create_dir_all(&store).map_err(Failure::file("create", &store))?;
    let name = key(&content);
    let environment = store.join(&name);
    if environment.is_dir() {
        console::say("the emulators of AWS are in the cache");
        return Ok(environment);
    }
    install(&pins, &store, &environment)?;
    forget_others(&store, &name)?;
    Ok(environment)
}

/// A cache key and no more: nothing trusts it.
fn key(content: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    (REVISION, content).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// Installs beside the final place and renames, so that what was interrupted is not used.
/// Programs in the environment name its path, so they are started as modules only.
fn install(pins: &Path, store: &Path, environment: &Path) -> Result<(), Failure> {
    let scratch = tempfile::tempdir_in(store).map_err(Failure::file("create in", store))?;
    let half = scratch.path().join("half");
    let python = wheel::python("the emulators of AWS are Python programs")?;
    Step::new(&python).args(["-m", "venv", "--without-pip"]).args([&half]).run()?;
    // All that is needed is listed, so nothing else is asked for.
    Step::new(&python)
        .args([OsStr::new("-m"), OsStr::new("pip"), OsStr::new("--python")])
        .args([half.join("bin/python")])
        .args(["install", "--quiet", "--no-deps", "--requirement"])
        .args([pins])
        .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
        .env("PIP_ROOT_USER_ACTION", "ignore")
        .run()?;
    fs::rename(&half, environment).map_err(Failure::file("write", environment))
}

/// Removes what older pins left behind.
fn forget_others(store: &Path, name: &str) -> Result<(), Failure> {
    for entry in fs::read_dir(store).map_err(Failure::file("list", store))? {
        let entry = entry.map_err(Failure::file("list", store))?;
        if entry.file_name() != name {
            fs::remove_dir_all(entry.path()).map_err(Failure::file("remove", entry.path()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_pin_is_another_environment_and_the_old_one_goes() {
        assert_ne!(key(b"moto==1"), key(b"moto==2"));
        let store = tempfile::tempdir().unwrap();
        for name in ["old", "new"] {
            fs::create_dir(store.path().join(name)).unwrap();
        }
        forget_others(store.path(), "new").unwrap();
        let left: Vec<_> = fs::read_dir(store.path()).unwrap().collect();
        assert_eq!(left.len(), 1);
        assert!(store.path().join("new").is_dir());
    }
}
