//! `doctor` in a job: the run's own token, a key in KMS, and ECR's dialect.

use std::fs;

use serde_json::{Value, json};

use crate::account::{REGION, options};
use crate::job::{AUDIENCE, Job, NAME};
use crate::key::Key;

const MAIN: &str = "repo:acme/app:ref:refs/heads/main";

fn doctor(job: &Job, words: &[&str], code: i32) -> Value {
    let words = [&["doctor"], words, &["--format", "json"]].concat();
    let words: Vec<_> = words.into_iter().map(str::to_owned).collect();
    job.github(&words).exits(code).json()
}

/// A job whose folder has a trust policy on a subject.
fn trusting(subject: &str) -> Job {
    let job = Job::new(options());
    let provider = options().provider_arn("https://token.actions.githubusercontent.com");
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Sid": "Ci", "Effect": "Allow",
    "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
    "Condition": {"StringLike": {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": subject,
    }}}]});
    fs::write(job.path().join("trust.json"), policy.to_string()).expect("a folder of our own");
    job
}

/// That the token is never shown is seen when the job ends: it greps for every token.
#[test]
fn the_runs_own_token_is_tried_and_not_shown() {
    let words = ["oidc", "--trust-policy", "trust.json", "--audience", AUDIENCE];
    let admitted = doctor(&trusting("repo:acme/app:*"), &words, 0);
    assert_eq!(admitted["facts"]["sub"], MAIN, "{admitted}");
    let refused = doctor(&trusting("repo:acme/other:*"), &words, 22);
    assert_eq!(refused["reasons"][0]["found"], MAIN, "{refused}");
}

#[test]
fn a_key_in_kms_tells_its_state() {
    let (job, key) = (Job::new(options()), Key::p256());
    let (uri, role) = (key.uri(), job.cloud.role_arn("release"));
    let words = ["key", &uri, "--role", &role, "--region", REGION];
    let good = doctor(&job, &words, 0);
    let expected = (&json!("Enabled"), &json!("SIGN_VERIFY"), &json!("p256"));
    let facts = &good["facts"];
    assert_eq!((&facts["state"], &facts["usage"], &facts["algorithm"]), expected, "{good}");
    key.disable();
    let disabled = doctor(&job, &words, 20);
    assert_eq!(disabled["facts"]["state"], "Disabled", "{disabled}");
    key.schedule_deletion();
    let leaving = doctor(&job, &words, 20);
    assert_eq!(leaving["facts"]["state"], "PendingDeletion", "{leaving}");
    assert!(leaving["facts"]["deletion"].is_string(), "{leaving}");
}

#[test]
fn ecr_tells_its_dialect() {
    let job = Job::new(options());
    let (repository, role) = (job.cloud.repository(NAME), job.cloud.role_arn("release"));
    let result = doctor(&job, &["registry", &repository, "--role", &role, "--region", REGION], 0);
    let status = |name: &str| {
        let checks = result["checks"].as_array().expect("checks");
        let found = checks.iter().find(|it| it["name"] == name);
        found.map(|it| it["status"].clone()).unwrap_or_default()
    };
    assert_eq!(status("monolithic-post"), "note", "ECR takes none: {result}");
    assert_eq!((status("upload"), status("oci-manifest")), (json!("good"), json!("good")));
    assert_eq!(status("referrers-api"), "good", "{result}");
    assert!(job.cloud.registry().store().tags(NAME).is_empty());
}
