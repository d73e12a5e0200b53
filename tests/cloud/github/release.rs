//! Releases by the action, good and refused.

use std::fs;

use boltseal_core::Severity;
use boltseal_testkit::cloud::{EcrRegistry, Options, ScanStep, ScanType};
use boltseal_testkit::image::{ImageBuilder, LayerBuilder};
use boltseal_testkit::report::Scan;
use serde_json::{Value, json};

use super::act::Act;
use super::workflow::Workflow;
use crate::account::{ACCOUNT, options};
use crate::job::{Job, NAME};
use crate::key::Key;
use crate::program::Program;

/// The inputs of a release of the image to the tag `1.0`, gated by the clean report.
pub(super) fn release(job: &Job, key: &Key) -> Workflow {
    Workflow::new(&[
        ("image", "oci:image"),
        ("to", &job.tagged("1.0")),
        ("key", &key.uri()),
        ("scan", "scan.json"),
        ("role", &job.cloud.role_arn("release")),
        ("allowed-account", ACCOUNT),
        ("report", "sarif=out/app.sarif\nhtml=out/app.html\njson=out/app.json\n"),
    ])
    .before("mkdir -p out")
}

#[test]
fn a_release_puts_out_what_it_did() {
    let (job, key) = (Job::new(options()), Key::p256());
    let act = Act::new(&job);
    let ran = act.push(&release(&job, &key)).exits(0);
    assert_eq!(job.tag("1.0"), Some(job.image.digest()));
    let digest = job.image.digest().to_string();
    for (name, value) in [
        ("mode", "release"),
        ("outcome", "released"),
        ("verdict", "passed"),
        ("digest", &digest),
        ("image", &format!("{}@{digest}", job.cloud.repository("team/app"))),
        ("released", "true"),
        ("critical", "0"),
        ("reports", "sarif=out/app.sarif\nhtml=out/app.html\njson=out/app.json"),
        ("sarif-file", "out/app.sarif"),
        ("html-file", "out/app.html"),
        ("json-file", "out/app.json"),
        ("comment-file", ""),
        ("reasons", "[]"),
    ] {
        assert_eq!(ran.output(name), value, "{name}: {}", ran.told());
    }
    assert!(ran.summary().contains(&digest), "{}", ran.summary());
    assert_eq!(ran.annotations("error"), [""; 0]);
    assert_eq!(ran.annotations("notice").len(), 1, "{}", ran.told());
    let told: Value =
        serde_json::from_slice(&fs::read(act.out().join("app.json")).unwrap()).unwrap();
    assert_eq!(told["outcome"], "released");
    let token = job.cloud.github().secrets().into_iter().filter(|it| it.contains('.')).count();
    assert!(token > 0, "the job was given a token, which the test looks for");
}

#[test]
fn a_failing_gate_explains_itself() {
    let (job, key) = (Job::new(options()), Key::p256());
    let act = Act::new(&job);
    let scan = Scan::of(&job.image).vulnerability("CVE-2026-1", "libc6", Severity::Critical);
    fs::write(act.repository().join("scan.json"), scan.trivy()).unwrap();
    let ran = act.push(&release(&job, &key)).exits(10);
    job.left_nothing();
    for (name, value) in [("outcome", "refused"), ("released", "false"), ("critical", "1")] {
        assert_eq!(ran.output(name), value, "{name}: {}", ran.told());
    }
    let reasons: Value = serde_json::from_str(ran.output("reasons")).unwrap();
    assert_eq!(reasons[0]["code"], "over-threshold", "{reasons}");
    assert_eq!(ran.output("reason-codes"), "over-threshold");
    let errors = ran.annotations("error");
    assert!(errors[0].contains("at most 0 critical"), "{errors:?}");
    assert!(ran.summary().contains("CVE-2026-1"), "{}", ran.summary());
    assert_eq!(ran.output("sarif-file"), "out/app.sarif");
    assert!(act.out().join("app.sarif").is_file() && act.out().join("app.html").is_file());
}

/// A second run finds everything done, and puts out the same.
#[test]
fn a_release_is_found_finished() {
    let (job, key) = (Job::new(options()), Key::p256());
    let act = Act::new(&job);
    act.push(&release(&job, &key)).exits(0);
    job.cloud.reset_recording();
    let ran = act.push(&release(&job, &key)).exits(0);
    assert_eq!(job.cloud.registry().counts().writes, 0);
    assert_eq!(ran.output("outcome"), "already-released");
    assert_eq!((ran.output("released"), ran.output("pushed")), ("true", "true"));
    assert_eq!(ran.output("digest"), job.image.digest().to_string());
    assert_eq!(ran.output("tags"), "1.0");
}

