//! The budgets, measured and printed beside the floor and the peers.
//!
//! Nothing here judges: a figure over its budget is printed as such, and the command succeeds. It
//! fails where something could not be measured.

mod big_image;
mod budget;
mod chain;
mod cost;
mod distribution;
mod floor;
mod image;
mod ledger;
mod memory;
mod report;
mod requests;
mod spread;
mod table;
mod time;
mod tools;

use std::fs;
use std::path::{Path, PathBuf};

use crate::bench::{Part, RUNS};
use crate::console;
use crate::failure::Failure;
use crate::product::{Product, Profile};
use crate::workspace;

use budget::Budget;

/// Everything that is measured lies here, relative to the project's top folder.
const FOLDER: &str = "target/bench";

/// The key that boltseal and cosign sign with. Its password is the empty one.
const PRIVATE_KEY: &str = "keys-example/release.key";
const PUBLIC_KEY: &str = "keys-example/release.pub";

/// All kinds of evidence that a release leaves.
const ALL_KINDS: &str = "signature,provenance,sbom,vuln,vsa";

pub(crate) fn run(part: Option<Part>) -> Result<(), Failure> {
    cost::available()?;
    console::heading("build boltseal");
    let product = Product::build(Profile::Release)?;
    let budgets = match part {
        None => {
            [requests::run(&product)?, time::run(&product, RUNS)?, memory::run(&product)?].concat()
        }
        Some(Part::Requests) => requests::run(&product)?,
        Some(Part::Time { runs }) => time::run(&product, runs)?,
        Some(Part::Memory) => memory::run(&product)?,
    };
    conclude(&budgets);
    Ok(())
}

fn conclude(budgets: &[Budget]) {
    section("budgets");
    table::print(&Budget::HEADINGS, budgets.iter().map(Budget::row));
    let over = budgets.iter().filter(|budget| !budget.is_kept()).count();
    console::result(&format!("{over} of {} are over.", budgets.len()));
}

/// Begins a part of the result.
fn section(title: &str) {
    console::result(&format!("\n## {title}"));
}

/// The folder of everything that is measured, made where it is missing.
fn folder() -> Result<PathBuf, Failure> {
    let folder = workspace::root().join(FOLDER);
    fs::create_dir_all(&folder).map_err(Failure::file("create", &folder))?;
    Ok(folder)
}

/// A folder below it that vanishes when it is dropped.
fn scratch() -> Result<tempfile::TempDir, Failure> {
    let folder = folder()?;
    tempfile::tempdir_in(&folder).map_err(Failure::file("create in", folder))
}

/// A folder in memory that vanishes when it is dropped: what a registry stores there costs neither
/// side of a comparison the disk's time. Where there is no such place, one on the disk.
fn in_memory() -> Result<tempfile::TempDir, Failure> {
    let folder = Path::new("/dev/shm");
    if folder.is_dir() {
        return tempfile::tempdir_in(folder).map_err(Failure::file("create in", folder));
    }
    scratch()
}

/// A file of the project, for programs that run in another folder.
fn at_top(name: &str) -> String {
    workspace::root().join(name).display().to_string()
}

/// Writes a file.
fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<(), Failure> {
    fs::write(path, content).map_err(Failure::file("write", path))
}
