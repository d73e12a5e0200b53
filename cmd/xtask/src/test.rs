//! `cargo xtask test [hermetic | peers | cloud | published DIR]`

use std::path::PathBuf;

use clap::Subcommand;

use crate::cloud;
use crate::console;
use crate::debian;
use crate::demo;
use crate::failure::Failure;
use crate::peer;
use crate::published;
use crate::schema;
use crate::step::Step;
use crate::workspace;

#[derive(clap::Args)]
#[command(subcommand_value_name = "PART", subcommand_help_heading = "Parts")]
#[command(disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
}

/// A part of the tests.
#[derive(Subcommand)]
enum Part {
    /// What needs nothing but Rust: `cargo test`.
    Hermetic,
    /// What needs real programs. Builds or installs them first.
    Peers,
    /// A release to AWS, with emulators and stand-ins on this machine. Installs them first.
    Cloud,
    /// What others published or recorded, in a folder outside the project.
    Published {
        /// Holds `inspector/` and `sigstore-conformance/`.
        dir: PathBuf,
    },
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.part {
        None => hermetic().and_then(|()| peers()).and_then(|()| cloud()),
        Some(Part::Hermetic) => hermetic(),
        Some(Part::Peers) => peers(),
        Some(Part::Cloud) => cloud(),
        Some(Part::Published { dir }) => published::run(dir),
    }
}

fn hermetic() -> Result<(), Failure> {
    console::heading("hermetic tests");
    Step::new(workspace::cargo())
        .args(["test", "--workspace", "--locked", "--features", "xtask/bench"])
        .folder(workspace::root())
        .run()
}

fn peers() -> Result<(), Failure> {
    console::heading("peers");
    debian::ensure(&debian::PACKAGES)?;
    let cache = workspace::peers();
    peer::ensure_all(&cache)?;
    schema::ensure(&cache)?;
    demo::debian()?;
    console::heading("tests against the peers");
    Step::new(workspace::cargo())
        .args(["test", "--locked", "--package", "boltseal"])
        .args(["--features", "peers", "--test", "peers"])
        .env("BOLTSEAL_PEERS", cache)
        .folder(workspace::root())
        .run()
}

/// Peers that judge what is released to AWS, and the runners of CI systems' jobs.
const CLOUD_PEERS: [&str; 5] = ["act", "actionlint", "cosign3", "gitlab-ci-local", "zizmor"];

fn cloud() -> Result<(), Failure> {
    console::heading("emulators of AWS, runners of jobs, and the peers beside them");
    debian::ensure(&["curl", "git", "openssl", "rsync"])?;
    let cache = workspace::peers();
    let emulators = cloud::emulators(&cache)?;
    peer::ensure_only(&cache, &CLOUD_PEERS)?;
    console::heading("tests against AWS's stand-ins");
    Step::new(workspace::cargo())
        .args(["test", "--locked", "--package", "boltseal"])
        .args(["--features", "cloud", "--test", "cloud"])
        .env("BOLTSEAL_CLOUD", emulators)
        .env("BOLTSEAL_PEERS", cache)
        .folder(workspace::root())
        .run()
}
