//! What the stand-in decides before an emulator of KMS is asked.

use serde_json::{Value, json};

use super::client::{Answer, call, session};
use crate::cloud::http::{Listener, Reply};
use crate::cloud::{Cloud, Options, Service};

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1";

/// An emulator that has one key and one alias, and tells what it was asked to do.
fn emulator(policy: Value) -> Listener {
    Listener::start(move |request| {
        let operation = request.header("x-amz-target").unwrap_or_default().to_owned();
        let key = request.json()["KeyId"].as_str().unwrap_or_default().to_owned();
        // It has these in every region and account.
        if !["1", "2", "key/1", "alias/release"].iter().any(|it| key.ends_with(it)) {
            return Reply::json(400, &json!({"__type": "NotFoundException"}));
        }
        Reply::json(
            200,
            &match operation.as_str() {
                "TrentService.DescribeKey" => {
                    let usage = if key == "2" { "ENCRYPT_DECRYPT" } else { "SIGN_VERIFY" };
                    json!({"KeyMetadata": {"Arn": KEY, "KeyUsage": usage}})
                }
                "TrentService.GetKeyPolicy" => json!({"Policy": policy}),
                other => json!({"did": other}),
            },
        )
    })
}

fn sign(policies: &[Value], key_policy: Value, input: &Value) -> Answer {
    let emulator = emulator(key_policy);
    let options = Options { kms: Some(emulator.origin()), ..Options::default() };
    let cloud = Cloud::start(options.release_may(policies.to_vec())).unwrap();
    let credentials = session(&cloud, None);
    call(&cloud, &credentials, (Service::Kms, "Sign"), input)
}

fn may(resource: &str) -> Value {
    json!({"Statement": [{"Effect": "Allow", "Action": "kms:Sign", "Resource": resource,
        "Condition": {"StringEquals": {"kms:SigningAlgorithm": "ECDSA_SHA_256"}}}]})
}

#[test]
fn a_signature_takes_the_permission_on_the_key_itself() {
    let input = json!({"KeyId": "alias/release", "SigningAlgorithm": "ECDSA_SHA_256"});
    assert_eq!(sign(&[may(KEY)], Value::Null, &input).json()["did"], "TrentService.Sign");
    let alias = may("arn:aws:kms:us-east-1:111122223333:alias/release");
    let denied = sign(&[alias], Value::Null, &input);
    assert_eq!(denied.code(), "AccessDeniedException");
    assert!(denied.text.contains(&format!("kms:Sign on resource: {KEY}")), "{}", denied.text);
    let other = json!({"KeyId": "1", "SigningAlgorithm": "ECDSA_SHA_384"});
    assert_eq!(sign(&[may(KEY)], Value::Null, &other).code(), "AccessDeniedException");
}

#[test]
fn the_policy_of_the_key_has_the_last_word() {
    let input = json!({"KeyId": "1", "SigningAlgorithm": "ECDSA_SHA_256"});
    let policy = |principal: &str| {
        Value::from(
            json!({"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*",
            "Principal": {"AWS": principal}}})
            .to_string(),
        )
    };
    let admin = policy("arn:aws:iam::111122223333:role/admin");
    let denied = sign(&[may(KEY)], admin, &input);
    assert!(denied.text.contains("because no resource-based policy allows"), "{}", denied.text);
    let role = policy("arn:aws:iam::111122223333:role/release");
    assert_eq!(sign(&[], role, &input).status, 200);
}

#[test]
fn a_key_of_another_region_is_not_found() {
    let sign = |key: &str| {
        let input = json!({"KeyId": key, "SigningAlgorithm": "ECDSA_SHA_256"});
        sign(&[may("*")], Value::Null, &input)
    };
    for key in [
        "alias/other",
        "3",
        "arn:aws:kms:eu-west-1:111122223333:alias/release",
        "arn:aws:kms:us-east-1:999922223333:key/1",
    ] {
        assert_eq!(sign(key).code(), "NotFoundException", "{key}");
    }
    assert_eq!(sign(KEY).status, 200);
}

#[test]
fn a_key_for_something_else_signs_nothing() {
    let input = json!({"KeyId": "2", "SigningAlgorithm": "ECDSA_SHA_256"});
    assert_eq!(sign(&[may("*")], Value::Null, &input).code(), "InvalidKeyUsageException");
}
