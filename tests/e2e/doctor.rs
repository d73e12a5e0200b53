//! `doctor`: why a role, a registry or a key does not work.

use boltseal_testkit::registry::{Options, Referrers, Server};
use serde_json::{Value, json};

use crate::harness::{Run, Sandbox};

const PROVIDER: &str =
    "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
const MAIN: &str = "repo:acme/app:ref:refs/heads/main";

fn result(run: &Run) -> Value {
    run.json()
}

/// A sandbox with a trust policy on the main branch and the claims of a token.
fn trusting(subject: &str, condition: &Value) -> Sandbox {
    let sandbox = Sandbox::new();
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Sid": "Ci", "Effect": "Allow",
        "Principal": {"Federated": PROVIDER}, "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition}]});
    sandbox.write("trust.json", policy.to_string());
    let claims = json!({"iss": "https://token.actions.githubusercontent.com", "sub": subject,
        "aud": "sts.amazonaws.com", "repository": "acme/app"});
    sandbox.write("claims.json", claims.to_string());
    sandbox
}

fn on(subject: &str) -> Value {
    json!({"StringEquals": {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": subject,
    }})
}

const OIDC: [&str; 8] = [
    "doctor",
    "oidc",
    "--trust-policy",
    "trust.json",
    "--claims",
    "claims.json",
    "--format",
    "json",
];

#[test]
fn a_token_that_is_let_in() {
    let result = result(&trusting(MAIN, &on(MAIN)).boltseal(&OIDC).exits(0));
    assert_eq!(
        (&result["schema"], &result["looked_at"]),
        (&json!("boltseal.doctor/v1"), &json!("oidc"))
    );
    assert_eq!(result["facts"]["sub"], MAIN);
    assert_eq!(result["checks"][0]["status"], "good", "{result}");
}

#[test]
fn a_token_that_is_kept_out_is_told_by_which_condition() {
    let other = "repo:acme/app:pull_request";
    let result = result(&trusting(other, &on(MAIN)).boltseal(&OIDC).exits(22));
    let reason = &result["reasons"][0];
    assert_eq!((&reason["code"], &reason["found"]), (&json!("trust-refuses"), &json!(other)));
    assert_eq!(reason["where"], "trust statement Ci");
    let text = |member: &str| reason[member].as_str().unwrap().to_owned();
    assert!(text("expected").contains(MAIN) && text("fix").contains(other), "{reason}");
    assert_eq!(result["reasons"].as_array().unwrap().len(), 1, "the audience is met: {result}");
}

#[test]
fn what_is_wrong_whoever_comes_is_told_beside_it() {
    let open = json!({"StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/*"}});
    let result = result(&trusting(MAIN, &open).boltseal(&OIDC).exits(0));
    let bad = |it: &&Value| it["status"] == "bad";
    let checks = result["checks"].as_array().unwrap();
    assert!(checks.iter().filter(bad).any(|it| it["name"] == "trust-audience"), "{result}");
}

#[test]
fn files_that_are_none() {
    let sandbox = trusting(MAIN, &on(MAIN));
    sandbox.write("trust.json", r#"{"Statement": [{"Effect": "Allow"}]}"#);
    sandbox.boltseal(&OIDC).exits(20).complains("trust-policy-invalid");
    sandbox.write("trust.json", "[");
    sandbox.boltseal(&OIDC).exits(20);
    let words = ["doctor", "oidc", "--trust-policy", "none.json", "--claims", "claims.json"];
    sandbox.boltseal(&words).exits(20).complains("none.json");
}

fn look(options: Options) -> (Server, Value) {
    let server = Server::start_blocking(options);
    let repository = server.repository("app");
    let words = ["doctor", "registry", &repository, "--format", "json"];
    let result = result(&Sandbox::new().boltseal(&words).exits(0));
    (server, result)
}

fn status(result: &Value, name: &str) -> String {
    let checks = result["checks"].as_array().unwrap();
    let found = checks.iter().find(|it| it["name"] == name);
    found.unwrap_or_else(|| panic!("{name}: {result}"))["status"].as_str().unwrap().to_owned()
}

#[test]
fn a_registry_tells_what_it_can_do_and_no_tag_is_written() {
    let (server, result) = look(Options::default());
    assert_eq!(status(&result, "referrers-api"), "good", "{result}");
    for name in ["upload", "oci-manifest", "oci-index", "docker-manifest", "referrer"] {
        assert_eq!(status(&result, name), "good", "{name}: {result}");
    }
    assert_eq!(result["facts"]["referrers"], "the Referrers API");
    assert!(server.store().tags("app").is_empty());
    // What is left is what the result says.
    let left = server.store().manifests("app");
    let wrote = result["wrote"].to_string();
    assert!(left.iter().all(|it| wrote.contains(&format!("{it}: left there"))), "{wrote}");
    assert!(wrote.contains("manifest sha256:"), "{wrote}");
}

#[test]
fn a_registry_without_the_referrers_api() {
    let (_server, result) = look(Options { referrers: Referrers::None405, ..Options::default() });
    assert_eq!(status(&result, "referrers-api"), "note", "{result}");
    assert_eq!(result["facts"]["referrers"], "the fallback tag");
}

#[test]
fn what_is_no_registry_or_is_not_there() {
    let sandbox = Sandbox::new();
    sandbox.boltseal(&["doctor", "registry", "oci:dir"]).exits(2);
    let words = ["doctor", "registry", "127.0.0.1:1/app", "--patience", "1"];
    sandbox.boltseal(&words).exits(21);
}

#[test]
fn a_key_and_who_takes_it() {
    let sandbox = Sandbox::new();
    for (algorithm, expected) in [("p256", "good"), ("p384", "note")] {
        let words = ["keys", "generate", "--output-key-prefix", algorithm];
        let words = [&words[..], &["--algorithm", algorithm]].concat();
        sandbox.boltseal_with(&[("COSIGN_PASSWORD", "")], &words).exits(0);
        let file = format!("{algorithm}.pub");
        let words = ["doctor", "key", &file, "--format", "json"];
        let result = result(&sandbox.boltseal(&words).exits(0));
        assert_eq!(result["facts"]["algorithm"], algorithm);
        let pem = result["facts"]["public_key"].as_str().unwrap();
        assert!(pem.contains("BEGIN PUBLIC KEY"), "{pem}");
        assert_eq!(result["checks"][0]["status"], expected, "{result}");
    }
    sandbox.boltseal(&["doctor", "key", "none.pub"]).exits(20);
}
