//! Sessions that end before the release does.

use std::time::Duration;

use boltseal_testkit::cloud::{Claims, Finding, Findings, LoginLife, Options, ScanStep};
use boltseal_testkit::registry::{Fault, What, When};

use crate::account::options;
use crate::job::{AUDIENCE, Job, NAME};
use crate::key::Key;
use boltseal_core::Severity;

/// A minute's session, a push of half a minute, and a scan of more than a minute: new tokens and
/// new sessions are asked for, for the registry as for KMS.
#[test]
fn a_session_of_a_minute_is_outlasted() {
    let session_lifetime = Some(Duration::from_mins(1));
    let login_life = LoginLife::OfSession;
    let (job, key) = (Job::new(Options { session_lifetime, login_life, ..options() }), Key::p256());
    let found = Finding::new("CVE-2026-1", Severity::Low, "libc6", "2.36-9");
    job.cloud.script_scan(
        NAME,
        vec![
            ScanStep::NotStarted,
            ScanStep::Busy(Duration::from_secs(70)),
            ScanStep::Finished(Findings::new(vec![found])),
        ],
    );
    job.cloud.registry().fault(Fault {
        when: When::first(1, "PUT", "/blobs/uploads/"),
        what: What::Slow(Duration::from_secs(30)),
    });
    let words = job.release_gated(&key, &["--scan", "ecr", "--patience", "120"]);
    job.github(&words).exits(0);
    let calls = job.cloud.calls();
    let assumed = calls.iter().filter(|it| it.operation == "AssumeRoleWithWebIdentity").count();
    assert!(assumed >= 2, "{assumed} sessions");
    let late = calls
        .iter()
        .filter(|it| it.error.as_deref().is_some_and(|code| code.starts_with("ExpiredToken")));
    assert!(late.count() <= 1, "sessions are renewed before they end: {calls:?}");
}

/// Sessions and logins that end at once, in the middle: one more try with fresh ones.
#[test]
fn a_login_that_ends_early_is_replaced() {
    let (job, key) = (Job::new(options()), Key::p256());
    job.cloud.registry().fault(Fault {
        when: When::first(1, "PUT", "/manifests/"),
        what: What::Status {
            code: 403,
            headers: Vec::new(),
            body: br#"{"errors":[{"code":"DENIED","message":"Your authorization token has expired. Reauthenticate and try again."}]}"#[..].into(),
        },
    });
    job.github(&job.release(&key, &[])).exits(0);
}

/// GitLab's token is made before the job runs, and there is no other: where it ends before the
/// wait that is planned, that is said before anything is pushed.
#[test]
fn a_token_of_gitlab_that_ends_before_the_wait_does_is_told_first() {
    let session_lifetime = Some(Duration::from_mins(5));
    let (job, key) = (Job::new(Options { session_lifetime, ..options() }), Key::p256());
    let claims = Claims::gitlab("acme/app", "main").audience(AUDIENCE).lives(120);
    let words = job.release_gated(&key, &["--scan", "ecr", "--scan-timeout", "10m"]);
    let refused = job.run(&job.cloud.gitlab_job(&claims), &words).exits(22);
    assert!(refused.stdout.contains("timeout"), "{refused:?}");
    job.left_nothing();
}
