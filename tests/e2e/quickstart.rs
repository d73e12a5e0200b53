//! The commands of docs/quickstart.md and docs/exit-codes.md, as a reader types them.

use std::fs;
use std::path::Path;
use std::process::Command;

use boltseal_core::Severity;
use boltseal_testkit::image::debian_like;
use boltseal_testkit::report::Scan;

use crate::harness::{Run, Sandbox};
use crate::scene::Scene;

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
    image.write_layout(&sandbox.path("image"), None).unwrap();
    let scan = Scan::of(&image).vulnerability("CVE-2026-0001", "libc6", Severity::Low);
    sandbox.write("scan.json", scan.trivy());
    let blocks = commands("quickstart.md");
    assert_eq!(blocks.len(), 8, "blocks of commands in the document");
    let run = shell(&sandbox, &[], &format!("set -eu\n{}\n", blocks.join("\n"))).exits(0);
    for outcome in ["RELEASED", "ALREADY-RELEASED", "VERIFIED", "PROMOTED"] {
        assert!(run.stdout.contains(outcome), "no {outcome} in {}", run.stdout);
    }
    run.complains("unknown-signer").complains("over-threshold");
    assert!(sandbox.path("release.evidence.tar").is_file());
}

/// Types a script in a shell that finds boltseal.
fn shell(sandbox: &Sandbox, variables: &[(&str, &str)], script: &str) -> Run {
    let program = Path::new(env!("CARGO_BIN_EXE_boltseal")).parent().unwrap();
    let path = format!("{}:/usr/bin:/bin", program.display());
    let mut shell = Command::new("sh");
    shell.env_clear().env("PATH", path).env("HOME", sandbox.path("")).current_dir(sandbox);
    shell.envs(variables.iter().copied());
    Run::of(shell.args(["-c", script]).output())
}

/// The loop of docs/exit-codes.md tries again at 21 alone, and ends as boltseal did.
#[test]
fn the_loop_of_the_exit_codes_works_as_it_is_written() {
    let scene = Scene::new();
    let blocks = commands("exit-codes.md");
    let [script] = &blocks[..] else { panic!("one block of commands: {blocks:?}") };
    // Without its pauses, but counting them.
    let script = script.replace("sleep", "echo slept");
    fs::rename(scene.sandbox.path("image.json"), scene.sandbox.path("scan.json")).unwrap();
    let run = |to: &str| {
        let variables = [("DEST", to), ("KEY", &*scene.key.private), ("COSIGN_PASSWORD", "")];
        shell(&scene.sandbox, &variables, &script)
    };
    let released = run("oci:out:1.0").exits(0);
    assert!(released.stdout.contains("RELEASED") && !released.stdout.contains("slept"));
    // Nobody listens there.
    let unreachable = format!("{script}\n").replace("--scan", "--patience 1 --scan");
    let variables =
        [("DEST", "127.0.0.1:1/a:1"), ("KEY", &*scene.key.private), ("COSIGN_PASSWORD", "")];
    let tried = shell(&scene.sandbox, &variables, &unreachable).exits(21);
    assert_eq!(tried.stdout.matches("slept").count(), 3, "{}", tried.stdout);
    fs::remove_file(scene.sandbox.path("scan.json")).unwrap();
    assert!(!run("oci:out:1.0").exits(20).stdout.contains("slept"));
}
