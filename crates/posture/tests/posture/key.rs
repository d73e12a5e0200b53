//! The signing key: its health and its policy.

use boltseal_posture::{Certainty, Outcome, Posture};
use serde_json::{Value, json};

use crate::scene::{CI, Scene, ids};

fn key(members: &Value) -> Value {
    let mut key = json!({
        "AWSAccountId": "111122223333",
        "KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab",
        "Arn": "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "Enabled": true, "KeyUsage": "SIGN_VERIFY", "KeyState": "Enabled", "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER", "KeySpec": "ECC_NIST_P256",
        "CustomerMasterKeySpec": "ECC_NIST_P256", "MultiRegion": false,
        "SigningAlgorithms": ["ECDSA_SHA_256"],
    });
    for (name, value) in members.as_object().unwrap() {
        key[name] = value.clone();
    }
    json!({"KeyMetadata": key})
}

fn of_key(posture: &Posture) -> Vec<&'static str> {
    let of = |it: &&str| it.starts_with("key-") || it.starts_with("sign-");
    ids(posture).into_iter().filter(of).collect()
}

#[test]
fn the_health_of_a_key() {
    for (members, expected) in [
        (json!({}), &[][..]),
        (json!({"KeyState": "Disabled", "Enabled": false}), &["key-unusable"]),
        (json!({"KeyState": "PendingImport"}), &["key-unusable"]),
        (json!({"KeyState": "PendingDeletion"}), &["key-pending-deletion"]),
        (json!({"KeyUsage": "ENCRYPT_DECRYPT", "KeySpec": "SYMMETRIC_DEFAULT"}), &["key-usage"]),
        (json!({"KeySpec": "ECC_SECG_P256K1"}), &["key-spec"]),
        (json!({"Origin": "EXTERNAL"}), &["key-imported"]),
        (json!({"MultiRegion": true}), &["key-multi-region"]),
        (json!({"AWSAccountId": "999999999999"}), &["key-foreign-account"]),
    ] {
        let posture = Scene::new().with("describe-key", &key(&members)).judge();
        assert_eq!(of_key(&posture), expected, "{members}");
    }
    let posture = Scene::new().with("describe-key", &key(&json!({"KeyState": "Disabled"}))).judge();
    let finding = posture.findings.iter().find(|it| it.id == "key-unusable").unwrap();
    assert!(finding.fix.cli.contains("key/1234abcd"), "{}", finding.fix.cli);
}

fn policy(statements: &Value) -> Scene {
    let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    Scene::new()
        .with("describe-key", &key(&json!({})))
        .with("get-key-policy", &json!({"Policy": policy, "PolicyName": "default"}))
        .allow(&[CI])
}

fn root() -> Value {
    json!({"Sid": "Root", "Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Principal": {"AWS": "arn:aws:iam::111122223333:root"}})
}

fn sign(principal: &str) -> Value {
    json!({"Sid": "Sign", "Effect": "Allow", "Action": ["kms:Sign", "kms:GetPublicKey"],
        "Resource": "*", "Principal": {"AWS": principal}})
}

#[test]
fn who_may_sign() {
    let signers = |scene: &Scene| {
        let sign = scene.judge().rights.sign;
        sign.into_iter().map(|it| (it.principal, it.certainty)).collect::<Vec<_>>()
    };
    let only_ci = policy(&json!([sign(CI)]));
    assert_eq!(signers(&only_ci), [(CI.to_owned(), Certainty::Granted)]);
    assert_eq!(of_key(&only_ci.judge()), [] as [&str; 0]);
    let with_root = policy(&json!([root(), sign(CI)]));
    let account = ("111122223333".to_owned(), Certainty::Possible);
    assert_eq!(signers(&with_root), [(CI.to_owned(), Certainty::Granted), account]);
    assert_eq!(of_key(&with_root.judge()), ["sign-account-iam"]);
    let other = policy(&json!([sign(CI), sign("arn:aws:iam::111122223333:role/other")]));
    assert_eq!(of_key(&other.judge()), ["sign-not-ci"]);
    let foreign = policy(&json!([sign("arn:aws:iam::999999999999:root")]));
    assert_eq!(of_key(&foreign.judge()), ["sign-foreign-account"]);
}

#[test]
fn a_key_that_everyone_signs_with_refuses() {
    let posture = policy(&json!([sign("*")])).judge();
    assert_eq!(posture.outcome, Outcome::Refused);
    assert_eq!(posture.reasons[0].code, "sign-public");
    let bound = json!([{"Sid": "Bound", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*",
        "Resource": "*", "Condition": {"StringEquals": {"kms:CallerAccount": "111122223333"}}}]);
    let posture = policy(&bound).judge();
    assert_eq!(posture.outcome, Outcome::Passed);
    assert_eq!(posture.rights.sign[0].principal, "111122223333");
    let anyone = json!([{"Effect": "Allow", "Principal": "*", "Action": "kms:PutKeyPolicy", "Resource": "*"}]);
    assert_eq!(policy(&anyone).judge().reasons[0].code, "key-policy-public");
}

#[test]
fn iam_signs_only_where_the_key_lets_it() {
    let release = json!({"RoleName": "ci", "PolicyName": "release", "PolicyDocument": {
        "Statement": [{"Effect": "Allow", "Action": "kms:Sign", "Resource":
            "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"}]}});
    let role = crate::scene::role(&json!({}));
    let with = |statements: &Value| {
        let scene = policy(statements).with("get-role", &role).with("get-role-policy", &release);
        scene.judge().rights.sign.len()
    };
    assert_eq!(with(&json!([root()])), 2, "the account, and CI by its own policy");
    assert_eq!(with(&json!([sign("arn:aws:iam::111122223333:role/other")])), 1);
}

#[test]
fn several_keys_are_told_apart() {
    let disabled =
        key(&json!({"KeyState": "Disabled", "Arn": "arn:aws:kms:eu-west-1:111122223333:key/old"}));
    let posture = Scene::new()
        .with("describe-key.new", &key(&json!({})))
        .with("describe-key.old", &disabled)
        .judge();
    let finding = posture.findings.iter().find(|it| it.id == "key-unusable").unwrap();
    assert!(finding.place.contains("key/old"), "{}", finding.place);
}
