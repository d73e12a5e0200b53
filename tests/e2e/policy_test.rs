//! `policy test`: what a policy says of given images, against what is expected of it.

use boltseal_core::Severity;
use boltseal_testkit::registry::Options;
use boltseal_testkit::report::Scan;
use serde_json::Value;

use crate::harness::{Run, codes};
use crate::release::Place;

const SIGNER: &str = "[[signer]]\nname = \"ci\"\nkey = \"release.pub\"\n";

/// An evidence file of a release with one high finding, a policy, and a key that signed nothing.
fn place() -> Place {
    let place = Place::new(Options::default());
    let scan = Scan::of(&place.image).vulnerability("CVE-2026-1", "libc6", Severity::High);
    place.sandbox.write("high.json", scan.trivy());
    let words = ["--scan", "high.json", "--max-high", "1", "--evidence-file", "cases/good.tar"];
    place.sandbox.write("cases/.keep", "");
    place.release("1.0", &words).exits(0);
    place.sandbox.key_pair("other");
    place.sandbox.write("policy.toml", SIGNER);
    place.sandbox.write("strict.toml", format!("{SIGNER}[gate]\nmax_high = 0\n"));
    place.sandbox.write("stranger.toml", SIGNER.replace("release.pub", "other.pub"));
    place
}

fn tested(place: &Place, policy: &str, words: &[&str]) -> Run {
    let test = ["policy", "test", policy, "--offline", "--format", "json"];
    place.sandbox.boltseal(&[&test[..], words].concat())
}

fn met(result: &Value) -> Vec<bool> {
    let cases = result["cases"].as_array().expect("cases");
    cases.iter().map(|it| it["met"].as_bool().expect("met")).collect()
}

#[test]
fn each_case_is_held_against_what_is_expected() {
    let place = place();
    let good = "evidence:cases/good.tar";
    let passed = tested(&place, "policy.toml", &[good]).exits(0).json();
    assert_eq!((&passed["outcome"], met(&passed)), (&"passed".into(), vec![true]));
    assert_eq!(passed["cases"][0]["digest"], place.image.digest().to_string());
    let unmet = tested(&place, "strict.toml", &[good]).exits(10).json();
    assert_eq!(codes(&unmet), ["case-unmet"]);
    assert_eq!(unmet["reasons"][0]["where"], good);
    assert_eq!(unmet["cases"][0]["reasons"][0]["code"], "over-threshold");
    for expect in ["refused", "refused:over-threshold"] {
        tested(&place, "strict.toml", &["--expect", expect, good]).exits(0);
    }
    let other = tested(&place, "strict.toml", &["--expect", "refused:unknown-signer", good]);
    assert_eq!(met(&other.exits(10).json()), [false], "refused for another reason");
    tested(&place, "stranger.toml", &["--expect", "refused:unknown-signer", good]).exits(0);
    tested(&place, "policy.toml", &["--expect", "refused", good]).exits(10);
}

#[test]
fn cases_stand_in_a_file_beside_what_they_are_about() {
    let place = place();
    let case = |expect: &str, more: &str| {
        format!("[[case]]\ntarget = \"evidence:good.tar\"\nexpect = \"{expect}\"\n{more}")
    };
    let ended = format!("{SIGNER}not_after = 2020-01-01T00:00:00Z\n");
    place.sandbox.write("policy.toml", ended);
    let at = |expect: &str, time: &str| case(expect, &format!("at = {time}\n"));
    let both =
        case("refused:signer-expired", "") + &at("refused:signer-expired", "2021-01-01T00:00:00Z");
    let cases = place.sandbox.write("cases/policy-test.toml", both);
    let words = ["--cases", &*cases];
    let passed = tested(&place, "policy.toml", &words).exits(0).json();
    assert_eq!(met(&passed), [true, true]);
    assert_eq!(passed["cases"][1]["at"], "2021-01-01T00:00:00Z");
    let text = place.sandbox.boltseal(&["policy", "test", "policy.toml", "--cases", &cases]);
    let text = text.exits(0).stdout;
    assert!(text.starts_with("PASSED") && text.matches("as expected").count() == 2, "{text}");
    // The same key counts within its window: time decides, and it is the case's.
    let window = format!("{SIGNER}not_after = 2999-01-01T00:00:00Z\n");
    place.sandbox.write("policy.toml", window);
    place.sandbox.write("cases/policy-test.toml", at("refused", "3000-01-01T00:00:00Z"));
    tested(&place, "policy.toml", &words).exits(0);
    place.sandbox.write("cases/policy-test.toml", case("verified", ""));
    tested(&place, "policy.toml", &words).exits(0);
}

/// What could not be judged is not "refused".
#[test]
fn a_case_that_could_not_be_judged_meets_no_expectation() {
    let place = place();
    for target in ["evidence:cases/absent.tar", "oci:absent:1", "oci:image:2"] {
        for expect in ["refused", "undetermined"] {
            let run = tested(&place, "policy.toml", &["--expect", expect, target]);
            assert!(run.code != 0, "{target}");
            let result = run.json();
            assert_eq!((met(&result), &result["cases"][0]["outcome"]), (vec![false], &Value::Null));
        }
    }
}

#[test]
fn no_case_is_no_test() {
    let place = place();
    tested(&place, "policy.toml", &[]).exits(2).complains("case-missing");
    for (text, code) in [
        ("", "cases-invalid"),
        ("[[case]]\ntarget = \"evidence:good.tar\"\n", "cases-invalid"),
        ("[[case]]\ntarget = \"evidence:good.tar\"\nexpect = \"fine\"\n", "cases-invalid"),
        ("[[case]]\ntarget = \"evidence:good.tar\"\nexpects = \"verified\"\n", "cases-unknown-key"),
    ] {
        let cases = place.sandbox.write("cases/c.toml", text);
        let result = tested(&place, "policy.toml", &["--cases", &cases]).exits(20).json();
        assert_eq!(codes(&result), [code], "{text}");
    }
    let absent = tested(&place, "policy.toml", &["--cases", "none.toml"]).exits(20).json();
    assert_eq!(codes(&absent), ["cases-unreadable"]);
    let invalid = tested(&place, "none.toml", &["evidence:cases/good.tar"]).exits(20).json();
    assert_eq!(codes(&invalid), ["policy-unreadable"]);
}
