//! What the job leaves for GitLab, whatever came of it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::release::release;
use super::runner::Runner;
use crate::account::options;
use crate::job::Job;
use crate::key::Key;

#[test]
fn reports_of_ones_own() {
    let (job, key) = (Job::new(options()), Key::p256());
    let runner = Runner::new(&job);
    let reports = "sarif=boltseal-reports/findings.sarif markdown=boltseal-reports/summary.md";
    let ran = runner.push(&release(&job, &key).with("report", reports)).exits(0);
    assert_eq!(ran.json("findings.sarif")["version"], "2.1.0");
    assert!(ran.artifact("boltseal", "boltseal-reports/summary.md").contains("1.0"));
}

/// The artifacts of an earlier job are not taken for the result of one that could not begin.
#[test]
fn nothing_of_an_earlier_job_stays() {
    let (job, key) = (Job::new(options()), Key::p256());
    let runner = Runner::new(&job);
    let folder = runner.repository().join("boltseal-reports");
    fs::create_dir_all(&folder).unwrap();
    for name in ["boltseal.env", "gl-container-scanning-report.json", "release.boltseal"] {
        fs::write(folder.join(name), "BOLTSEAL_OUTCOME=released").unwrap();
    }
    let ran = runner.push(&release(&job, &key).with("image", "")).exits(2);
    assert_eq!(ran.variable("OUTCOME"), "");
    let found = ran.artifact("boltseal", "boltseal-reports/gl-container-scanning-report.json");
    assert_eq!(found, "");
    let kept = ran.artifact("boltseal", "boltseal-reports/release.boltseal");
    assert_eq!(kept, "BOLTSEAL_OUTCOME=released", "{}", ran.told());
}

/// As somebody would name what they built.
#[test]
fn a_program_that_lies_in_the_repository() {
    let (job, key) = (Job::new(options()), Key::p256());
    let runner = Runner::new(&job);
    let program = runner.repository().join("boltseal");
    let script = format!("#!/bin/sh\nexec {} \"$@\"\n", env!("CARGO_BIN_EXE_boltseal"));
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let pipeline = release(&job, &key).with("boltseal-path", "boltseal").with("mode", "dry-run");
    let ran = runner.push(&pipeline).exits(0);
    assert_eq!(ran.variable("OUTCOME"), "planned");
    job.left_nothing();
}

/// Where a service does not answer, nothing reads as clean and the gate's verdict is still there.
#[test]
fn a_registry_that_does_not_answer() {
    let (job, key) = (Job::new(options()), Key::p256());
    let runner = Runner::new(&job);
    let mut variables = runner.variables();
    for (name, value) in &mut variables {
        if name == "BOLTSEAL_REGISTRY_MAP" {
            let (host, _) = value.split_once('=').expect("a host and its place");
            *value = format!("{host}=http://127.0.0.1:1");
        }
    }
    let ran = runner.run(&release(&job, &key).to_yaml(), &variables, &[]).exits(21);
    assert_eq!(ran.variable("OUTCOME"), "undetermined", "{}", ran.told());
    assert_eq!(ran.variable("RELEASED"), "false");
    assert_eq!(ran.artifact("after", "after/outcome"), "undetermined");
    assert!(ran.json("gl-container-scanning-report.json")["scan"]["status"].is_string());
    assert!(ran.artifact("boltseal", "boltseal-reports/junit.xml").contains("<testsuite "));
    job.left_nothing();
}
