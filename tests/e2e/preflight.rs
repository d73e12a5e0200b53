//! `preflight`: who can push, from saved documents and from plans.

use serde_json::{Value, json};

use crate::harness::{Run, Sandbox, codes};

const ACCOUNT: &str = "111122223333";
const CI: &str = "arn:aws:iam::111122223333:role/ci";
const BUILD: &str = "arn:aws:iam::111122223333:role/build";

/// A sandbox with a folder `d` of documents about an immutable repository.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let repository = json!({
        "repositoryArn": "arn:aws:ecr:eu-west-1:111122223333:repository/team/app",
        "registryId": ACCOUNT,
        "repositoryName": "team/app",
        "repositoryUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/app",
        "createdAt": "2026-01-01T00:00:00+00:00",
        "imageTagMutability": "IMMUTABLE",
        "imageScanningConfiguration": {"scanOnPush": true},
        "encryptionConfiguration": {"encryptionType": "AES256"},
    });
    document(&sandbox, "describe-repositories", &json!({"repositories": [repository]}));
    sandbox
}

fn document(sandbox: &Sandbox, call: &str, answer: &Value) {
    sandbox.write(&format!("d/{call}.json"), answer.to_string());
}

/// The same with a policy of the repository.
fn with_policy(statements: &Value) -> Sandbox {
    let sandbox = sandbox();
    let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let answer = json!({"registryId": ACCOUNT, "repositoryName": "team/app", "policyText": policy});
    document(&sandbox, "get-repository-policy", &answer);
    sandbox
}

fn preflight(sandbox: &Sandbox, words: &[&str]) -> Run {
    let fixed = ["preflight", "--documents", "d", "--format", "json"];
    sandbox.boltseal(&[&fixed, words].concat())
}

fn allow(sid: &str, principal: &Value, actions: &Value) -> Value {
    json!({"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": actions})
}

/// Principal and certainty of each right.
fn rights(document: &Value, of: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let rights = document["rights"][of].as_array().unwrap();
    rights.iter().map(|it| (text(&it["principal"]), text(&it["certainty"]))).collect()
}

fn right(principal: &str, certainty: &str) -> (String, String) {
    (principal.to_owned(), certainty.to_owned())
}

const PULL: [&str; 3] =
    ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

