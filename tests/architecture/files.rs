//! Rules about files that no lint knows.

use std::fs;
use std::path::{Path, PathBuf};

const MOST_LINES: usize = 600;

/// Names that say nothing about what a file holds.
const EMPTY_NAMES: [&str; 6] = ["common", "helpers", "imp", "manager", "misc", "utils"];

/// The crates that reach the world, and the one module that may name them.
const ADAPTERS: [&str; 3] = ["boltseal_aws", "boltseal_ci", "boltseal_oci"];
const WIRE: &str = "cmd/boltseal/src/wire";

/// A file of the project.
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// The project's top folder.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// All Rust files of the project, with paths relative to its top folder.
pub(crate) fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    for top in ["cmd", "crates", "tests"] {
        gather(&root().join(top), &mut sources);
    }
    sources
}

fn gather(folder: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a folder of the project can be listed") {
        let path = entry.expect("its entries can be read").path();
        if path.is_dir() && !path.ends_with("target") {
            gather(&path, sources);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).expect("a source is readable text");
            let path = path.strip_prefix(root()).expect("it was found below").to_owned();
            sources.push(Source { path, text });
        }
    }
}

fn violations(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for Source { path, text } in sources {
        let shown = path.display();
        let lines = text.lines().count();
        if lines > MOST_LINES {
            found.push(format!("{shown} has {lines} lines, more than {MOST_LINES}"));
        }
        if EMPTY_NAMES.iter().any(|name| path.file_stem().is_some_and(|stem| stem == *name)) {
            found.push(format!("{shown} has a name that says nothing"));
        }
        let wires = ADAPTERS.iter().filter(|adapter| text.contains(*adapter));
        if path.starts_with("cmd/boltseal/src") && !path.with_extension("").starts_with(WIRE) {
            found.extend(wires.map(|adapter| format!("{shown} names {adapter}; {WIRE} joins it")));
        }
    }
    found
}

#[test]
fn every_file_keeps_the_rules() {
    let sources = sources();
    assert!(sources.len() > 50, "only {} sources were found", sources.len());
    let found = violations(&sources);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_broken_rule_is_found() {
    let source = |path: &str, text: &str| Source { path: path.into(), text: text.to_owned() };
    let long = "\n".repeat(MOST_LINES + 1);
    for wrong in [
        source("crates/core/src/digest.rs", &long),
        source("crates/core/src/utils.rs", ""),
        source("cmd/boltseal/src/release.rs", "use boltseal_oci::Registry;"),
    ] {
        assert_eq!(violations(&[wrong]).len(), 1);
    }
    let wire = source("cmd/boltseal/src/wire.rs", "use boltseal_oci::Registry;");
    assert!(violations(&[wire]).is_empty());
}
