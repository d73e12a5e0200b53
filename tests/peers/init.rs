//! The jobs that `init` writes: clean by the linters, and valid by the published schemas.

use std::fs;
use std::path::{Path, PathBuf};

use crate::program::Program;
use crate::workflow::valid;

const AT_AMAZON: &str = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/team/app";
const ACTION: &str = "acme/boltseal@0123456789abcdef0123456789abcdef01234567";

fn written(folder: &Path, words: &[&str]) {
    let dir = folder.display().to_string();
    let fixed = ["init", "--source-repository", "acme/app", "--action", ACTION, "--dir", &dir];
    Program::boltseal().run(&[&fixed[..], words].concat()).exits(0);
}

#[test]
fn the_workflows_of_github_are_clean() {
    for words in [
        &["--to", AT_AMAZON][..],
        &["--to", AT_AMAZON, "--ref", "refs/tags/v*", "--ref", "refs/heads/release/1.x"],
        &["--to", AT_AMAZON, "--scan", "scan.json"],
        &["--to", AT_AMAZON, "--scan", "none", "--owner-id", "65", "--repository-id", "74"],
        &["--to", "ghcr.io/acme/app"],
        &["--to", "registry.example.com/acme/app:1.0"],
    ] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        written(folder.path(), &[words, &["--ci", "github"]].concat());
        let file = folder.path().join(".github/workflows/release.yml");
        let name = file.display().to_string();
        let run = Program::peer("actionlint").run(&[&name]).exits(0);
        assert_eq!(run.stdout, "", "{words:?}");
        let pedantic = ["--offline", "--no-progress", "--persona", "pedantic", "--config"];
        let config = configuration().display().to_string();
        let run = Program::peer("zizmor").run(&[&pedantic[..], &[&config, &name]].concat());
        run.exits(0).says("No findings to report");
        valid(&file, "github-workflows.json");
    }
}

#[test]
fn the_jobs_of_gitlab_are_valid() {
    for words in [&[][..], &["--ref", "refs/tags/v*"], &["--scan", "scan.json"]] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        written(folder.path(), &[words, &["--to", AT_AMAZON, "--ci", "gitlab"]].concat());
        for name in [".gitlab-ci.yml", ".gitlab/boltseal.yml"] {
            let file = folder.path().join(name);
            assert!(fs::metadata(&file).is_ok(), "{name}");
            valid(&file, "gitlab-ci.json");
        }
    }
}

fn configuration() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../zizmor.yml")).to_owned()
}
