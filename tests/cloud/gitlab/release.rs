//! Releases by the component, good and refused.

use std::fs;

use boltseal_core::Severity;
use boltseal_testkit::report::Scan;

use super::pipeline::Pipeline;
use super::runner::Runner;
use crate::account::{ACCOUNT, options};
use crate::job::Job;
use crate::key::Key;

/// The inputs of a release of the image to the tag `1.0`, gated by the clean report.
pub(super) fn release(job: &Job, key: &Key) -> Pipeline {
    Pipeline::new(&[
        ("image", "oci:image"),
        ("to", &job.tagged("1.0")),
        ("key", &key.uri()),
        ("scan", "scan.json"),
        ("role", &job.cloud.role_arn("release")),
        ("allowed-account", ACCOUNT),
    ])
}

#[test]
fn a_release_leaves_its_reports() {
    let (job, key) = (Job::new(options()), Key::p256());
    let runner = Runner::new(&job);
    let ran = runner.push(&release(&job, &key)).exits(0);
    assert_eq!(job.tag("1.0"), Some(job.image.digest()));
    let digest = job.image.digest().to_string();
    for (name, value) in [("OUTCOME", "released"), ("DIGEST", &digest), ("CRITICAL", "0")] {
        assert_eq!(ran.variable(name), value, "{name}: {}", ran.told());
    }
    assert_eq!(ran.artifact("after", "after/digest"), digest, "{}", ran.told());
    assert_eq!(ran.json("result.json")["outcome"], "released");
    assert_eq!(ran.json("gl-container-scanning-report.json")["scan"]["status"], "success");
    assert_eq!(ran.json("gl-sbom.cdx.json")["bomFormat"], "CycloneDX");
    assert!(ran.artifact("boltseal", "boltseal-reports/junit.xml").contains("<testsuite "));
    assert!(ran.artifact("boltseal", "boltseal-reports/release.html").contains("<!doctype html>"));
    assert!(ran.json("annotations.json").is_object());
}

#[test]
fn a_failing_gate_explains_itself() {
    let (job, key) = (Job::new(options()), Key::p256());
    let runner = Runner::new(&job);
    let scan = Scan::of(&job.image).vulnerability("CVE-2026-1", "libc6", Severity::Critical);
    fs::write(runner.repository().join("scan.json"), scan.trivy()).unwrap();
    let ran = runner.push(&release(&job, &key)).exits(10);
    job.left_nothing();
    assert!(ran.told().contains("at most 0 critical"), "{}", ran.told());
    assert_eq!(ran.variable("OUTCOME"), "refused");
    assert_eq!(ran.variable("REASON_CODES"), "over-threshold");
    let found = ran.json("gl-container-scanning-report.json");
    assert_eq!(found["vulnerabilities"][0]["identifiers"][0]["value"], "CVE-2026-1");
    assert!(ran.artifact("boltseal", "boltseal-reports/junit.xml").contains("<failure"));
}

#[test]
fn a_release_is_found_finished() {
    let (job, key) = (Job::new(options()), Key::p256());
    let runner = Runner::new(&job);
    runner.push(&release(&job, &key)).exits(0);
    job.cloud.reset_recording();
    let ran = runner.push(&release(&job, &key)).exits(0);
    assert_eq!(job.cloud.registry().counts().writes, 0);
    assert_eq!(ran.variable("OUTCOME"), "already-released");
    assert_eq!(ran.variable("DIGEST"), job.image.digest().to_string());
    assert_eq!(ran.artifact("after", "after/digest"), job.image.digest().to_string());
}

/// The merge request of a fork has no token, and asks nobody for anything.
#[test]
fn a_fork_gets_a_dry_run() {
    let (job, key) = (Job::new(options()), Key::p256());
    let runner = Runner::new(&job);
    let pipeline = release(&job, &key).to_yaml();
    let ran = runner.run(&pipeline, &runner.of_a_fork(), &[]).exits(0);
    assert!(ran.told().contains("a dry run that asks neither"), "{}", ran.told());
    assert_eq!(ran.variable("OUTCOME"), "planned");
    assert_eq!(ran.variable("RELEASED"), "false");
    // Nor does a pipeline that the merge request's pipeline starts.
    let mut child = runner.of_a_fork();
    child.retain(|(name, _)| name != "CI_PIPELINE_SOURCE");
    child.push(("CI_PIPELINE_SOURCE".to_owned(), "parent_pipeline".to_owned()));
    let ran = runner.run(&pipeline, &child, &[]).exits(0);
    assert_eq!(ran.variable("OUTCOME"), "planned");
    assert_eq!(job.cloud.requests(), 0);
    job.left_nothing();
    // The gate judges it all the same.
    let scan = Scan::of(&job.image).vulnerability("CVE-2026-1", "libc6", Severity::Critical);
    fs::write(runner.repository().join("scan.json"), scan.trivy()).unwrap();
    runner.run(&pipeline, &runner.of_a_fork(), &[]).exits(10);
}

/// Verified and promoted by the same component.
#[test]
fn a_release_is_verified_and_promoted() {
    let (job, key) = (Job::new(options()), Key::p256());
    let runner = Runner::new(&job);
    runner.push(&release(&job, &key)).exits(0);
    let (released, role) = (job.tagged("1.0"), job.cloud.role_arn("release"));
    let common = [("key", &*key.uri()), ("role", &*role), ("allowed-account", ACCOUNT)]
        .map(|(name, value)| (name, value.to_owned()));
    let of = |mode: &'static str, more: &[(&str, &str)]| {
        let pipeline = Pipeline::new(&[("mode", mode)]);
        let all = common.iter().map(|(name, value)| (*name, value.as_str()));
        all.chain(more.iter().copied()).fold(pipeline, |it, (name, value)| it.with(name, value))
    };
    let ran = runner.push(&of("verify", &[("target", &released)])).exits(0);
    assert_eq!(ran.variable("OUTCOME"), "verified");
    let (stable, promotion) = (job.tagged("stable"), Key::p256());
    let inputs = [("source", &*released), ("to", &stable), ("promotion-key", &promotion.uri())]
        .map(|(name, value)| (name, value.to_owned()));
    let inputs: Vec<(&str, &str)> = inputs.iter().map(|(name, it)| (*name, it.as_str())).collect();
    let ran = runner.push(&of("promote", &inputs)).exits(0);
    assert_eq!(ran.variable("OUTCOME"), "promoted");
    assert_eq!(job.tag("stable"), Some(job.image.digest()));
    // A merge request promotes nothing.
    let pipeline = of("promote", &inputs).to_yaml();
    runner.run(&pipeline, &runner.of_a_fork(), &[]).exits(2);
}
