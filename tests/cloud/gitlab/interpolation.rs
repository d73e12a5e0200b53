//! GitLab puts inputs into the text of the component before it reads that as YAML;
//! gitlab-ci-local puts them into what it read. So the tests do the former for themselves.

use std::fs;

use serde_json::Value;

use super::release::release;
use super::runner::{Runner, workflows};
use crate::account::options;
use crate::job::Job;
use crate::key::Key;

/// The component's job with these inputs.
pub(super) fn interpolated(inputs: &[(String, String)]) -> String {
    let text =
        fs::read_to_string(workflows().join("templates/boltseal.yml")).expect("the component");
    let (header, body) = text.split_once("\n---\n").expect("a header");
    let header: Value = serde_saphyr::from_str(header).expect("a header in YAML");
    let known = header["spec"]["inputs"].as_object().expect("inputs");
    known.iter().fold(body.to_owned(), |body, (name, input)| {
        let given = inputs.iter().find(|(given, _)| given == name).map(|(_, value)| &**value);
        let value = given.or(input["default"].as_str()).unwrap_or_default();
        // GitLab's reader takes further lines of a quoted text wherever they begin, that of
        // gitlab-ci-local only where they are indented. Both make a space of the line's end.
        let value = value.replace('\n', "\n      ");
        body.replace(&format!("$[[ inputs.{name} ]]"), &value)
    })
}

/// Lists of all forms, and values that YAML and a shell would take for something else.
#[test]
fn values_arrive_as_they_are() {
    let (job, key) = (Job::new(options()), Key::p256());
    let runner = Runner::new(&job);
    fs::copy(job.path().join("scan.json"), runner.repository().join("it's #1: $(id)")).unwrap();
    let pipeline = release(&job, &key).interpolated();
    let lists =
        pipeline.clone().with("tag", "1.1 1.2\n1.3\n\n  1.4\n").with("moving-tag", "\nlatest");
    runner.push(&lists).exits(0);
    for tag in ["1.0", "1.1", "1.2", "1.3", "1.4", "latest"] {
        assert_eq!(job.tag(tag), Some(job.image.digest()), "{tag}");
    }
    for value in
        ["it's #1: [a], {b} & *c", "$(touch owned)", "`touch owned`", "- ! | > %", "--dry-run"]
    {
        let ran = runner.push(&pipeline.clone().with("waivers", value)).exits(20);
        assert!(ran.told().contains(value), "{value}: {}", ran.told());
        assert!(!runner.repository().join("owned").exists(), "{value}");
    }
}
