//! What is wrong with the inputs is said in the log of the job, and nothing is released.

use std::fs;

use super::pipeline::Pipeline;
use super::release::release;
use super::runner::Runner;
use crate::account::options;
use crate::job::Job;
use crate::key::Key;

#[test]
fn every_bad_input_is_named() {
    let (job, key) = (Job::new(options()), Key::p256());
    let runner = Runner::new(&job);
    let digest = format!("sha256:{}", "a".repeat(64));
    for (inputs, code, says) in [
        (&[("image", "")][..], 2, "found 0 of them"),
        (&[("binary", "app")], 2, "found 2 of them"),
        (&[("mode", "verify"), ("target", "oci:image")], 2, "does not take the input image"),
        (&[("mode", "promote")], 2, "needs the input source"),
        (&[("tag", &digest)], 2, "--tag"),
        (&[("scan", "absent.json")], 20, "absent.json"),
        (&[("boltseal-path", "absent")], 2, "boltseal-path"),
        (&[("boltseal-path", "")], 2, "no boltseal is pinned for linux-x64"),
        (&[("key", "a\u{7}b")], 2, "control characters"),
        (&[("report", "sarif")], 2, "--report"),
    ] {
        let pipeline = inputs.iter().fold(release(&job, &key), |it, (k, v)| it.with(k, v));
        let pipeline = match inputs[0].1 {
            "promote" => pipeline.without("image").without("scan"),
            _ => pipeline,
        };
        let ran = runner.push(&pipeline).exits(code);
        assert!(ran.told().contains(says), "{inputs:?}: {says}: {}", ran.told());
        assert_ne!(ran.variable("RELEASED"), "true", "{inputs:?}");
        job.left_nothing();
    }
}

/// GitLab itself refuses values that are none of an input's, before any job.
#[test]
fn values_that_no_input_takes() {
    let (job, key) = (Job::new(options()), Key::p256());
    let runner = Runner::new(&job);
    for (name, value) in [
        ("mode", "deploy"),
        ("max-high", "few"),
        ("posture", "yes"),
        ("waivers", "a\nb"),
        ("waivers", "a\"b"),
        ("tag", "a\\b"),
    ] {
        let ran = runner.push(&release(&job, &key).with(name, value));
        assert!(ran.told().contains("invalid"), "{name}: {}", ran.told());
        assert_eq!(ran.variable("OUTCOME"), "");
        job.left_nothing();
    }
}

/// A folder that is not writable is said before anything is done.
#[test]
fn reports_that_cannot_be_written() {
    let (job, key) = (Job::new(options()), Key::p256());
    let runner = Runner::new(&job);
    fs::write(runner.repository().join("boltseal-reports"), "a file in the way").unwrap();
    let ran = runner.push(&release(&job, &key)).exits(20);
    assert!(ran.told().contains("boltseal-reports"), "{}", ran.told());
    job.left_nothing();
    fs::remove_file(runner.repository().join("boltseal-reports")).unwrap();
    fs::create_dir_all(runner.repository().join("boltseal-reports/junit.xml")).unwrap();
    fs::write(runner.repository().join("boltseal-reports/junit.xml/kept"), "").unwrap();
    let ran = runner.push(&release(&job, &key)).exits(20);
    assert!(ran.told().contains("report-unwritable"), "{}", ran.told());
    job.left_nothing();
}

/// Values are values: nothing in them is run or taken for a flag.
#[test]
fn values_are_not_run() {
    let (job, key) = (Job::new(options()), Key::p256());
    let runner = Runner::new(&job);
    for value in ["$(touch owned)", "`touch owned`", "; touch owned", "--dry-run", "a 'b"] {
        let pipeline = release(&job, &key).with("waivers", value);
        let ran = runner.push(&pipeline).exits(20);
        assert!(!runner.repository().join("owned").exists(), "{value}");
        assert!(ran.told().contains("waivers"), "{value}: {}", ran.told());
    }
    // As many as there are words.
    let pipeline = release(&job, &key).with("tag", "\n  1.1\n\n 1.2 1.3\n");
    runner.push(&pipeline).exits(0);
    for tag in ["1.0", "1.1", "1.2", "1.3"] {
        assert_eq!(job.tag(tag), Some(job.image.digest()), "{tag}");
    }
}

/// A job without `id_tokens`, whose owner is told what to add.
#[test]
fn a_job_without_a_token() {
    let (job, key) = (Job::new(options()), Key::p256());
    let runner = Runner::new(&job);
    let mut variables = runner.variables();
    variables.retain(|(name, _)| name != "BOLTSEAL_ID_TOKEN");
    let pipeline: Pipeline = release(&job, &key);
    let ran = runner.run(&pipeline.to_yaml(), &variables, &[]).exits(22);
    assert!(ran.told().contains("id_tokens"), "{}", ran.told());
    job.left_nothing();
}
