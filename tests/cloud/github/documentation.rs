//! docs/github.md says what action.yml and the example workflows say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use boltseal_testkit::document::{between, hold};
use serde::Deserialize;

use crate::program::Program;

/// Inputs that are no flags: the mode, its arguments, and what the action itself needs.
const OWN: [&str; 9] = [
    "mode",
    "image",
    "source",
    "target",
    "summary",
    "boltseal-path",
    "download-base-url",
    "download-sha256",
    "download-key",
];

#[derive(Deserialize)]
struct Action {
    inputs: BTreeMap<String, Input>,
    outputs: BTreeMap<String, Output>,
    runs: Runs,
}

#[derive(Deserialize)]
struct Input {
    description: String,
    default: Option<String>,
}

#[derive(Deserialize)]
struct Output {
    description: String,
    value: String,
}

#[derive(Deserialize)]
struct Runs {
    using: String,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    shell: String,
    env: BTreeMap<String, String>,
    run: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect("a file of the project")
}

fn action() -> Action {
    serde_saphyr::from_str(&read("workflows/github/action.yml")).expect("an action")
}

/// The keys of a section of action.yml, in its order.
fn order(section: &str) -> Vec<String> {
    let text = read("workflows/github/action.yml");
    let lines = text.lines().skip_while(|line| *line != format!("{section}:")).skip(1);
    let lines = lines.take_while(|line| line.is_empty() || line.starts_with(' '));
    let key = |line: &str| line.strip_prefix("  ")?.strip_suffix(':').map(str::to_owned);
    lines.filter_map(key).filter(|it| !it.starts_with(' ')).collect()
}

fn inputs_table() -> String {
    let action = action();
    let row = |name: String| {
        let Input { description, default } = &action.inputs[&name];
        let default = default.as_ref().map(|it| format!("`{it}`")).unwrap_or_default();
        format!("| `{name}` | {default} | {description} |\n")
    };
    let rows: String = order("inputs").into_iter().map(row).collect();
    format!("| input | default | what it is |\n|---|---|---|\n{rows}")
}

fn outputs_table() -> String {
    let action = action();
    let row = |name: String| format!("| `{name}` | {} |\n", action.outputs[&name].description);
    let rows: String = order("outputs").into_iter().map(row).collect();
    format!("| output | what it is |\n|---|---|\n{rows}")
}

/// The page with this text between the marks of `name`.
fn with(page: &str, name: &str, text: &str) -> String {
    let begin =
        format!("<!-- begin: {name}, written by a test, tests/cloud/github/documentation.rs -->\n");
    let end = format!("<!-- end: {name} -->");
    between(page, (&begin, &end), text)
}

#[test]
fn the_tables_are_those_of_the_action() {
    hold(&root().join("docs/github.md"), |page| {
        let page = with(page, "inputs", &inputs_table());
        with(&page, "outputs", &outputs_table())
    });
    assert!(action().inputs.len() > 30 && action().outputs.len() > 20);
}

#[test]
fn the_snippets_are_those_of_the_examples() {
    let page = read("docs/github.md");
    let examples = ["release.yml", "two-jobs.yml", "promote.yml", "verify.yml"];
    let dedented = |name: &str| {
        let text = read(&format!("workflows/github/example/{name}"));
        unindented(&text)
    };
    let examples: Vec<String> = examples.into_iter().map(dedented).collect();
    let snippets: Vec<&str> = page.split("```yaml\n").skip(1).collect();
    assert!(snippets.len() >= 5);
    for snippet in snippets {
        let (snippet, _) = snippet.split_once("```").expect("the end of a snippet");
        let lines = unindented(snippet);
        assert!(examples.iter().any(|it| it.contains(&lines)), "in no example:\n{snippet}");
    }
}

/// The lines without the space before them.
fn unindented(text: &str) -> String {
    text.lines().map(str::trim_start).collect::<Vec<_>>().join("\n")
}

/// There is one vocabulary.
#[test]
fn inputs_are_called_as_the_flags() {
    let program = Program::present(env!("CARGO_BIN_EXE_boltseal").into(), "boltseal");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let help =
        |command: &str| program.run(folder.path(), &[], &[command, "--help"]).exits(0).stdout;
    let help: String = ["release", "verify", "promote"].into_iter().map(help).collect();
    let flags: BTreeSet<&str> = help
        .split_whitespace()
        .filter_map(|word| word.strip_prefix("--"))
        .map(|word| word.trim_end_matches([',', '.', ';', ':']))
        .collect();
    for name in action().inputs.keys().filter(|name| !OWN.contains(&name.as_str())) {
        assert!(flags.contains(name.as_str()), "{name} is no flag");
    }
}

/// Nothing of a workflow is text of a script, and every input arrives.
#[test]
fn every_input_comes_by_a_variable() {
    let action = action();
    assert_eq!(action.runs.using, "composite");
    let mut named = BTreeSet::new();
    for step in &action.runs.steps {
        assert_eq!(step.shell, "bash");
        assert!(!step.run.contains("${{") && !step.run.contains('\n'), "{}", step.run);
        for (variable, value) in &step.env {
            let Some(name) = value.strip_prefix("${{ inputs.") else { continue };
            let name = name.strip_suffix(" }}").expect("an input and nothing else");
            assert_eq!(*variable, format!("IN_{}", name.to_uppercase().replace('-', "_")));
            assert!(named.insert(name.to_owned()), "{name} comes twice");
        }
    }
    let inputs: BTreeSet<String> = action.inputs.keys().cloned().collect();
    assert_eq!(named, inputs);
    let script = read("workflows/github/run.sh");
    let words: BTreeSet<&str> =
        script.split(|c: char| c != '-' && !c.is_ascii_lowercase()).collect();
    for name in inputs.iter().filter(|name| !name.starts_with("download-")) {
        let known = words.contains(name.as_str()) || name == "boltseal-path";
        assert!(known, "run.sh does not know {name}");
    }
    for (name, output) in &action.outputs {
        assert!(output.value.starts_with(&format!("${{{{ steps.run.outputs.{name}")), "{name}");
    }
}
