//! What is wrong in itself: exit code 2, said on standard error, before anything is done.

use crate::harness::{Run, Sandbox};

/// Runs, and demands that nothing but an explanation came of it.
#[track_caller]
fn refused(sandbox: &Sandbox, words: &[&str]) -> Run {
    let run = sandbox.boltseal(&[words, &["--format", "json"]].concat()).exits(2);
    assert_eq!(run.stdout, "", "no document at exit 2");
    run
}

const RELEASE: [&str; 6] = ["release", "oci:in", "--to", "oci:out:1", "--key", "k.key"];

#[test]
fn a_release_needs_a_scan_or_the_word_that_there_is_none() {
    let sandbox = Sandbox::new();
    let run = refused(&sandbox, &RELEASE);
    for choice in ["--scan FILE", "--scan none", "ecr", "inspector"] {
        assert!(run.stderr.contains(choice), "no {choice} in {}", run.stderr);
    }
    let key = sandbox.key_pair("k").private;
    let words = [&RELEASE[..4], &["--key", &key, "--scan"]].concat();
    refused(&sandbox, &[&words[..], &["ecr"]].concat()).complains("Amazon ECR").complains("--role");
    refused(&sandbox, &[&words[..], &["inspector"]].concat()).complains("--region");
    refused(&sandbox, &[&RELEASE[..], &["--scan", "none", "--scan", "r.json"]].concat());
    assert!(!sandbox.path("out").exists());
}

#[test]
fn a_release_needs_a_destination_a_key_and_an_image() {
    let sandbox = Sandbox::new();
    refused(&sandbox, &["release", "oci:in", "--key", "k", "--scan", "none"]).complains("--to");
    refused(&sandbox, &["release", "oci:in", "--to", "oci:out", "--scan", "none"])
        .complains("keys generate");
    refused(&sandbox, &["release", "--to", "oci:out", "--key", "k", "--scan", "none"])
        .complains("--binary");
    let both = ["release", "oci:in", "--binary", "f", "--to", "oci:out", "--key", "k"];
    refused(&sandbox, &both);
}

#[test]
fn nothing_is_released_but_by_digest() {
    let sandbox = Sandbox::new();
    let image = "registry.example.com/app:1";
    let words = ["release", image, "--to", "oci:out", "--key", "k", "--scan", "none"];
    refused(&sandbox, &words).complains("crane digest registry.example.com/app:1");
}

#[test]
fn tags_of_others_are_not_taken() {
    let sandbox = Sandbox::new();
    let reserved = format!("sha256-{}", "a".repeat(64));
    let to = format!("registry.example.com/app:{reserved}");
    let words = ["release", "oci:in", "--to", &to, "--key", "k", "--scan", "none"];
    refused(&sandbox, &words).complains("tag schema");
    let moving = [&RELEASE[..], &["--scan", "none", "--moving-tag", "1"]].concat();
    refused(&sandbox, &moving).complains("--moving-tag");
}

#[test]
fn a_registry_for_everybody_must_be_meant() {
    let sandbox = Sandbox::new();
    let to = "public.ecr.aws/acme/app:1";
    let words = ["release", "oci:in", "--to", to, "--key", "k.key", "--scan", "none"];
    let run = sandbox.boltseal(&[&words[..], &["--format", "json"]].concat()).exits(10);
    assert_eq!(run.json()["reasons"][0]["code"], "registry-public");
    // Past that, it is the key that is missing.
    let meant = [&words[..], &["--allow-public-pull", "--format", "json"]].concat();
    let run = sandbox.boltseal(&meant).exits(20);
    assert_eq!(run.json()["reasons"][0]["where"], "k.key");
}

#[test]
fn archives_are_not_written_to() {
    let sandbox = Sandbox::new();
    let key = sandbox.key_pair("k");
    for to in ["oci-archive:a.tar", "docker-archive:a.tar", "evidence:a.tar"] {
        let source = ["promote", "oci:in", to, "--key", &key.public];
        refused(&sandbox, &[&source[..], &["--promotion-key", &key.private]].concat());
    }
}