/// As another repository names the action, which it does not check out.
#[test]
fn the_action_of_another_repository() {
    let (job, key) = (Job::new(options()), Key::p256());
    let act = Act::new(&job).known_as("v1");
    fs::remove_dir_all(act.repository().join("workflows")).unwrap();
    let workflow = release(&job, &key).using("OWNER/boltseal/workflows/github@v1");
    let ran = act.push(&workflow).exits(0);
    assert_eq!(ran.output("outcome"), "released");
}

/// With a token a dry run looks at everything, and says what the role needs.
#[test]
fn a_dry_run_on_a_push() {
    let (job, key) = (Job::new(options()), Key::p256());
    let act = Act::new(&job);
    let ran = act.push(&release(&job, &key).with("mode", "dry-run")).exits(0);
    for (name, value) in [("mode", "dry-run"), ("outcome", "planned"), ("verdict", "passed")] {
        assert_eq!(ran.output(name), value, "{name}: {}", ran.told());
    }
    assert_eq!(ran.output("released"), "false");
    assert!(ran.told().contains("kms:Sign"), "{}", ran.told());
    job.left_nothing();
}

/// What could not be found out is neither a release nor a refusal, and the image is pushed.
#[test]
fn a_scan_that_does_not_end() {
    let rule = json!({
        "scanFrequency": "SCAN_ON_PUSH",
        "repositoryFilters": [{"filter": "team/*", "filterType": "WILDCARD"}],
    });
    let (scan_type, scanning_rules) = (ScanType::Enhanced, vec![rule]);
    let registry = EcrRegistry { scan_type, scanning_rules, ..EcrRegistry::default() };
    let (job, key) = (Job::new(Options { registry, ..options() }), Key::p256());
    job.cloud.script_scan(NAME, vec![ScanStep::Status("PENDING".to_owned())]);
    let act = Act::new(&job);
    let workflow = release(&job, &key).with("scan", "ecr").with("scan-timeout", "1s");
    let ran = act.push(&workflow).exits(21);
    for (name, value) in [
        ("outcome", "undetermined"),
        ("verdict", "undetermined"),
        ("released", "false"),
        ("pushed", "true"),
        ("critical", ""),
    ] {
        assert_eq!(ran.output(name), value, "{name}: {}", ran.told());
    }
    assert!(!ran.annotations("error").is_empty());
    assert!(act.out().join("app.html").is_file());
    assert_eq!(job.tag("1.0"), None);
}

/// A tag is never taken from another image, and the outputs are those of the refused one.
#[test]
fn a_tag_that_is_taken() {
    let (job, key) = (Job::new(options()), Key::p256());
    let act = Act::new(&job);
    act.push(&release(&job, &key)).exits(0);
    let other = ImageBuilder::new().layer(LayerBuilder::new().file("a", "b")).build();
    fs::remove_dir_all(act.repository().join("image")).unwrap();
    other.write_layout(&act.repository().join("image"), None).unwrap();
    let workflow = release(&job, &key).with("scan", "none");
    let ran = act.push(&workflow).exits(13);
    assert_eq!(ran.output("reason-codes"), "tag-taken");
    assert_eq!(ran.output("digest"), other.digest().to_string());
    assert_eq!(job.tag("1.0"), Some(job.image.digest()));
}

/// Without AWS: a key that the step is given, and a layout that is handed on.
#[test]
fn a_key_in_the_environment_of_the_step() {
    let (job, key) = (Job::new(options()), Key::p256());
    let act = Act::new(&job);
    let words = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
    let pem = Program::on_path("openssl").run(act.repository(), &[], &words).exits(0).stdout;
    let workflow = release(&job, &key)
        .without("role")
        .without("allowed-account")
        .with("to", "oci:out/released:1.0")
        .with("key", "env://SIGNING_KEY")
        .variable("SIGNING_KEY", &pem);
    let ran = act.run("push", &workflow, &[]).exits(0);
    assert_eq!(ran.output("outcome"), "released");
    assert!(act.out().join("released/index.json").is_file());
    assert_eq!(job.cloud.requests(), 0);
    let secret = pem.lines().nth(1).unwrap();
    assert!(secret.len() == 64 && !ran.told().contains(secret));
}
