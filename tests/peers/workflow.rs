//! What CI systems read of us: valid by the published schemas, and clean by the linters that its
//! readers use.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::program::Program;

fn root() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).canonicalize().expect("the project")
}

/// The YAML files in a folder of the project.
fn yaml_in(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder))
        .expect("a folder of the project")
        .flatten()
        .map(|it| it.path());
    let mut files: Vec<PathBuf> =
        entries.filter(|it| it.extension().is_some_and(|end| end == "yml")).collect();
    files.sort();
    assert!(!files.is_empty(), "no YAML in {folder}");
    files
}

/// The documents of a file: a component has its inputs in one of their own.
fn documents(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).expect("a file of the project");
    let documents = text.split("\n---\n");
    let read = |it| {
        serde_saphyr::from_str(it).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    };
    documents.map(read).collect()
}

#[track_caller]
pub(crate) fn valid(file: &Path, schema: &str) {
    let schema = fs::read(Program::schema(schema)).expect("a schema that is there");
    let schema: Value = serde_json::from_slice(&schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for document in documents(file) {
        let errors: Vec<String> =
            validator.iter_errors(&document).map(|it| it.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", file.display());
    }
}

#[test]
fn the_action_and_the_workflows_are_valid() {
    valid(&root().join("workflows/github/action.yml"), "github-actions.json");
    for file in yaml_in("workflows/github/example") {
        valid(&file, "github-workflows.json");
    }
}

#[test]
fn the_templates_are_valid() {
    for folder in ["workflows/gitlab/templates", "workflows/gitlab/example"] {
        for file in yaml_in(folder) {
            valid(&file, "gitlab-ci.json");
        }
    }
    valid(&root().join("workflows/gitlab/boltseal.gitlab-ci.yml"), "gitlab-ci.json");
}

#[test]
fn actionlint_finds_nothing() {
    let files = workflows();
    let run = Program::peer("actionlint").run_in(&root(), &files).exits(0);
    assert_eq!(run.stdout, "");
    // It does find something where there is something to find.
    let folder = tempfile::tempdir().unwrap();
    let broken = fs::read_to_string(&files[0]).unwrap().replace("runs-on", "runs_on");
    let file = folder.path().join("broken.yml");
    fs::write(&file, broken).unwrap();
    Program::peer("actionlint").run(&[file.display().to_string()]).refuses("runs_on");
}

/// By its most pedantic persona, over everything that GitHub would read.
#[test]
fn zizmor_finds_nothing() {
    let root = root();
    let words = ["--offline", "--no-progress", "--persona", "pedantic", "--config"];
    let mut words: Vec<String> = words.map(str::to_owned).into();
    words.push(root.join("zizmor.yml").display().to_string());
    let action = root.join("workflows/github/action.yml");
    let all = [&workflows()[..], &[action.display().to_string()]].concat();
    let run = Program::peer("zizmor").run_in(&root, &[&words[..], &all].concat()).exits(0);
    run.says("No findings to report");
    let folder = tempfile::tempdir().unwrap();
    let broken =
        fs::read_to_string(&all[0]).unwrap().replace("permissions: {}", "permissions: write-all");
    let file = folder.path().join("broken.yml");
    fs::write(&file, broken).unwrap();
    words.push(file.display().to_string());
    Program::peer("zizmor").run(&words).refuses("write-all");
}

/// The workflows that users copy.
fn workflows() -> Vec<String> {
    let files = yaml_in("workflows/github/example");
    files.iter().map(|it| it.display().to_string()).collect()
}
