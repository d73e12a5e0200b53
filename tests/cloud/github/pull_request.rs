//! Jobs of pull requests: they judge, and release nothing.

use boltseal_core::Severity;
use boltseal_testkit::report::Scan;

use super::act::Act;
use super::release::release;
use crate::account::options;
use crate::job::Job;
use crate::key::Key;

/// What a job of a fork's pull request has: no token can be asked for.
fn of_a_fork(job: &Job) -> Vec<(String, String)> {
    let mut variables = job.cloud.github_job();
    variables.retain(|(name, _)| !name.starts_with("ACTIONS_ID_TOKEN_REQUEST_"));
    variables
}

#[test]
fn a_fork_is_judged_and_asks_nobody() {
    let (job, key) = (Job::new(options()), Key::p256());
    let act = Act::new(&job);
    for (scan, verdict, critical) in [
        ("scan.json", "passed", "0"),
        ("scan.json\necr\ninspector", "passed", "0"),
        ("ecr\ninspector", "undetermined", ""),
    ] {
        let workflow = release(&job, &key).with("scan", scan);
        let ran = act.run("pull_request", &workflow, &of_a_fork(&job)).exits(0);
        assert_eq!(job.cloud.requests(), 0);
        job.left_nothing();
        let digest = job.image.digest().to_string();
        for (name, value) in [
            ("mode", "dry-run"),
            ("outcome", "planned"),
            ("digest", &digest),
            ("released", "false"),
            ("pushed", "false"),
            ("verdict", verdict),
            ("critical", critical),
        ] {
            assert_eq!(ran.output(name), value, "{name}: {}", ran.told());
        }
        let told = "This is a pull request: a dry run";
        assert!(ran.annotations("notice")[0].starts_with(told), "{}", ran.told());
        let warned = ran.annotations("warning").concat();
        assert!(warned.contains("nobody was asked"), "{}", ran.told());
        assert_eq!(warned.contains("inspector was not asked"), scan.contains("inspector"));
        let summary = ran.summary();
        assert!(summary.starts_with("> **Dry run.** This is a pull request"), "{summary}");
        assert!(summary.contains("nobody was asked"), "{summary}");
        assert_eq!(summary.contains("no scan was judged"), verdict == "undetermined", "{summary}");
    }
}

/// The gate says no to a fork as it would to the release.
#[test]
fn a_fork_that_the_gate_refuses() {
    let (job, key) = (Job::new(options()), Key::p256());
    let act = Act::new(&job);
    let scan = Scan::of(&job.image).vulnerability("CVE-2026-1", "libc6", Severity::Critical);
    std::fs::write(act.repository().join("scan.json"), scan.trivy()).unwrap();
    let ran = act.run("pull_request", &release(&job, &key), &of_a_fork(&job)).exits(10);
    assert_eq!((ran.output("mode"), ran.output("outcome")), ("dry-run", "refused"));
    assert!(ran.annotations("error")[0].contains("at most 0 critical"), "{}", ran.told());
    assert_eq!(job.cloud.requests(), 0);
}

/// `pull_request_target` has a token for AWS, and runs on what its author wrote.
#[test]
fn a_token_does_not_make_a_pull_request_release() {
    let (job, key) = (Job::new(options()), Key::p256());
    let act = Act::new(&job);
    let variables = job.cloud.github_job();
    let ran = act.run("pull_request_target", &release(&job, &key), &variables).exits(0);
    assert_eq!((ran.output("mode"), ran.output("released")), ("dry-run", "false"));
    let workflow = release(&job, &key)
        .with("mode", "promote")
        .without("image")
        .without("scan")
        .with("source", &job.tagged("1.0"))
        .with("promotion-key", &key.uri());
    let ran = act.run("pull_request_target", &workflow, &variables).exits(2);
    assert!(ran.annotations("error")[0].contains("on a pull request"), "{}", ran.told());
    assert_eq!(job.cloud.requests(), 0);
    job.left_nothing();
}

/// A push that was not granted `id-token: write` is no fork: it fails, and says what is missing.
#[test]
fn a_push_without_a_token_is_no_dry_run() {
    let (job, key) = (Job::new(options()), Key::p256());
    let act = Act::new(&job);
    for mode in ["release", "dry-run"] {
        let workflow = release(&job, &key).with("mode", mode);
        let ran = act.run("push", &workflow, &of_a_fork(&job)).exits(22);
        let errors = ran.annotations("error").concat();
        assert!(errors.contains("id-token: write"), "{errors}");
        assert_eq!(ran.output("released"), "false");
    }
    job.left_nothing();
}