#[test]
fn everyone_pulls() {
    let sandbox = with_policy(&json!([allow("AllowPull", &json!("*"), &json!(PULL))]));
    let result = preflight(&sandbox, &["--allow-push", CI]).exits(10).json();
    assert_eq!(result["schema"], "boltseal.preflight/v1");
    assert_eq!(result["outcome"], "refused");
    assert_eq!(codes(&result), ["pull-public"]);
    let uri = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/app";
    assert_eq!(result["subject"]["reference"], uri);
    assert_eq!(rights(&result, "pull")[0], right("*", "granted"));
    assert_eq!(result["rights"]["pull"][0]["statement"], "AllowPull");
    assert_eq!(rights(&result, "push"), [right(ACCOUNT, "possible")]);
    let passed = preflight(&sandbox, &["--allow-push", CI, "--allow-public-pull"]).exits(0).json();
    assert_eq!(passed["outcome"], "passed");
    let high: Vec<&Value> = passed["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["severity"] == "high")
        .collect();
    assert_eq!(high[0]["id"], "push-account-iam");
    assert!(high[0]["what"].as_str().unwrap().contains("not visible here"));
}

#[test]
fn the_accounts_root_pushes() {
    let root = json!({"AWS": "arn:aws:iam::111122223333:root"});
    let sandbox = with_policy(&json!([allow("Account", &root, &json!("ecr:*"))]));
    let result = preflight(&sandbox, &["--allow-push", CI]).exits(10).json();
    assert_eq!(codes(&result), ["push-whole-account"]);
    assert_eq!(rights(&result, "push")[0], right(ACCOUNT, "granted"));
    preflight(&sandbox, &["--allow-push", ACCOUNT]).exits(0);
    preflight(&sandbox, &["--allow-push", "arn:aws:iam::111122223333:root"]).exits(0);
}

#[test]
fn a_build_role_pushes() {
    let build = allow("Build", &json!({"AWS": BUILD}), &json!(["ecr:PutImage"]));
    let sandbox = with_policy(&json!([build]));
    preflight(&sandbox, &["--allow-push", BUILD]).exits(0);
    for words in [&["--allow-push", CI][..], &[]] {
        let result = preflight(&sandbox, words).exits(10).json();
        assert_eq!(codes(&result), ["push-not-allowed"]);
        let fix = result["reasons"][0]["fix"].as_str().unwrap();
        assert!(fix.contains(&format!("--allow-push '{BUILD}'")), "{fix}");
    }
}

#[test]
fn ci_pushes_and_everyone_else_is_denied() {
    let deny = json!({"Sid": "OnlyCi", "Effect": "Deny", "Principal": "*", "Action": "ecr:PutImage",
        "Condition": {"StringNotEquals": {"aws:PrincipalArn": CI}}});
    let ci = allow("Ci", &json!({"AWS": CI}), &json!("ecr:PutImage"));
    let sandbox = with_policy(&json!([ci, deny]));
    let result = preflight(&sandbox, &["--allow-push", CI]).exits(0).json();
    assert_eq!(rights(&result, "push"), [right(CI, "granted")]);
    assert_eq!(result["rights"]["push"][0]["condition"], Value::Null);
}

#[test]
fn what_was_not_looked_at_is_said_and_never_passes_as_good() {
    let sandbox = sandbox();
    let result = preflight(&sandbox, &[]).exits(21).json();
    assert_eq!(
        (result["outcome"].as_str(), codes(&result)),
        (Some("undetermined"), vec!["posture-unknown"])
    );
    let listed = result["not_looked_at"].as_array().unwrap();
    assert!(listed.contains(&json!("get-repository-policy")), "{listed:?}");
    sandbox.write(
        "d/get-repository-policy.json",
        "\nAn error occurred (RepositoryPolicyNotFoundException) when calling the \
         GetRepositoryPolicy operation: Repository policy does not exist\n",
    );
    let result = preflight(&sandbox, &[]).exits(0).json();
    assert_eq!(rights(&result, "push"), [right(ACCOUNT, "possible")]);
    sandbox.write(
        "d/get-repository-policy.json",
        "An error occurred (AccessDeniedException) when calling the X operation: no",
    );
    let result = preflight(&sandbox, &[]).exits(21).json();
    let ids: Vec<&Value> =
        result["findings"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    assert!(ids.contains(&&json!("posture-unknown")), "{ids:?}");
}

#[test]
fn bad_documents_are_20_with_file_and_place() {
    for (file, text, found) in [
        ("get-repository-policy.json", "{", "line 1 column 1"),
        ("get-repository-policy.json", r#"{"policyText": "{\"Statement\": 7}"}"#, "7"),
        ("describe-repositories.json", "", "empty"),
        ("get-role.json", r#"{"Role": {}}"#, "RoleName"),
    ] {
        let sandbox = with_policy(&json!([]));
        sandbox.write(&format!("d/{file}"), text);
        let result = preflight(&sandbox, &[]).exits(20).json();
        assert_eq!(codes(&result), ["document-invalid"], "{file}");
        assert_eq!(result["reasons"][0]["where"], format!("d/{file}"));
        let reason = result["reasons"][0].to_string();
        assert!(reason.contains(found), "{reason}");
    }
    let sandbox = Sandbox::new();
    assert_eq!(codes(&preflight(&sandbox, &[]).exits(20).json()), ["documents-unreadable"]);
    sandbox.write("d/README.md", "nothing");
    assert_eq!(codes(&preflight(&sandbox, &[]).exits(20).json()), ["documents-empty"]);
}

#[test]
fn wrong_requests_are_2() {
    let sandbox = with_policy(&json!([]));
    sandbox.boltseal(&["preflight"]).exits(2);
    sandbox.boltseal(&["preflight", "--documents", "d", "--plan", "p"]).exits(2);
    preflight(&sandbox, &["--allow-push", "role/ci"]).exits(2).complains("an ARN");
    let two = json!({"repositories": [{"repositoryName": "a"}, {"repositoryName": "b"}]});
    document(&sandbox, "describe-repositories", &two);
    std::fs::remove_file(sandbox.path("d/get-repository-policy.json")).unwrap();
    preflight(&sandbox, &[]).exits(2).complains("a, b");
}

#[test]
fn tags_the_role_and_the_configuration() {
    let sandbox = with_policy(&json!([]));
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"Federated":
            "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
            "StringLike": {"token.actions.githubusercontent.com:sub": ["repo:acme/app:*", "*"]}}}]});
    let role = json!({"Role": {"RoleName": "ci", "Arn": CI, "AssumeRolePolicyDocument": trust}});
    document(&sandbox, "get-role", &role);
    let subject = "repo:evil/app:ref:refs/heads/main";
    let result = preflight(&sandbox, &["--role", CI, "--subject", subject]).exits(10).json();
    assert_eq!(codes(&result), ["trust-any-subject"]);
    let tried = result["trust"]["candidates"].as_array().unwrap();
    let given = tried.iter().find(|it| it["subject"] == subject).unwrap();
    assert_eq!((&given["admitted"], &given["kind"]), (&json!(true), &json!("given")));
    std::fs::remove_file(sandbox.path("d/get-role.json")).unwrap();
    sandbox.write("boltseal.toml", "[release]\nmoving_tags = [\"latest\"]\n");
    let ids = |words: &[&str]| {
        let result = preflight(&sandbox, words).exits(0).json();
        result["findings"].to_string()
    };
    assert!(ids(&[]).contains("moving-tag-immutable"));
    assert!(!ids(&["--moving-tag", "edge", "--tag", "1"]).contains("latest cannot"));
}

