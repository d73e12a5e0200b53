//! `keys generate` and `keys public`.

use std::os::unix::fs::PermissionsExt as _;

use crate::harness::{Sandbox, codes};

#[test]
fn a_pair_is_written_for_its_owner_alone_and_its_halves_belong_together() {
    let sandbox = Sandbox::new();
    for algorithm in ["p256", "p384", "p521", "ed25519", "rsa3072"] {
        let words = ["keys", "generate", "--output-key-prefix", algorithm];
        let run = sandbox.boltseal(&[&words[..], &["--algorithm", algorithm]].concat()).exits(0);
        assert!(run.stdout.starts_with("GENERATED"), "{}", run.stdout);
        let private = sandbox.read(&format!("{algorithm}.key"));
        assert!(private.starts_with("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----"));
        let mode = sandbox.path(&format!("{algorithm}.key")).metadata().unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
        let key = format!("{algorithm}.key");
        let public = sandbox.boltseal(&["keys", "public", "--key", &key]).exits(0);
        assert_eq!(public.stdout, sandbox.read(&format!("{algorithm}.pub")));
    }
}

#[test]
fn a_pair_is_never_overwritten() {
    let sandbox = Sandbox::new();
    let pair = sandbox.key_pair("k");
    let before = sandbox.read(&pair.private);
    let again = sandbox.boltseal(&["keys", "generate", "--output-key-prefix", "k"]);
    again.exits(2).complains("never overwritten");
    assert_eq!(sandbox.read(&pair.private), before);
}

#[test]
fn half_a_pair_is_not_left_behind() {
    let sandbox = Sandbox::new();
    sandbox.write("k.pub", "mine");
    sandbox.boltseal(&["keys", "generate", "--output-key-prefix", "k"]).exits(2);
    assert!(!sandbox.path("k.key").exists());
    assert_eq!(sandbox.read("k.pub"), "mine");
}

#[test]
fn the_password_comes_from_the_environment_and_is_never_asked_for() {
    let sandbox = Sandbox::new();
    let words = ["keys", "generate", "--output-key-prefix", "k"];
    sandbox.boltseal_without("COSIGN_PASSWORD", &words).exits(20).complains("COSIGN_PASSWORD");
    assert!(!sandbox.path("k.key").exists());
    let secret = [("COSIGN_PASSWORD", "hunter2")];
    sandbox.boltseal_with(&secret, &words).exits(0);
    let public = ["keys", "public", "--key", "k.key", "--format", "json"];
    assert_eq!(codes(&sandbox.boltseal(&public).exits(20).json()), ["password-wrong"]);
    let missing = sandbox.boltseal_without("COSIGN_PASSWORD", &public).exits(20);
    assert_eq!(codes(&missing.json()), ["password-missing"]);
    let run = sandbox.boltseal_with(&secret, &public).exits(0);
    assert_eq!(run.json()["algorithm"], "p256");
    assert!(!format!("{run:?}").contains("hunter2"));
}

#[test]
fn a_key_may_stand_in_a_variable() {
    let sandbox = Sandbox::new();
    let pair = sandbox.key_pair("k");
    let pem = sandbox.read(&pair.private);
    let words = ["keys", "public", "--key", "env://SIGNING_KEY"];
    let run = sandbox.boltseal_with(&[("SIGNING_KEY", &pem)], &words).exits(0);
    assert_eq!(run.stdout, sandbox.read(&pair.public));
    sandbox.boltseal(&words).exits(20).complains("SIGNING_KEY");
}

#[test]
fn what_is_no_key_is_refused_without_being_shown() {
    let sandbox = Sandbox::new();
    sandbox.write("bad.key", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n");
    for key in ["bad.key", "absent.key"] {
        let run = sandbox.boltseal(&["keys", "public", "--key", key, "--format", "json"]).exits(20);
        assert_eq!(run.json()["reasons"][0]["where"], key);
        assert!(!format!("{run:?}").contains("c2VjcmV0"));
    }
}
