//! Posture as a part of a release: who else could replace what is released.

use boltseal_testkit::cloud::{EcrRepository, Options};
use serde_json::{Value, json};

use crate::account::options;
use crate::job::{Job, NAME};
use crate::key::Key;

const POSTURE: &str = "urn:boltseal:posture:v1";
/// The calls of a release that only its posture makes.
const CALLS: [&str; 7] = [
    "DescribeKey",
    "DescribeRepositories",
    "GetKeyPolicy",
    "GetLifecyclePolicy",
    "GetRegistryPolicy",
    "GetRegistryScanningConfiguration",
    "GetRepositoryPolicy",
];

/// A job in an account whose repository everybody may push to.
fn open() -> Job {
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Pull", "Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage",
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}},
        {"Sid": "Push", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "ecr:*"},
    ]});
    let repository = EcrRepository { policy: Some(policy), ..EcrRepository::new(NAME) };
    Job::new(Options { repositories: vec![repository], ..options() })
}

fn warnings(result: &Value) -> String {
    let all = result["warnings"].as_array().expect("warnings");
    all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_open_repository_is_a_warning_and_by_request_a_refusal() {
    let (job, key) = (open(), Key::p256());
    let blocked = job.github(&job.release(&key, &["--posture", "block"])).exits(10).json();
    let codes: Vec<_> = blocked["reasons"].as_array().expect("reasons").iter().collect();
    assert!(codes.iter().any(|it| it["code"] == "push-public"), "{blocked}");
    assert_eq!(
        (&blocked["pushed"], &blocked["posture"]["effect"]),
        (&json!(false), &json!("block"))
    );
    job.left_nothing();
    let warned = job.github(&job.release(&key, &[])).exits(0).json();
    assert!(warnings(&warned).contains("push-public"), "{warned}");
    assert_eq!(warned["posture"]["outcome"], "refused", "{warned}");
    assert!(job.tag("1.0").is_some());
}

#[test]
fn it_is_left_out_by_request_and_takes_seven_calls_otherwise() {
    let calls = |job: &Job| -> Vec<String> {
        let calls = job.cloud.calls().into_iter().map(|it| it.operation);
        calls.filter(|it| CALLS.contains(&it.as_str())).collect()
    };
    let key = Key::p256();
    let (with, without) = (open(), open());
    with.github(&with.release(&key, &[])).exits(0);
    let result = without.github(&without.release(&key, &["--posture", "off"])).exits(0).json();
    assert!(result.get("posture").is_none(), "{result}");
    let asked = (calls(&with), calls(&without));
    assert_eq!(asked.0.len() - asked.1.len(), 7, "{asked:?}");
    assert!(!asked.1.contains(&"GetRepositoryPolicy".to_owned()), "{asked:?}");
}

#[test]
fn it_is_attested_by_request_and_adopted_by_the_next_run() {
    let (job, key) = (open(), Key::p256());
    let words = job.release(&key, &["--attest-posture"]);
    let types = |result: &Value| -> Vec<(String, bool)> {
        let all = result["evidence"].as_array().expect("evidence").iter();
        all.map(|it| {
            let text = it["predicate_type"].as_str().unwrap_or_default().to_owned();
            (text, it["adopted"] == true)
        })
        .collect()
    };
    let first = job.github(&words).exits(0).json();
    assert!(types(&first).contains(&(POSTURE.to_owned(), false)), "{first}");
    assert_eq!(types(&first).len(), 6, "{first}");
    let before = job.cloud.registry().store().manifests(NAME).len();
    let again = job.github(&words).exits(0).json();
    assert_eq!(again["outcome"], "already-released", "{again}");
    assert!(types(&again).contains(&(POSTURE.to_owned(), true)), "{again}");
    assert_eq!(job.cloud.registry().store().manifests(NAME).len(), before);
    // Who does not ask for it is not kept from its release by it.
    let without = job.github(&job.release(&key, &[])).exits(0).json();
    assert_eq!(without["outcome"], "already-released", "{without}");
}

/// A call that is denied is a finding, and never what ends a release with 22.
#[test]
fn what_may_not_be_looked_at_is_said() {
    let may = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["ecr:*", "kms:*"], "Resource": "*"},
        {"Effect": "Deny", "Action": ["ecr:Get*Policy", "kms:GetKeyPolicy"], "Resource": "*"},
    ]});
    let (job, key) = (Job::new(options().release_may(vec![may])), Key::p256());
    let blocked = job.github(&job.release(&key, &["--posture", "block"])).exits(21).json();
    assert_eq!(blocked["reasons"][0]["code"], "posture-unknown", "{blocked}");
    job.left_nothing();
    let warned = job.github(&job.release(&key, &[])).exits(0).json();
    let text = warnings(&warned);
    assert!(text.contains("posture-unknown") && text.contains("get-key-policy"), "{text}");
}

#[test]
fn what_cannot_be_looked_at_is_not_asked_for() {
    let job = Job::new(options());
    let key = Key::p256();
    let mut words = job.release(&key, &["--posture", "block"]);
    words[3] = "oci:elsewhere:1.0".to_owned();
    let refused = job.github(&words);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stderr.contains("Amazon ECR") || refused.stdout.contains("Amazon ECR"));
    let words = job.release(&key, &["--posture", "off", "--attest-posture"]);
    assert_eq!(job.github(&words).code, 2);
}
