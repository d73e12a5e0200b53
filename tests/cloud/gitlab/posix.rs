//! The script is one for any shell: here it runs in `sh`, as the image of a job may have no other.

use std::env;
use std::fs;

use boltseal_testkit::cloud::Claims;
use serde_json::Value;

use super::runner::workflows;
use crate::account::{ACCOUNT, options};
use crate::finished::Finished;
use crate::job::{AUDIENCE, Job};
use crate::key::Key;
use crate::program::Program;

/// Runs the script with these inputs, as variables.
fn run(job: &Job, inputs: &[(&str, &str)]) -> Finished {
    let text = fs::read_to_string(workflows().join("boltseal.gitlab-ci.yml")).expect("the job");
    let jobs: Value = serde_saphyr::from_str(&text).expect("YAML");
    let script = jobs[".boltseal"]["script"][0].as_str().expect("a script");
    let claims = Claims::gitlab("acme/app", "main").audience(AUDIENCE);
    let mut variables = job.cloud.gitlab_job(&claims);
    variables.push(("PATH".to_owned(), env::var("PATH").unwrap_or_default()));
    for (name, value) in inputs {
        let name = format!("BOLTSEAL_INPUT_{}", name.replace('-', "_").to_uppercase());
        variables.push((name, (*value).to_owned()));
    }
    let finished = Program::on_path("dash").run(job.path(), &variables, &["-c", script]);
    job.hear([finished.stdout.clone(), finished.stderr.clone()]);
    finished
}

#[test]
fn a_release_in_any_shell() {
    let (job, key) = (Job::new(options()), Key::p256());
    let (to, role, key) = (job.tagged("1.0"), job.cloud.role_arn("release"), key.uri());
    let inputs = [
        ("mode", "release"),
        ("image", "oci:image"),
        ("to", &to),
        ("key", &key),
        ("scan", "scan.json"),
        ("role", &role),
        ("allowed-account", ACCOUNT),
        ("tag", "1.1\n* 1.2"),
        ("boltseal-path", env!("CARGO_BIN_EXE_boltseal")),
    ];
    // No name of a file comes out of a list.
    let finished = run(&job, &inputs).exits(2);
    assert!(finished.stderr.contains("'*'") || finished.stderr.contains(": *"), "{finished:?}");
    let inputs = inputs.map(|(name, value)| (name, if name == "tag" { "1.1\n1.2" } else { value }));
    run(&job, &inputs).exits(0);
    for tag in ["1.0", "1.1", "1.2"] {
        assert_eq!(job.tag(tag), Some(job.image.digest()), "{tag}");
    }
    run(&job, &[("mode", "release")]).exits(2);
}
