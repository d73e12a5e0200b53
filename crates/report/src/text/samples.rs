//! Documents as they come, and what people read of them.

use boltseal_core::{Digest, Exit, Reason};

use crate::v1::{
    Head, MovedTag, Outcome, PieceSummary, Promote, Release, StepSummary, SubjectOfResult, Verify,
    WrittenPiece,
};
use crate::{Document as _, Paint};

fn digest() -> Digest {
    Digest::sha256_of(b"image")
}

fn subject() -> SubjectOfResult {
    SubjectOfResult::new("registry.example.com/app:1", Some(digest()))
}

fn step(name: &'static str) -> StepSummary {
    StepSummary { name, seconds: 0.5, requests: 3, bytes: 1_500 }
}

fn refusal() -> Reason {
    Reason::new(Exit::Gate, "over-threshold")
        .expected("at most 0 critical")
        .found("1 critical\u{1b}[2J\nforged: line")
        .place("trivy.json")
        .fix("update openssl")
}

fn refused_release(steps: &[&'static str]) -> Release {
    let mut document = Release::failed(subject(), vec![refusal()]);
    document.pushed = true;
    document.steps = steps.iter().map(|name| step(name)).collect();
    document
}

fn piece(status: &'static str) -> PieceSummary {
    PieceSummary {
        subject: digest(),
        digest: Some(Digest::sha256_of(b"piece")),
        format: Some("bundle".to_owned()),
        predicate_type: Some("https://cyclonedx.org/bom".to_owned()),
        signer: Some("k.pub".to_owned()),
        status,
        reason: None,
    }
}

fn written() -> WrittenPiece {
    WrittenPiece {
        subject: digest(),
        predicate_type: "https://cyclonedx.org/bom".to_owned(),
        format: "bundle".to_owned(),
        digest: digest(),
        signer: "k.pub".to_owned(),
        adopted: true,
    }
}

#[test]
fn a_refusal_after_the_push_says_how_to_delete() {
    let text = refused_release(&["identify", "push"]).to_text(Paint::Plain);
    let command = format!("crane delete registry.example.com/app@{}", digest());
    assert!(text.contains(&command), "{text}");
}

#[test]
fn nobody_is_told_to_delete_what_an_earlier_run_released() {
    let text = refused_release(&["identify"]).to_text(Paint::Plain);
    assert!(!text.contains("delete"), "{text}");
    let undetermined = Reason::new(Exit::Undetermined, "registry-unreachable");
    let mut document = refused_release(&["push", "seal"]).but(vec![undetermined]);
    assert!(!document.to_text(Paint::Plain).contains("delete"));
    document.head = Head::good("boltseal.release/v1", Outcome::Released, subject());
    assert!(!document.to_text(Paint::Plain).contains("delete"));
}

#[test]
fn reasons_have_their_parts_and_cannot_forge_lines() {
    let text = refused_release(&["push"]).to_text(Paint::Plain);
    assert!(text.starts_with("REFUSED  registry.example.com/app:1\n"), "{text}");
    for part in ["expected", "found", "where", "fix", "trivy.json", "update openssl"] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    assert!(!text.contains('\u{1b}') && !text.contains("\nforged"), "{text}");
    assert!(!text.contains("\n\n\n"), "{text}");
}

#[test]
fn colours_are_there_only_where_they_were_asked_for() {
    let document = refused_release(&["push"]);
    assert!(document.to_text(Paint::Ansi).starts_with("\u{1b}[1;31mREFUSED"));
    assert!(!document.to_text(Paint::Plain).contains('\u{1b}'));
}

#[test]
fn a_verification_ends_with_what_was_required_and_what_was_only_found() {
    let mut document = Verify::failed("registry.example.com/app:1", Vec::new());
    document.head = Head::good("boltseal.verify/v1", Outcome::Verified, subject());
    document.evidence = vec![piece("verified"), piece("refused")];
    document.required = vec!["signature".to_owned()];
    document.only_found = vec!["sbom".to_owned()];
    document.tag_not_bound = Some(vec!["0.9".to_owned()]);
    let text = document.to_text(Paint::Plain);
    let last: Vec<&str> = text.lines().rev().take(2).collect();
    assert!(last[0].starts_with("only found  sbom"), "{text}");
    assert!(last[1].starts_with("required    signature"), "{text}");
    assert!(text.contains("tag-not-bound") && text.contains("0.9"), "{text}");
    assert!(text.contains("KIND") && text.contains("verified") && text.contains("k.pub"), "{text}");
}

#[test]
fn nothing_found_is_said_and_no_reason_is_no_success() {
    let mut document = Verify::failed("registry.example.com/app:1", vec![refusal()]);
    document.head.subject = subject();
    assert!(document.to_text(Paint::Plain).contains("none was found"));
    let unreasoned = Verify::failed("x", Vec::new());
    assert_eq!(unreasoned.head.exit, Exit::Bug);
    assert!(unreasoned.to_text(Paint::Plain).starts_with("UNDETERMINED"));
}

#[test]
fn json_has_the_promised_keys() {
    let mut document = refused_release(&["push"]);
    document.evidence = vec![written()];
    let json: serde_json::Value = serde_json::from_str(&document.to_json()).unwrap();
    assert_eq!((&json["exit"], &json["outcome"]), (&10.into(), &"refused".into()));
    assert_eq!(json["schema"], "boltseal.release/v1");
    for key in ["pushed", "tags", "gate", "evidence", "requests", "steps"] {
        assert!(json.get(key).is_some(), "no {key}");
    }
    for key in ["code", "expected", "found", "where", "fix"] {
        assert!(json["reasons"][0][key].is_string(), "no {key}");
    }
    for key in ["name", "seconds", "requests", "bytes"] {
        assert!(json["steps"][0].get(key).is_some(), "no {key}");
    }
    let promote = Promote::failed("oci:a", "oci:b", vec![refusal()]).to_json();
    let promote: serde_json::Value = serde_json::from_str(&promote).unwrap();
    for key in ["source", "pushed", "tags", "required", "checked", "evidence", "steps"] {
        assert!(promote.get(key).is_some(), "no {key}");
    }
}

#[test]
fn members_stand_in_their_order() {
    let mut release = refused_release(&["identify", "push"]);
    release.tags = vec!["1".to_owned()];
    release.moved = vec![MovedTag { tag: "1".to_owned(), from: digest() }];
    release.evidence = vec![written()];
    release.evidence_file = Some("evidence.tar".to_owned());
    (release.requests, release.warnings) = (6, vec!["look".to_owned()]);
    assert_eq!(release.to_json(), include_str!("../v1/golden/release.json"));

    let mut promote = Promote::failed("oci:a", "oci:b", vec![refusal()]);
    promote.own.required = vec!["vsa".to_owned()];
    promote.own.checked = vec!["the signature".to_owned()];
    promote.own.source_evidence = vec![piece("verified")];
    promote.evidence = vec![written()];
    promote.steps = vec![step("copy")];
    assert_eq!(promote.to_json(), include_str!("../v1/golden/promote.json"));
}
