//! docs/quickstart.md, as a reader types it.

use std::fs;
use std::path::Path;
use std::process::Command;

use boltseal_core::Severity;
use boltseal_testkit::image::debian_like;
use boltseal_testkit::report::Scan;

use crate::harness::{Run, Sandbox};

/// The blocks of a document that a shell runs.
fn commands(document: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(document);
    let text = fs::read_to_string(path).unwrap();
    let blocks = text.split("\n```sh\n").skip(1);
    blocks.map(|block| block.split("\n```").next().unwrap().to_owned()).collect()
}

#[test]
fn the_quickstart_works_as_it_is_written() {
    let sandbox = Sandbox::new();
    let image = debian_like();
    image.write_oci_archive(&sandbox.path("image.tar"), None).unwrap();
    let scan = Scan::of(&image).vulnerability("CVE-2026-0001", "libc6", Severity::Low);
    sandbox.write("scan.json", scan.trivy());
    let blocks = commands("quickstart.md");
    assert_eq!(blocks.len(), 8, "blocks of commands in the document");
    let program = Path::new(env!("CARGO_BIN_EXE_boltseal")).parent().unwrap();
    let path = format!("{}:/usr/bin:/bin", program.display());
    let script = format!("set -eu\n{}\n", blocks.join("\n"));
    let mut shell = Command::new("sh");
    shell.env_clear().env("PATH", path).env("HOME", sandbox.path("")).current_dir(&sandbox);
    let run = Run::of(shell.args(["-c", &script]).output()).exits(0);
    for outcome in ["RELEASED", "ALREADY-RELEASED", "VERIFIED", "PROMOTED"] {
        assert!(run.stdout.contains(outcome), "no {outcome} in {}", run.stdout);
    }
    run.complains("unknown-signer").complains("over-threshold");
    assert!(sandbox.path("release.evidence.tar").is_file());
}
