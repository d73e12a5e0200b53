//! `policy.toml`: each member passing and refusing, on `verify` and on `promote`.

use boltseal_core::{Digest, Severity};
use boltseal_testkit::registry::Options;
use boltseal_testkit::report::Scan;
use serde_json::Value;

use crate::harness::codes;
use crate::release::Place;

const SIGNER: &str = "[[signer]]\nname = \"ci\"\nkey = \"release.pub\"\n";

/// A released image.
fn released(more: &[&str]) -> Place {
    let place = Place::new(Options::default());
    place.release("1.0", &[&["--moving-tag", "latest"], more].concat()).exits(0);
    place
}

/// Verifies the image by a policy; the exit code and the codes of the reasons.
#[track_caller]
fn judged(place: &Place, target: &str, policy: &str) -> (i64, Vec<String>) {
    place.sandbox.write("policy.toml", policy);
    let words = ["verify", target, "--policy", "policy.toml", "--format", "json"];
    let run = place.sandbox.boltseal(&words);
    let result = run.json();
    for reason in result["reasons"].as_array().expect("reasons") {
        for part in ["code", "expected", "found", "where", "fix"] {
            assert!(reason[part].as_str().is_some_and(|it| !it.is_empty()), "{reason:#}");
        }
    }
    let codes = codes(&result).into_iter().map(str::to_owned).collect();
    (i64::from(run.code), codes)
}

#[track_caller]
fn passes(place: &Place, policy: &str) {
    assert_eq!(judged(place, &place.to("1.0"), policy), (0, Vec::new()), "{policy}");
}

#[track_caller]
fn refuses(place: &Place, policy: &str, exit: i64, code: &str) {
    let (found, codes) = judged(place, &place.to("1.0"), policy);
    assert_eq!(found, exit, "{policy}: {codes:?}");
    assert!(codes.iter().all(|it| it == code) && !codes.is_empty(), "{policy}: {codes:?}");
}

#[test]
fn signers_count_within_their_window_and_for_what_is_listed() {
    let place = released(&["--scan", "scan.json"]);
    passes(&place, SIGNER);
    let other = place.sandbox.key_pair("other");
    let stranger = SIGNER.replace("release.pub", &other.public);
    refuses(&place, &stranger, 11, "unknown-signer");
    passes(&place, &format!("{SIGNER}not_after = 2999-01-01T00:00:00Z\n"));
    let ended = format!("{SIGNER}not_after = 2020-01-01T00:00:00Z\n");
    refuses(&place, &ended, 11, "signer-expired");
    passes(&place, &format!("{ended}digests = [\"{}\"]\n", place.image.digest()));
    let later = format!("{SIGNER}not_before = 2999-01-01T00:00:00Z\n");
    refuses(&place, &later, 11, "signer-not-yet-valid");
}

#[test]
fn k_of_n_signers_must_have_signed() {
    let place = Place::new(Options::default());
    let other = place.sandbox.key_pair("other");
    place.release("1.0", &["--scan", "scan.json"]).exits(0);
    let two = format!("signatures = 2\n{SIGNER}[[signer]]\nname = \"qa\"\nkey = \"other.pub\"\n");
    refuses(&place, &two, 11, "too-few-signers");
    place.release("1.0", &["--scan", "scan.json", "--key", &other.private]).exits(0);
    passes(&place, &two);
    let same = two.replace("other.pub", "release.pub");
    refuses(&place, &same, 20, "policy-invalid");
}

#[test]
fn kinds_must_be_there() {
    let place = released(&["--scan", "none"]);
    refuses(&place, SIGNER, 12, "evidence-missing");
    passes(&place, &format!("require = [\"signature\", \"sbom\"]\n{SIGNER}"));
    let gate = format!("require = [\"signature\"]\n{SIGNER}[gate]\nmax_high = 0\n");
    refuses(&place, &gate, 12, "evidence-missing");
    place.sandbox.write("policy.toml", format!("require = [\"signature\"]\n{SIGNER}"));
    let to = place.to("1.0");
    let words = ["verify", &to, "--policy", "policy.toml", "--format", "json"];
    place.sandbox.boltseal(&words).exits(0);
    place.sandbox.boltseal(&[&words[..], &["--require", "vuln"]].concat()).exits(12);
}

#[test]
fn source_and_builder_are_those_of_the_provenance() {
    let place = released(&["--scan", "scan.json"]);
    passes(&place, &format!("{SIGNER}[source]\nbuilders = [\"urn:boltseal:builder:*\"]\n"));
    let builder = format!("{SIGNER}[source]\nbuilders = [\"https://ci.example/*\"]\n");
    refuses(&place, &builder, 11, "other-builder");
    let source = format!("{SIGNER}[source]\nrepository = \"https://git.example/app\"\n");
    refuses(&place, &source, 11, "no-source");
    refuses(&place, &format!("{SIGNER}[source]\nrefs = [\"refs/heads/*\"]\n"), 11, "no-source");
}

#[test]
fn attested_scans_are_judged_again() {
    let place = Place::new(Options::default());
    let scan = Scan::of(&place.image).vulnerability("CVE-2026-1", "libc6", Severity::High);
    place.sandbox.write("high.json", scan.trivy());
    place.release("1.0", &["--scan", "high.json", "--max-high", "1"]).exits(0);
    let gate = |text: &str| format!("{SIGNER}[gate]\n{text}\n");
    passes(&place, SIGNER);
    passes(&place, &gate("max_high = 1"));
    passes(&place, &gate("max_critical = 0"));
    refuses(&place, &gate("max_high = 0"), 10, "over-threshold");
    place.sandbox.write(
        "waivers.toml",
        "[[waiver]]\nid = \"CVE-2026-1\"\npackage = \"*\"\nreason = \"r\"\nowner = \"o\"\nexpires = 2999-01-01\n",
    );
    passes(&place, &gate("max_high = 0\nwaivers = \"waivers.toml\""));
    refuses(&place, &gate("waivers = \"absent.toml\""), 20, "waivers-unreadable");
    passes(&place, &gate("max_scan_age = \"7d\""));
    passes(&place, &format!("max_verdict_age = \"1d\"\n{SIGNER}"));
}

