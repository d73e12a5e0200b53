//! `cargo xtask check`

use std::path::{Path, PathBuf};

use crate::console;
use crate::failure::Failure;
use crate::step::Step;
use crate::tool;
use crate::wheel;
use crate::workspace;

const CARGO_DENY: &str = "0.20.2";
const TYPOS: &str = "1.52.0";

pub(crate) fn run() -> Result<(), Failure> {
    console::heading("format");
    cargo(["fmt", "--all", "--check"])?;
    cargo(["fmt", "--check", "--manifest-path", "tests/peers/sigstore-rs/Cargo.toml"])?;
    console::heading("clippy");
    cargo(["clippy", "--workspace", "--all-targets", "--locked"].into_iter().chain([
        "--features",
        "boltseal/cloud,boltseal/peers,xtask/bench",
        "--",
        "-D",
        "warnings",
    ]))?;
    console::heading("cargo-deny");
    deny()?;
    console::heading("typos");
    typos()
}

fn cargo<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<(), Failure> {
    Step::new(workspace::cargo()).args(words).folder(workspace::root()).run()
}

/// Advisories are left out: their database is fetched from a host that a build machine need not
/// reach. `cargo deny check` reads them where it can. Built unoptimised it is ready in a fraction
/// of the time, and still checks this tree in seconds.
fn deny() -> Result<(), Failure> {
    let root = workspace::peers().join("tools").join(format!("cargo-deny-{CARGO_DENY}"));
    let program = pinned(&root, "cargo-deny", CARGO_DENY)?.map_or_else(
        || {
            Step::new(workspace::cargo())
                .args(["install", "--debug", "--locked", "--root"])
                .args([root.as_os_str()])
                .args([format!("cargo-deny@{CARGO_DENY}")])
                .env("CARGO_TARGET_DIR", root.join("target"))
                .env("CARGO_PROFILE_DEV_DEBUG", "0")
                .run()?;
            let target = root.join("target");
            std::fs::remove_dir_all(&target).map_err(Failure::file("remove", target))?;
            Ok(root.join("bin/cargo-deny"))
        },
        Ok,
    )?;
    Step::new(program)
        .args(["--all-features", "--locked", "check", "--hide-inclusion-graph"])
        .args(["licenses", "bans", "sources"])
        .folder(workspace::root())
        .run()
}

fn typos() -> Result<(), Failure> {
    let root = workspace::peers().join("tools").join(format!("typos-{TYPOS}"));
    let program = match pinned(&root, "typos", TYPOS)? {
        Some(program) => program,
        None => wheel::program("typos", "typos", TYPOS)?,
    };
    Step::new(program).args(["--config", "typos.toml"]).folder(workspace::root()).run()
}

/// The program in our cache, or on `PATH` where that has the pinned version.
fn pinned(root: &Path, name: &str, version: &str) -> Result<Option<PathBuf>, Failure> {
    let ours = root.join("bin").join(name);
    if ours.is_file() {
        return Ok(Some(ours));
    }
    let Some(theirs) = tool::on_path(name) else {
        return Ok(None);
    };
    let answer = Step::new(&theirs).args(["--version"]).output()?;
    let same = String::from_utf8_lossy(&answer.stdout).trim().ends_with(version);
    Ok(same.then_some(theirs))
}
