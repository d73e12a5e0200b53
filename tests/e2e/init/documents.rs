//! boltseal's own preflight about what was written, as the AWS CLI and as Terraform would show it.

use serde_json::{Value, json};

use super::{ROLE, TO, github, hcl, plan};
use crate::harness::{Run, Sandbox};

const ACCOUNT: &str = "111122223333";
const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn iam(sandbox: &Sandbox, name: &str) -> Value {
    serde_json::from_str(&sandbox.read(&format!("iam/{name}.json"))).unwrap()
}

/// What the AWS CLI would print of an account that was made of the JSON files.
fn saved(sandbox: &Sandbox) {
    let input = iam(sandbox, "repository");
    let name = &input["repositoryName"];
    let mut repository = input.clone();
    repository["registryId"] = ACCOUNT.into();
    repository["repositoryUri"] = TO.into();
    repository["repositoryArn"] =
        format!("arn:aws:ecr:eu-central-1:{ACCOUNT}:repository/team/app").into();
    let key = iam(sandbox, "key");
    let text = |document: &str| iam(sandbox, document).to_string();
    let of_role = |policy: &str| {
        json!({"RoleName": "boltseal-team-app", "PolicyName": policy,
            "PolicyDocument": iam(sandbox, &format!("{policy}-policy"))})
    };
    for (call, answer) in [
        ("describe-repositories", json!({"repositories": [repository]})),
        (
            "get-repository-policy",
            json!({"registryId": ACCOUNT, "repositoryName": name,
                "policyText": text("repository-policy")}),
        ),
        (
            "get-lifecycle-policy",
            json!({"registryId": ACCOUNT, "repositoryName": name,
                "lifecyclePolicyText": text("lifecycle-policy")}),
        ),
        (
            "describe-key",
            json!({"KeyMetadata": {"Arn": KEY, "AWSAccountId": ACCOUNT, "KeyState": "Enabled",
                "KeyUsage": key["KeyUsage"], "KeySpec": key["KeySpec"], "Origin": "AWS_KMS"}}),
        ),
        ("get-key-policy", json!({"Policy": text("key-policy"), "PolicyName": "default"})),
        (
            "get-role",
            json!({"Role": {"RoleName": "boltseal-team-app", "Arn": ROLE, "RoleId": "AROA",
                "MaxSessionDuration": 3600,
                "AssumeRolePolicyDocument": iam(sandbox, "trust-policy")}}),
        ),
        ("get-role-policy.release", of_role("release")),
        ("get-role-policy.posture", of_role("posture")),
    ] {
        sandbox.write(&format!("d/{call}.json"), answer.to_string());
    }
}

fn preflight(sandbox: &Sandbox, words: &[&str]) -> Run {
    let fixed = ["preflight", "--allow-push", ROLE, "--ci-role", ROLE, "--tag", "1.0", "--format"];
    sandbox.boltseal(&[&fixed[..], &["json"], words].concat())
}

fn planned(sandbox: &Sandbox) -> Value {
    let module = hcl::parse(&sandbox.read("iam/main.tf"));
    plan::plan(&module)
}

/// What is still found: what a choice of settings costs, and what a name without ids means.
const KNOWN: [&str; 5] = [
    "encryption-aws-managed-key",
    "evidence-tag-immutable",
    "policy-account-iam",
    "trust-by-name",
    "trust-no-session-name",
];