#[test]
fn a_plan_is_judged_before_it_is_applied() {
    let sandbox = Sandbox::new();
    let policy =
        json!({"Statement": [allow("Open", &json!({"AWS": "*"}), &json!("ecr:PutImage"))]});
    let resource = |kind: &str, values: &Value| json!({"address": format!("{kind}.app"), "mode": "managed", "type": kind, "values": values});
    let repository = resource(
        "aws_ecr_repository",
        &json!({"name": "app", "image_tag_mutability": "IMMUTABLE"}),
    );
    let open = resource(
        "aws_ecr_repository_policy",
        &json!({"repository": "app", "policy": policy.to_string()}),
    );
    let plan = |resources: &Value| {
        json!({"format_version": "1.2", "planned_values": {"root_module": {"resources": [],
            "child_modules": [{"resources": resources}]}}})
    };
    sandbox.write("plan.json", plan(&json!([repository, open])).to_string());
    let words = ["preflight", "--plan", "plan.json", "--format", "json"];
    let result = sandbox.boltseal(&words).exits(10).json();
    assert_eq!(codes(&result), ["push-public"]);
    assert!(result["reasons"][0]["found"].as_str().unwrap().contains('*'));
    let later = resource("aws_ecr_repository_policy", &json!({"repository": "app"}));
    sandbox.write("plan.json", plan(&json!([repository, later])).to_string());
    sandbox.boltseal(&words).exits(21);
    sandbox.write("plan.json", "{}");
    assert_eq!(codes(&sandbox.boltseal(&words).exits(20).json()), ["plan-invalid"]);
}

#[test]
fn people_read_the_verdict_first() {
    let build = allow("Build", &json!({"AWS": BUILD}), &json!(["ecr:PutImage"]));
    let sandbox = with_policy(&json!([build]));
    let refused = sandbox.boltseal(&["preflight", "--documents", "d"]).exits(10);
    assert_eq!(refused.stdout, "");
    assert!(refused.stderr.starts_with("REFUSED  111122223333.dkr.ecr"), "{}", refused.stderr);
    for part in [
        "MAY",
        "push",
        BUILD,
        "granted",
        "repository policy, Build",
        "fix",
        "terraform",
        "not seen",
    ] {
        assert!(refused.stderr.contains(part), "no {part} in {}", refused.stderr);
    }
    let words = ["preflight", "--documents", "d", "--allow-push", BUILD];
    let passed = sandbox.boltseal(&words).exits(0);
    assert!(passed.stdout.starts_with("PASSED"), "{}", passed.stdout);
}