#[test]
fn a_bound_tag_must_be_signed_for() {
    let place = released(&["--scan", "scan.json"]);
    let bound = format!("bind_tag = true\n{SIGNER}");
    passes(&place, &bound);
    let latest = place.to("latest");
    assert_eq!(judged(&place, &latest, SIGNER).0, 0, "it is only reported");
    let (exit, codes) = judged(&place, &latest, &bound);
    assert_eq!((exit, codes), (11, vec!["tag-not-bound".to_owned()]));
    let digest = format!("{}@{}", place.server.repository("team/app"), place.image.digest());
    assert_eq!(judged(&place, &digest, &bound).0, 0);
}

#[test]
fn an_invalid_policy_ends_every_command_that_reads_it_with_20() {
    let place = released(&["--scan", "scan.json"]);
    let (from, to) = (place.to("1.0"), format!("{}:1.0", place.server.repository("prod/app")));
    for (policy, code, line) in [
        ("", "policy-invalid", "policy.toml:1"),
        ("this is no TOML", "policy-invalid", "policy.toml:1"),
        ("[[signer]]\nname = \"ci\"\nkeys = \"x\"\n", "policy-unknown-key", "policy.toml:3"),
        ("[[signer]]\nname = \"ci\"\nkey = \"absent.pub\"\n", "key-unreadable", "absent.pub"),
    ] {
        place.sandbox.write("policy.toml", policy);
        for words in [
            &["verify", &from][..],
            &["promote", &from, &to, "--promotion-key", &place.key.private],
        ] {
            let more = ["--policy", "policy.toml", "--format", "json"];
            let result = place.sandbox.boltseal(&[words, &more].concat()).exits(20).json();
            assert_eq!(codes(&result), [code], "{policy}");
            assert!(result["reasons"][0]["where"].to_string().contains(line), "{result:#}");
        }
        let check = ["policy", "check", "policy.toml", "--format", "json"];
        let result = place.sandbox.boltseal(&check).exits(20).json();
        assert_eq!(codes(&result), [code]);
    }
    let absent = ["verify", &from, "--policy", "absent.toml", "--format", "json"];
    let result = place.sandbox.boltseal(&absent).exits(20).json();
    assert_eq!(codes(&result), ["policy-unreadable"]);
    let both = ["verify", &from, "--policy", "policy.toml", "--key", &place.key.public];
    place.sandbox.boltseal(&both).exits(2);
}

#[test]
fn a_promotion_is_judged_by_the_policy_and_names_it() {
    let place = released(&["--scan", "scan.json"]);
    let to = format!("{}:1.0", place.server.repository("prod/app"));
    let from = place.to("1.0");
    let file = place.sandbox.path("evidence.tar");
    let file = file.to_str().expect("a path");
    let promote = |policy: &str| {
        place.sandbox.write("policy.toml", policy);
        let words = ["promote", &from, &to, "--policy", "policy.toml", "--format", "json"];
        let more = ["--promotion-key", &*place.key.private, "--evidence-file", file];
        place.sandbox.boltseal(&[&words[..], &more].concat())
    };
    let ended = format!("{SIGNER}not_after = 2020-01-01T00:00:00Z\n");
    let refused = promote(&ended).exits(11).json();
    assert_eq!(codes(&refused)[0], "signer-expired");
    assert!(place.server.store().tag("prod/app", "1.0").is_none());
    let policy = format!("bind_tag = true\n{SIGNER}not_after = 2999-01-01T00:00:00Z\n");
    promote(&policy).exits(0);
    let exported = place.sandbox.boltseal(&["policy", "export", "policy.toml"]).exits(0);
    let digest = Digest::sha256_of(exported.stdout.as_bytes());
    let check = ["policy", "check", "policy.toml", "--format", "json"];
    let checked = place.sandbox.boltseal(&check).exits(0).json();
    assert_eq!(checked["digest"], digest.to_string());
    assert_eq!(checked["signers"][0]["state"], "valid");
    // The file holds the policy, and it is compared with the verdict that names it.
    let evidence = format!("evidence:{file}");
    let words = ["verify", &evidence, "--key", &place.key.public, "--format", "json"];
    let verified = place.sandbox.boltseal(&words).exits(0).json();
    let has = |what: &str| {
        let checked: &Value = &verified["checked"];
        checked.to_string().contains(what)
    };
    assert!(has("the policy in the file, by a verified summary"), "{verified:#}");
    let archive = std::fs::read(file).expect("an evidence file");
    let inside = String::from_utf8_lossy(&archive);
    assert!(inside.contains(exported.stdout.trim_end()), "the effective policy itself");
}

#[test]
fn a_policy_with_signers_that_are_over_is_valid_and_warned_about() {
    let place = Place::new(Options::default());
    place.sandbox.write("policy.toml", format!("{SIGNER}not_after = 2020-01-01T00:00:00Z\n"));
    let check = ["policy", "check", "policy.toml", "--format", "json"];
    let result = place.sandbox.boltseal(&check).exits(0).json();
    assert_eq!(result["signers"][0]["state"], "expired");
    assert!(result["warnings"][0].as_str().is_some_and(|it| it.contains("nothing new")));
}