#[track_caller]
fn passes(result: &Value, open: &[&str]) {
    assert_eq!(result["outcome"], "passed", "{result}");
    let findings = result["findings"].as_array().unwrap();
    assert!(findings.iter().all(|it| it["refuses"] == false), "{result}");
    let mut ids: Vec<_> = findings.iter().map(|it| it["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    assert_eq!(ids, open, "{result}");
    let push = result["rights"]["push"].as_array().unwrap();
    assert!(push.iter().all(|it| it["principal"] == ROLE), "{push:?}");
    assert!(!push.is_empty(), "the role may push");
    let delete = result["rights"]["delete"].as_array().unwrap();
    assert!(delete.is_empty(), "{delete:?}");
}

#[test]
fn the_json_passes_as_the_aws_cli_shows_it() {
    let sandbox = github(&[]);
    saved(&sandbox);
    let result = preflight(&sandbox, &["--documents", "d"]).exits(0).json();
    passes(&result, &KNOWN);
    // With ids the name is no question any more.
    let sandbox = github(&["--owner-id", "65", "--repository-id", "74"]);
    saved(&sandbox);
    let result = preflight(&sandbox, &["--documents", "d"]).exits(0).json();
    let without: Vec<_> = KNOWN.into_iter().filter(|it| *it != "trust-by-name").collect();
    passes(&result, &without);
}

#[test]
fn the_trust_takes_the_job_and_nobody_else() {
    let sandbox = github(&[]);
    saved(&sandbox);
    for (subject, taken) in [
        ("repo:acme/app:ref:refs/heads/main", true),
        ("repo:acme/app:ref:refs/heads/dev", false),
        ("repo:acme/app:pull_request", false),
        ("repo:acme/app2:ref:refs/heads/main", false),
    ] {
        let words = ["--documents", "d", "--subject", subject];
        let result = preflight(&sandbox, &words).json();
        let text = result["trust"].to_string();
        let shown = result["trust"]["candidates"].as_array();
        let tried = shown.and_then(|it| it.iter().find(|it| it["subject"] == subject));
        let tried = tried.unwrap_or_else(|| panic!("{subject} in {text}"));
        assert_eq!(tried["admitted"], taken, "{text}");
    }
}

#[test]
fn the_plan_passes_and_is_about_the_same_documents() {
    let sandbox = github(&[]);
    let plan = planned(&sandbox);
    sandbox.write("plan.json", plan.to_string());
    let result = preflight(&sandbox, &["--plan", "plan.json"]).exits(0).json();
    passes(&result, &KNOWN);
    let resources = plan["planned_values"]["root_module"]["resources"].as_array().unwrap();
    let mut seen = 0;
    for (address, member, file) in [
        ("aws_iam_role.release", "assume_role_policy", "trust-policy"),
        ("aws_iam_role_policy.release", "policy", "release-policy"),
        ("aws_iam_role_policy.posture", "policy", "posture-policy"),
        ("aws_kms_key.release", "policy", "key-policy"),
        ("aws_ecr_repository_policy.release", "policy", "repository-policy"),
        ("aws_ecr_lifecycle_policy.release", "policy", "lifecycle-policy"),
    ] {
        let resource = resources.iter().find(|it| it["address"] == address).unwrap();
        let text = resource["values"][member].as_str().unwrap();
        let document: Value = serde_json::from_str(text).unwrap();
        assert_eq!(document, iam(&sandbox, file), "{address}");
        seen += 1;
    }
    assert_eq!((seen, resources.len()), (6, 9), "all that have a document");
}

/// The checks can fail: one statement less, and they do.
#[test]
fn without_the_denial_they_do_not_pass() {
    let sandbox = github(&[]);
    saved(&sandbox);
    let open = json!({"Version": "2012-10-17", "Statement": [{"Sid": "Open", "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111122223333:role/build"}, "Action": "ecr:*"}]});
    let answer = json!({"registryId": ACCOUNT, "repositoryName": "team/app",
        "policyText": open.to_string()});
    sandbox.write("d/get-repository-policy.json", answer.to_string());
    preflight(&sandbox, &["--documents", "d"]).exits(10);
    let plan = planned(&sandbox).to_string().replace("NobodyElsePushes", "x");
    let plan = plan.replace("\\\"Deny\\\"", "\\\"Allow\\\"");
    sandbox.write("plan.json", plan);
    preflight(&sandbox, &["--plan", "plan.json"]).exits(10);
}
