//! The Debian image that the demo releases.

use std::fs;
#[cfg(feature = "bench")]
use std::path::PathBuf;

use crate::console;
use crate::debian;
use crate::failure::Failure;
use crate::step::Step;
use crate::workspace;

use super::Source;

const SUITE: &str = "bookworm";

/// Debian where the tools that make it are there, else the binary; says why.
pub(super) fn possible() -> Source {
    let missing = debian::missing(&["mmdebstrap", "umoci"]);
    if missing.is_empty() {
        return Source::Debian;
    }
    let missing = missing.join(" ");
    console::say(&format!("{missing}: not installed, so boltseal's own binary is released."));
    console::say(&format!("For a real Debian image: `apt-get install {missing}`."));
    Source::Binary
}

/// Makes the image and, beside it, the tree as a tar file, unless they are there; returns the
/// image's name as boltseal takes it.
pub(super) fn debian(folder: &str) -> Result<String, Failure> {
    let image = format!("{folder}/{SUITE}");
    let name = format!("{image}:latest");
    let top = workspace::root().join(folder);
    if top.join(SUITE).exists() && top.join(format!("{SUITE}.tar")).exists() {
        console::say(&format!("{image} is there from an earlier run"));
        return Ok(format!("oci:{name}"));
    }
    console::heading("make a minimal Debian image");
    fs::create_dir_all(&top).map_err(Failure::file("create", &top))?;
    let half = top.join("half");
    if half.exists() {
        fs::remove_dir_all(&half).map_err(Failure::file("remove", &half))?;
    }
    build(folder)?;
    fs::rename(&half, top.join(SUITE)).map_err(Failure::file("rename", half))?;
    Ok(format!("oci:{name}"))
}

/// The tree of the image as a tar file, which lies beside it.
#[cfg(feature = "bench")]
pub(super) fn tree(folder: &str) -> PathBuf {
    workspace::root().join(folder).join(format!("{SUITE}.tar"))
}

/// Builds it under the name `half`, so that an interrupted demo leaves no image that looks whole.
fn build(folder: &str) -> Result<(), Failure> {
    let tree = format!("{folder}/{SUITE}.tar");
    let layout = format!("{folder}/half");
    let image = format!("{layout}:latest");
    let run = |program: &str, words: &[&str]| {
        Step::new(program).args(words).folder(workspace::root()).run()
    };
    run("mmdebstrap", &["--quiet", "--variant=minbase", SUITE, &tree])?;
    run("umoci", &["init", "--layout", &layout])?;
    run("umoci", &["new", "--image", &image])?;
    run("umoci", &["raw", "add-layer", "--image", &image, &tree])?;
    run("umoci", &["config", "--image", &image, "--config.cmd", "/bin/bash"])
}
