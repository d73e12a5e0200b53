//! Who may push, asked of the live account by a job.

use boltseal_testkit::cloud::{EcrRepository, Options};
use serde_json::{Value, json};

use crate::account::{ACCOUNT, REGION, options};
use crate::job::{AUDIENCE, Job, NAME};

const PUSH: [&str; 5] = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
];

/// A job in an account whose repository has this policy.
fn job(statements: &Value) -> Job {
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    let repository = EcrRepository { policy: Some(policy), ..EcrRepository::new(NAME) };
    Job::new(Options { repositories: vec![repository], ..options() })
}

fn preflight(job: &Job, more: &[&str], code: i32) -> Value {
    let (repository, role) = (job.cloud.repository(NAME), job.cloud.role_arn("release"));
    let words = ["preflight", &repository, "--role", &role, "--region", REGION];
    let words = [&words[..], &["--audience", AUDIENCE, "--format", "json"], more].concat();
    let words: Vec<_> = words.into_iter().map(str::to_owned).collect();
    job.github(&words).exits(code).json()
}

/// The principals of a right, with how certain they are.
fn right(result: &Value, name: &str) -> Vec<(String, String)> {
    let list = result["rights"][name].as_array().expect("a list of rights");
    let text = |entry: &Value, member: &str| entry[member].as_str().unwrap_or_default().to_owned();
    list.iter().map(|it| (text(it, "principal"), text(it, "certainty"))).collect()
}

fn named(principal: &str, certainty: &str) -> (String, String) {
    (principal.to_owned(), certainty.to_owned())
}

#[test]
fn anybody_may_pull() {
    let job = job(&json!([{"Sid": "Pull", "Effect": "Allow", "Principal": "*",
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]}]));
    let result = preflight(&job, &[], 10);
    assert!(right(&result, "pull").contains(&named("*", "granted")), "{result}");
    assert!(!right(&result, "push").iter().any(|it| it.1 == "granted"), "{result}");
}

#[test]
fn the_account_may_push() {
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let job = job(&json!([{"Sid": "Push", "Effect": "Allow", "Principal": {"AWS": root},
        "Action": PUSH}]));
    let result = preflight(&job, &[], 10);
    assert!(right(&result, "push").iter().any(|it| it.0 == ACCOUNT), "{result}");
}

#[test]
fn a_build_role_may_push() {
    let role = format!("arn:aws:iam::{ACCOUNT}:role/build");
    let job = job(&json!([{"Sid": "Push", "Effect": "Allow", "Principal": {"AWS": role},
        "Action": PUSH}]));
    let result = preflight(&job, &[], 10);
    assert!(right(&result, "push").contains(&named(&role, "granted")), "{result}");
}

/// The CI's own role, and a deny of everybody else: the only policy that closes the door.
#[test]
fn only_the_ci_may_push() {
    let role = format!("arn:aws:iam::{ACCOUNT}:role/release");
    let job = job(&json!([
        {"Sid": "Push", "Effect": "Allow", "Principal": {"AWS": role}, "Action": PUSH},
        {"Sid": "NobodyElse", "Effect": "Deny", "Principal": "*", "Action": PUSH,
            "Condition": {"StringNotEquals": {"aws:PrincipalArn": role}}},
    ]));
    let result = preflight(&job, &["--allow-push", &role], 0);
    assert_eq!(right(&result, "push"), [named(&role, "granted")], "{result}");
    assert_eq!(job.cloud.registry().counts().requests(), 0, "nothing is asked of the registry");
}

/// What the job may not look at is said, and is not taken for a good answer.
#[test]
fn a_document_that_is_denied_is_not_a_clean_one() {
    let may = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Action": "ecr:DescribeRepositories", "Resource": "*"}]});
    let job = Job::new(options().release_may(vec![may]));
    let (repository, role) = (job.cloud.repository(NAME), job.cloud.role_arn("release"));
    let words = ["preflight", &repository, "--role", &role, "--region", REGION];
    let words = [&words[..], &["--audience", AUDIENCE, "--format", "json"]].concat();
    let words: Vec<_> = words.into_iter().map(str::to_owned).collect();
    let finished = job.github(&words);
    assert_ne!(finished.code, 0, "{finished:?}");
    assert!(finished.stdout.contains("posture-unknown"), "{finished:?}");
}
