//! `init`: what it finds out, what it writes, and that its own checks take it.

mod documents;
mod found;
mod hcl;
mod hostile;
mod page;
mod plan;
mod workflow;

use serde_json::Value;

use crate::harness::{Run, Sandbox};

const TO: &str = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/team/app";
const ROLE: &str = "arn:aws:iam::111122223333:role/boltseal-team-app";

/// A run of `init` with these words.
fn init(sandbox: &Sandbox, words: &[&str]) -> Run {
    sandbox.boltseal(&[&["init", "--format", "json"], words].concat())
}

/// One that writes for GitHub.
fn github(words: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    let fixed = ["--to", TO, "--ci", "github", "--source-repository", "acme/app"];
    init(&sandbox, &[&fixed[..], words].concat()).exits(0);
    sandbox
}

/// Path and state of each file.
fn states(document: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let files = document["files"].as_array().unwrap().iter();
    files.map(|it| (text(&it["path"]), text(&it["state"]))).collect()
}

/// A setting's value and where it is from.
fn setting(document: &Value, name: &str) -> (String, String) {
    let settings = document["settings"].as_array().unwrap();
    let found = settings.iter().find(|it| it["name"] == name);
    let found = found.unwrap_or_else(|| panic!("no {name} in {document}"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&found["value"]), text(&found["origin"]))
}
