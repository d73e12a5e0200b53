//! `boltseal.toml`.

use boltseal_core::Severity;
use boltseal_testkit::image::debian_like;
use boltseal_testkit::report::Scan;

use crate::harness::{Sandbox, codes};

fn sandbox(config: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let scan = Scan::of(&debian_like()).vulnerability("CVE-2026-1", "zlib1g", Severity::High);
    sandbox.write("r.json", scan.grype());
    sandbox.write("boltseal.toml", config);
    sandbox
}

#[test]
fn it_is_read_where_it_lies_and_flags_override_it() {
    let sandbox = sandbox("[gate]\nmax_high = 1\n");
    sandbox.boltseal(&["gate", "r.json"]).exits(0);
    sandbox.boltseal(&["gate", "r.json", "--max-high", "0"]).exits(10);
    sandbox.write("strict.toml", "[gate]\nmax_high = 0\n");
    sandbox.boltseal(&["gate", "r.json", "--config", "strict.toml"]).exits(10);
    sandbox.boltseal(&["gate", "r.json", "--config", "absent.toml"]).exits(20);
}

#[test]
fn an_unknown_key_is_an_error_with_its_line_and_the_nearest_key() {
    let sandbox = sandbox("[gate]\n\nmax_hihg = 1\n");
    let result = sandbox.boltseal(&["gate", "r.json", "--format", "json"]).exits(20).json();
    assert_eq!(codes(&result), ["config-unknown-key"]);
    let reason = &result["reasons"][0];
    assert!(reason["where"].as_str().unwrap().ends_with("boltseal.toml:3"), "{reason}");
    assert!(reason["fix"].as_str().unwrap().contains("max_high"), "{reason}");
}

#[test]
fn verify_reads_nothing_that_was_not_named() {
    let sandbox = sandbox("this is no TOML");
    sandbox.boltseal(&["gate", "r.json"]).exits(20);
    let key = sandbox.key_pair("k");
    for command in ["verify", "inspect", "sbom"] {
        let words = [command, "oci:absent", "--format", "json"];
        let keys = ["--key", &key.public];
        let keys = if command == "verify" { &keys[..] } else { &[] };
        let run = sandbox.boltseal(&[&words[..], keys].concat());
        assert_eq!(run.code, 21, "{run:?}");
        assert!(!run.stdout.contains("config"), "{}", run.stdout);
    }
}

#[test]
fn release_takes_destination_keys_and_scan_from_it() {
    let sandbox = sandbox(
        "[release]\nto = \"registry.example.com/app:1\"\nkeys = [\"absent.key\"]\nscan = [\"none\"]\n",
    );
    let words = ["release", "oci:absent", "--format", "json"];
    let result = sandbox.boltseal(&words).exits(20).json();
    assert_eq!(codes(&result), ["key-unreadable"]);
    assert_eq!(result["reasons"][0]["where"], "absent.key");
    let offline = [&words[..], &["--offline"]].concat();
    sandbox.boltseal(&offline).exits(2).complains("registry.example.com/app");
}
