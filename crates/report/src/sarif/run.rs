use std::collections::BTreeMap;

use boltseal_gate::Diff;
use serde_json::{Value, json};

use super::finding::{level, merged};
use super::{location, rule};
use crate::check::{Check, State};
use crate::difference::counts;
use crate::dossier::Dossier;
use crate::escape::sarif;
use crate::table::visible;

/// The most results of a run that GitHub takes.
const MOST: usize = 25_000;

/// What scanners found.
pub(super) fn findings(dossier: &Dossier<'_>, name: &str) -> Value {
    let all = merged(dossier);
    let (mut rules, mut results, mut known) = (Vec::new(), Vec::new(), BTreeMap::new());
    for it in all.iter().take(MOST) {
        // The worst come first, so that the first of a rule is its worst.
        let index = *known.entry(&it.finding.id).or_insert_with(|| {
            rules.push(rule::of_finding(it.finding));
            rules.len() - 1
        });
        results.push(it.result(name, index));
    }
    let mut notes = notes(dossier);
    notes.extend(dossier.compared().map(against));
    if all.len() > MOST {
        let left = all.len() - MOST;
        notes.push(notification("warning", &format!("{left} more findings do not fit here")));
    }
    run(&format!("boltseal/{name}/findings/"), &rules, &results, &invocation(true, &notes))
}

/// The checks that failed.
pub(super) fn checks(dossier: &Dossier<'_>, name: &str, failed: &[Check]) -> Value {
    let (mut rules, mut results, mut known) = (Vec::new(), Vec::new(), BTreeMap::new());
    for check in failed.iter().take(MOST) {
        let code = check.reasons.first().map_or("check-failed", |reason| reason.code);
        let index = *known.entry(code).or_insert_with(|| {
            rules.push(rule::of_check(check));
            rules.len() - 1
        });
        results.push(check_result(check, code, name, index));
    }
    let open = failed.iter().any(|check| check.state == State::Undetermined);
    let invocation = invocation(!open, &notes(dossier));
    run(&format!("boltseal/{name}/gate/"), &rules, &results, &invocation)
}

fn check_result(check: &Check, code: &str, name: &str, rule: usize) -> Value {
    let reason = check.reasons.first();
    let found = reason.map_or(check.found.as_str(), |reason| &reason.found);
    let expected = reason.map_or(check.limit.as_str(), |reason| &reason.expected);
    let place = reason.map(|reason| visible(&reason.place)).unwrap_or_default();
    let text = format!("{} in {name}: expected {expected}; found {found}", check.name);
    json!({
        "ruleId": code,
        "ruleIndex": rule,
        "level": "error",
        "message": {"text": sarif(&text)},
        "locations": [location(name, &place)],
        "partialFingerprints": fingerprints(&[code, &check.name, &check.limit]),
    })
}

/// What preflight found.
pub(super) fn posture(
    dossier: &Dossier<'_>,
    name: &str,
    findings: &[boltseal_posture::Finding],
) -> Value {
    let (mut rules, mut results, mut known) = (Vec::new(), Vec::new(), BTreeMap::new());
    for finding in findings.iter().take(MOST) {
        let index = *known.entry(finding.id).or_insert_with(|| {
            rules.push(rule::of_posture(finding));
            rules.len() - 1
        });
        results.push(json!({
            "ruleId": finding.id,
            "ruleIndex": index,
            "level": level(finding.severity),
            "message": {"text": sarif(&format!("{}: {}", finding.place, finding.what))},
            "locations": [location(name, &visible(&finding.place))],
            "partialFingerprints": fingerprints(&[finding.id, &finding.place, &finding.what]),
        }));
    }
    let seen = dossier.verdict() != "undetermined";
    let invocation = invocation(seen, &notes(dossier));
    run(&format!("boltseal/{name}/posture/"), &rules, &results, &invocation)
}

fn fingerprints(parts: &[&str]) -> Value {
    let key = parts.iter().map(|part| visible(part)).collect::<Vec<_>>().join("\u{1f}");
    let hash = boltseal_core::Digest::sha256_of(key.as_bytes()).hex().to_owned();
    json!({"primaryLocationLineHash": format!("{}:1", &hash[..16]), "boltsealCheck/v1": hash})
}

fn run(category: &str, rules: &[Value], results: &[Value], invocation: &Value) -> Value {
    json!({
        "tool": {"driver": {
            "name": "boltseal",
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": rules,
        }},
        "automationDetails": {"id": category},
        "columnKind": "utf16CodeUnits",
        "invocations": [invocation],
        "results": results,
    })
}

fn invocation(successful: bool, notes: &[Value]) -> Value {
    json!({"executionSuccessful": successful, "toolExecutionNotifications": notes})
}

/// What could not be found out, and what should be looked at.
fn notes(dossier: &Dossier<'_>) -> Vec<Value> {
    let reasons = dossier.head.reasons.iter();
    let reasons = reasons.map(|it| notification("error", &format!("{}: {}", it.code, it.found)));
    let notes = dossier.notes.iter().map(|note| notification("warning", note));
    reasons.chain(notes).collect()
}

/// What the states of the results are relative to. That there is no baseline is among the notes
/// of the result.
fn against(diff: &Diff) -> Value {
    let baseline = diff.baseline.as_deref().unwrap_or_default();
    notification("note", &format!("compared with {baseline}: {}", counts(diff)))
}

fn notification(level: &str, text: &str) -> Value {
    json!({"level": level, "message": {"text": sarif(text)}})
}
