//! Who gets a session, and who does not.

use serde_json::{Value, json};

use super::client::{assume, element};
use crate::cloud::{Claims, Cloud, Options, Role};

const AUDIENCE: &str = "sts.amazonaws.com";

fn good() -> Claims {
    Claims::github("acme/app", "main").audience(AUDIENCE)
}

fn cloud() -> Cloud {
    Cloud::start(Options::default()).unwrap()
}

#[test]
fn the_right_token_gets_a_session() {
    let cloud = cloud();
    let answer = assume(&cloud, "release", &cloud.github().token(&good()), &[]);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let arn = "arn:aws:sts::111122223333:assumed-role/release/run-7";
    assert_eq!(element(&answer.text, "Arn").as_deref(), Some(arn));
    assert_eq!(element(&answer.text, "Audience").as_deref(), Some(AUDIENCE));
    let gitlab = Claims::gitlab("acme/app", "main").audience(AUDIENCE);
    let answer = assume(&cloud, "release", &cloud.gitlab().token(&gitlab), &[]);
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// Each change of a good token is refused with its own code.
#[test]
fn every_other_token_is_refused() {
    let cloud = cloud();
    let github = cloud.github();
    let token = github.token(&good());
    for (what, token, code) in [
        ("a stranger's signature", github.forged(&good()), "InvalidIdentityToken"),
        ("no token", "abcd".to_owned(), "InvalidIdentityToken"),
        ("a changed end", format!("{}A", &token[..token.len() - 2]), "InvalidIdentityToken"),
        (
            "another issuer",
            github.token(&good().with("iss", "https://evil.example")),
            "InvalidIdentityToken",
        ),
        (
            "GitLab's issuer with GitHub's key",
            github.token(&good().with("iss", "https://gitlab.com")),
            "InvalidIdentityToken",
        ),
        (
            "another audience",
            github.token(&good().audience("https://github.com/acme")),
            "InvalidIdentityToken",
        ),
        ("no audience", github.token(&good().without("aud")), "InvalidIdentityToken"),
        ("an end in the past", github.token(&good().expired()), "ExpiredTokenException"),
        (
            "another branch",
            github.token(&Claims::github("acme/app", "dev").audience(AUDIENCE)),
            "AccessDenied",
        ),
        (
            "another repository",
            github.token(&Claims::github("acme/app-evil", "main").audience(AUDIENCE)),
            "AccessDenied",
        ),
        ("no subject", github.token(&good().without("sub")), "AccessDenied"),
    ] {
        let answer = assume(&cloud, "release", &token, &[]);
        assert_eq!(answer.code(), code, "{what}: {}", answer.text);
    }
    assert_eq!(assume(&cloud, "other", &token, &[]).code(), "AccessDenied");
}

#[test]
fn an_issuer_that_is_away_is_told_apart() {
    let mut cloud = cloud();
    let token = cloud.github().token(&good());
    cloud.github_mut().shut();
    assert_eq!(assume(&cloud, "release", &token, &[]).code(), "IDPCommunicationError");
}

#[test]
fn what_is_asked_for_is_checked() {
    let cloud = cloud();
    let token = cloud.github().token(&good());
    let long = format!("{{\"Version\":\"2012-10-17\",\"Statement\":[]{}}}", " ".repeat(2048));
    for (name, value, code) in [
        ("DurationSeconds", "899", "ValidationError"),
        ("DurationSeconds", "43201", "ValidationError"),
        // The role allows an hour.
        ("DurationSeconds", "3601", "ValidationError"),
        ("Policy", long.as_str(), "ValidationError"),
        ("Policy", "{}", "MalformedPolicyDocument"),
        ("Policy", "{", "MalformedPolicyDocument"),
    ] {
        let answer = assume(&cloud, "release", &token, &[(name, value)]);
        assert_eq!(answer.code(), code, "{name}={value}");
    }
}

/// The conditions of a trust policy, each with a token that fits and one that does not.
#[test]
fn a_trust_policy_is_evaluated() {
    let github = |name: &str| format!("token.actions.githubusercontent.com:{name}");
    let custom = good().with("sub", "repo:acme/app:environment:prod").with("environment", "prod");
    for (condition, fits, fails) in [
        (
            json!({"StringLike": {github("sub"): "repo:acme/app:ref:refs/heads/rel-*"}}),
            Claims::github("acme/app", "rel-1").audience(AUDIENCE),
            good(),
        ),
        (
            json!({"StringEquals": {github("repository_id"): "74"}}),
            good(),
            good().with("repository_id", "75"),
        ),
        (json!({"StringEquals": {github("environment"): "prod"}}), custom, good()),
        (
            json!({"ForAnyValue:StringEquals": {github("aud"): [AUDIENCE]}}),
            good().with("aud", json!([AUDIENCE, "other"])),
            good().without("aud"),
        ),
        (
            json!({"StringLike": {github("job_workflow_ref"): "acme/*@refs/heads/main"}}),
            good(),
            good().with("job_workflow_ref", "evil/x/.github/workflows/y.yml@refs/heads/main"),
        ),
        (
            json!({"StringEquals": {"sts:RoleSessionName": "run-7"}, "Null": {github("actor"): "false"}}),
            good(),
            good().without("actor"),
        ),
        // A claim that AWS does not evaluate is absent, whatever the token says.
        (json!({"Null": {github("run_id"): "true"}}), good(), good().without("sub").without("aud")),
    ] {
        let mut options = Options::default();
        let provider = options.provider_arn("https://token.actions.githubusercontent.com");
        options.roles = vec![Role::new("release").trusting(&provider, &condition)];
        let cloud = Cloud::start(options).unwrap();
        let status =
            |claims: &Claims| assume(&cloud, "release", &cloud.github().token(claims), &[]).status;
        assert_eq!(status(&fits), 200, "{condition}");
        assert!(status(&fails) >= 400, "{condition}");
    }
}

#[test]
fn a_role_trusts_the_issuer_it_names_and_no_other() {
    let mut options = Options::default();
    let provider = options.provider_arn("https://gitlab.com");
    options.roles = vec![Role::new("release").trusting(&provider, &json!({}))];
    let cloud = Cloud::start(options).unwrap();
    let token = cloud.github().token(&good());
    assert_eq!(assume(&cloud, "release", &token, &[]).code(), "AccessDenied");
    let token = cloud.gitlab().token(&Claims::gitlab("a/b", "x").audience(AUDIENCE));
    assert_eq!(assume(&cloud, "release", &token, &[]).status, 200);
}

#[test]
fn a_trust_policy_that_iam_would_not_take_is_an_error() {
    let mut options = Options::default();
    options.roles[0].trust = Value::Null;
    assert!(Cloud::start(options).is_err());
}