#[test]
fn what_cannot_be_says_what_works() {
    let sandbox = Sandbox::new();
    let verify = ["verify", "oci:x", "--key", "awskms:///alias/release"];
    refused(&sandbox, &verify).complains("--region");
    refused(&sandbox, &[&verify[..], &["--offline"]].concat()).complains("public key as a file");
    let notation = [&RELEASE[..], &["--scan", "none", "--evidence", "notation"]].concat();
    refused(&sandbox, &notation).complains("give --evidence bundle,notation");
    // A policy that is not there is a configuration that is invalid, not a wrong command line.
    sandbox.boltseal(&["verify", "oci:x", "--policy", "p.toml"]).exits(20);
}

#[test]
fn a_verification_needs_somebody_to_trust() {
    let sandbox = Sandbox::new();
    refused(&sandbox, &["verify", "oci:x"]).complains("--key");
    refused(&sandbox, &["promote", "oci:x", "oci:y", "--promotion-key", "k"]).complains("--key");
    let key = sandbox.key_pair("k");
    refused(&sandbox, &["promote", "oci:x", "oci:y", "--key", &key.public])
        .complains("--promotion-key");
    sandbox.write("f", "x");
    refused(&sandbox, &["verify-blob", "f", "--bundle", "b"]).complains("--key");
}

#[test]
fn a_key_to_check_with_that_cannot_be_read_is_20() {
    let sandbox = Sandbox::new();
    let words = ["verify", "oci:x", "--key", "absent.pub", "--format", "json"];
    let result = sandbox.boltseal(&words).exits(20).json();
    assert_eq!(result["reasons"][0]["where"], "absent.pub");
    assert_eq!(result["outcome"], "refused");
}

#[test]
fn offline_refuses_registries() {
    let sandbox = Sandbox::new();
    let key = sandbox.key_pair("k");
    let target = "127.0.0.1:1/app:1";
    refused(&sandbox, &["verify", target, "--key", &key.public, "--offline"]).complains("offline");
    refused(&sandbox, &["inspect", target, "--offline"]);
    refused(&sandbox, &["sbom", target, "--offline"]);
    let to = ["--key", &key.private, "--scan", "none", "--offline"];
    refused(&sandbox, &[&["release", "oci:in", "--to", target], &to[..]].concat());
}

#[test]
fn a_result_that_cannot_be_written_is_found_out_before_the_work() {
    let sandbox = Sandbox::new();
    let words = ["gate", "absent.json", "--output", "no/such/folder/x"];
    refused(&sandbox, &words).complains("no/such/folder/x");
    let key = sandbox.key_pair("k");
    let release = ["release", "oci:in", "--to", "oci:out:1", "--key", &key.private];
    let evidence = ["--scan", "none", "--evidence-file", "no/such/folder/e.tar"];
    refused(&sandbox, &[&release[..], &evidence[..]].concat()).complains("no/such/folder");
    assert!(!sandbox.path("out").exists());
}

#[test]
fn traffic_is_sent_to_this_machine_only() {
    let sandbox = Sandbox::new();
    let key = sandbox.key_pair("k");
    let words = ["verify", "registry.example.com/app:1", "--key", &key.public];
    for map in ["registry.example.com=http://10.0.0.1:5000", "nonsense"] {
        let run = sandbox.boltseal_with(&[("BOLTSEAL_REGISTRY_MAP", map)], &words).exits(2);
        assert!(run.stderr.contains("loopback"), "{}", run.stderr);
    }
}

#[test]
fn help_and_version_are_no_failures() {
    let sandbox = Sandbox::new();
    assert!(sandbox.boltseal(&["--version"]).exits(0).stdout.starts_with("boltseal "));
    let help = sandbox.boltseal(&["release", "--help"]).exits(0).stdout;
    for flag in ["--scan", "--moving-tag", "--evidence-file", "--max-critical", "--waivers"] {
        assert!(help.contains(flag), "no {flag} in {help}");
    }
    sandbox.boltseal(&["no-such-command"]).exits(2);
}
