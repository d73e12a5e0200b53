//! docs/gitlab.md says what the component takes, and its pipelines are the ones that are tested.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use boltseal_testkit::document::{between, hold};
use serde_json::{Map, Value, json};

const BEGIN: &str = "<!-- begin: written by a test, tests/e2e/gitlab_document.rs -->\n";
const END: &str = "<!-- end -->\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The document with its generated parts as they should be.
fn written(text: &str) -> String {
    let text = between(text, (BEGIN, END), &inputs());
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
    between(text, (&mark, "```\n"), &example)
}

/// The inputs of the component, and the text that they are put into.
fn component() -> (Map<String, Value>, String) {
    let template = root().join("workflows/gitlab/templates/boltseal.yml");
    let text = fs::read_to_string(template).unwrap();
    let (header, body) = text.split_once("\n---\n").expect("a header");
    let header: Value = serde_saphyr::from_str(header).unwrap();
    (header["spec"]["inputs"].as_object().expect("inputs").clone(), body.to_owned())
}

/// The table of inputs, out of the component's own header.
fn inputs() -> String {
    let mut table = String::from("| input | without it | what |\n|---|---|---|\n");
    for (name, input) in component().0 {
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
    hold(&root().join("docs/gitlab.md"), written);
}

/// Each input is a flag, reaches the script as a variable, and the script knows it.
#[test]
fn every_input_is_used() {
    let (inputs, body) = component();
    let (_, script) = body.split_once("\n  script:\n").expect("a script");
    for name in inputs.keys() {
        if ["job-name", "stage", "audience"].contains(&name.as_str()) {
            continue;
        }
        let line = format!("    {}: \"$[[ inputs.{name} ]]\"\n", variable(name));
        assert!(body.contains(&line), "{line}");
        let known = script.split(|it: char| !(it.is_ascii_alphanumeric() || it == '-'));
        assert!(known.into_iter().any(|word| word == name), "the script does not know {name}");
    }
}

fn variable(input: &str) -> String {
    format!("BOLTSEAL_INPUT_{}", input.replace('-', "_").to_uppercase())
}

/// GitLab puts the inputs into the text before it reads that as YAML: each stands in double quotes,
/// and what could end these is no value of any.
#[test]
fn no_value_ends_its_quotes() {
    let (inputs, body) = component();
    assert!(inputs.len() > 40, "{inputs:?}");
    for (name, input) in &inputs {
        let places = |place: &str| body.matches(place).count();
        let place = format!("$[[ inputs.{name} ]]");
        assert!(places(&place) > 0, "{name} is used nowhere");
        assert_eq!(places(&format!("\"{place}\"")), places(&place), "{name}");
        let takes = |value: &str| {
            if let Value::Array(options) = &input["options"] {
                return options.iter().any(|option| option == value);
            }
            let pattern = input["regex"].as_str().unwrap_or_else(|| panic!("{name}: no regex"));
            jsonschema::is_valid(&json!({ "pattern": pattern }), &json!(value))
        };
        assert!(takes(input["default"].as_str().expect("a default")), "{name}");
        for value in ["\"", "a\"\nscript: id", "\\", "a\\", "0\"", "\n\""] {
            assert!(!takes(value), "{name} takes {value:?}");
        }
    }
}

/// What YAML or a shell would take for something else comes through as it is.
#[test]
fn values_arrive() {
    let (inputs, body) = component();
    for value in ["it's #1: [a], {b} & *c ! | > @ ` %A $(id) $HOME", "- a", "a: b", "--help"] {
        let filled = inputs
            .keys()
            .fold(body.clone(), |body, name| body.replace(&format!("$[[ inputs.{name} ]]"), value));
        let jobs: Value = serde_saphyr::from_str(&filled).unwrap();
        let job = &jobs[value];
        assert_eq!(
            (&job["stage"], &job["id_tokens"]["BOLTSEAL_ID_TOKEN"]["aud"]),
            (&json!(value), &json!(value))
        );
        for name in inputs.keys().filter(|name| !["job-name", "stage"].contains(&name.as_str())) {
            assert_eq!(job["variables"][variable(name)], value, "{name}");
        }
    }
}

/// What the component takes is what the action for GitHub takes: one vocabulary.
#[test]
fn its_inputs_are_those_of_the_action() {
    let action = fs::read_to_string(root().join("workflows/github/action.yml")).unwrap();
    let action: Value = serde_saphyr::from_str(&action).unwrap();
    // The summary of a job is GitHub's; where a job stands in a pipeline is said in a component.
    let mut theirs: Vec<&String> = action["inputs"].as_object().expect("inputs").keys().collect();
    theirs.retain(|name| *name != "summary");
    let ours = component().0;
    let mut ours: Vec<&String> = ours.keys().collect();
    ours.retain(|name| !["job-name", "stage"].contains(&name.as_str()));
    theirs.sort();
    ours.sort();
    assert_eq!(ours, theirs);
}
