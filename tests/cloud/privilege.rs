//! What `--dry-run` prints is enough: the release succeeds under exactly that, where everything
//! else is refused.

use boltseal_testkit::cloud::{Options, Used};
use serde_json::Value;

use crate::account::options;
use crate::job::Job;
use crate::key::Key;

#[test]
fn the_printed_policies_are_enough_for_the_release() {
    let key = Key::p256();
    let planned = Job::new(options());
    let plan = planned.github(&planned.release(&key, &["--dry-run"])).exits(0).json();
    planned.left_nothing();
    let policies = policies(&plan);
    assert_eq!(policies.len(), 2, "release and posture: {plan}");

    let job = Job::new(options().release_may(policies.clone()));
    job.github(&job.release(&key, &[])).exits(0);
    let denied: Vec<Used> = job.cloud.permissions().into_iter().filter(|it| !it.allowed).collect();
    assert!(denied.is_empty(), "{denied:?}");

    // And the stand-in does refuse: without the first of them nothing works.
    let job = Job::new(options().release_may(policies[1..].to_vec()));
    job.github(&job.release(&key, &[])).exits(22);
    job.left_nothing();
}

/// A release that may not look at the posture says so, and goes on.
#[test]
fn the_release_policy_alone_is_enough_without_posture() {
    let key = Key::p256();
    let planned = Job::new(options());
    let plan = planned.github(&planned.release(&key, &["--dry-run"])).exits(0).json();
    let release = policies(&plan).remove(0);
    let job = Job::new(Options { ..options().release_may(vec![release]) });
    job.github(&job.release(&key, &[])).exits(0);
}

fn policies(plan: &Value) -> Vec<Value> {
    let named = ["release", "posture"].map(|it| plan["plan"]["policies"][it].clone());
    named.into_iter().filter(Value::is_object).collect()
}
