//! docs/gitlab.md says what the component takes, and its pipelines are the ones that are tested.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

const BEGIN: &str = "<!-- begin: written by a test, tests/e2e/gitlab_document.rs -->\n";
const END: &str = "<!-- end -->\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn document() -> PathBuf {
    root().join("docs/gitlab.md")
}

/// The document with its generated parts as they should be.
fn written(text: &str) -> String {
    let (before, rest) = text.split_once(BEGIN).expect("a place for the inputs");
    let (_, after) = rest.split_once(END).expect("which ends");
    let text = [before, BEGIN, &inputs(), END, after].concat();
    let examples = fs::read_dir(root().join("workflows/gitlab/example")).unwrap();
    let mut names: Vec<String> =
        examples.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert!(names.len() >= 3, "{names:?}");
    names.iter().fold(text, |text, name| with_example(&text, name))
}

fn with_example(text: &str, name: &str) -> String {
    let place = format!("workflows/gitlab/example/{name}");
    let example = fs::read_to_string(root().join(&place)).unwrap();
    let mark = format!("<!-- {place} -->\n```yaml\n");
    let (before, rest) = text.split_once(&mark).unwrap_or_else(|| panic!("no {place}"));
    let (_, after) = rest.split_once("```\n").expect("a block that ends");
    [before, &mark, &example, "```\n", after].concat()
}

/// The table of inputs, out of the component's own header.
fn inputs() -> String {
    let template = root().join("workflows/gitlab/templates/boltseal.yml");
    let text = fs::read_to_string(template).unwrap();
    let (header, _) = text.split_once("\n---\n").expect("a header");
    let header: Value = serde_saphyr::from_str(header).unwrap();
    let inputs = header["spec"]["inputs"].as_object().expect("inputs");
    let mut table = String::from("| input | without it | what |\n|---|---|---|\n");
    for (name, input) in inputs {
        let default = match input["default"].as_str().unwrap_or_default() {
            "" => String::new(),
            value => format!("`{value}`"),
        };
        let what = input["description"].as_str().expect("a description");
        let _ = writeln!(table, "| `{name}` | {default} | {what} |");
    }
    table
}

#[test]
fn it_says_what_the_component_takes() {
    let text = fs::read_to_string(document()).unwrap();
    let expected = written(&text);
    if env::var_os("BOLTSEAL_WRITE_DOCS").is_some() {
        fs::write(document(), expected).unwrap();
        return;
    }
    assert_eq!(text, expected, "docs/gitlab.md is out of date; BOLTSEAL_WRITE_DOCS=1 writes it");
}

/// Each input is a flag, reaches the script as a variable, and the script knows it.
#[test]
fn every_input_is_used() {
    let template = root().join("workflows/gitlab/templates/boltseal.yml");
    let text = fs::read_to_string(template).unwrap();
    let (header, body) = text.split_once("\n---\n").expect("a header");
    let header: Value = serde_saphyr::from_str(header).unwrap();
    let (_, script) = body.split_once("\n  script:\n").expect("a script");
    for name in header["spec"]["inputs"].as_object().expect("inputs").keys() {
        if ["job-name", "stage", "audience"].contains(&name.as_str()) {
            continue;
        }
        let variable = name.replace('-', "_").to_uppercase();
        let line = format!("    BOLTSEAL_INPUT_{variable}: \"$[[ inputs.{name} ]]\"\n");
        assert!(body.contains(&line), "{line}");
        let known = script.split(|it: char| !(it.is_ascii_alphanumeric() || it == '-'));
        assert!(known.into_iter().any(|word| word == name), "the script does not know {name}");
    }
}
