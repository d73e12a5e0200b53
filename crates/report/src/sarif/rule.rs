use boltseal_core::{Finding, Severity};
use serde_json::{Value, json};

use super::finding::level;
use crate::check::Check;
use crate::table::visible;

/// The rule of a vulnerability. Several packages may have it: the worst of them decides.
pub(super) fn of_finding(finding: &Finding) -> Value {
    let id = visible(&finding.id);
    let text = format!("{id} in a package of the image");
    let mut rule = json!({
        "id": id,
        "name": "KnownVulnerability",
        "shortDescription": {"text": format!("{id} ({})", finding.severity)},
        "fullDescription": {"text": text},
        "help": {"text": format!("{text}. Update the package, or waive it with a reason, an \
                                  owner and a date (--waivers).")},
        "defaultConfiguration": {"level": level(finding.severity)},
        "properties": {"tags": ["security", "vulnerability", finding.severity.name()]},
    });
    if let Some(score) = score(finding.severity) {
        rule["properties"]["security-severity"] = score.into();
    }
    if let Some(uri) = page(&finding.id) {
        rule["helpUri"] = uri.into();
    }
    rule
}

/// The rule of a check that failed.
pub(super) fn of_check(check: &Check) -> Value {
    let code = check.reasons.first().map_or("check-failed", |reason| reason.code);
    let fix = check.reasons.first().map(|reason| visible(&reason.fix)).unwrap_or_default();
    let fix = if fix.is_empty() { "see the result of the run".to_owned() } else { fix };
    json!({
        "id": code,
        "name": "CheckFailed",
        "shortDescription": {"text": code},
        "fullDescription": {"text": format!("a release was held back: {code}")},
        "help": {"text": fix},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["security", "supply-chain"]},
    })
}

/// The rule of a finding of preflight.
pub(super) fn of_posture(finding: &boltseal_posture::Finding) -> Value {
    let mut rule = json!({
        "id": finding.id,
        "name": "Posture",
        "shortDescription": {"text": finding.id},
        "fullDescription": {"text": finding.why},
        "help": {"text": format!("{}\n\nAWS CLI: {}\nTerraform: {}", finding.why,
                                 finding.fix.cli, finding.fix.terraform)},
        "defaultConfiguration": {"level": level(finding.severity)},
        "properties": {"tags": ["security", "posture", finding.severity.name()]},
    });
    if let Some(score) = score(finding.severity) {
        rule["properties"]["security-severity"] = score.into();
    }
    rule
}

/// A score in the middle of what GitHub calls by the severity's name. What nobody rated has none.
const fn score(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("9.5"),
        Severity::High => Some("8.0"),
        Severity::Medium => Some("5.5"),
        Severity::Low => Some("2.0"),
        Severity::Informational => Some("0.1"),
        Severity::Unknown => None,
    }
}

/// The public page of an id whose form is known.
pub(crate) fn page(id: &str) -> Option<String> {
    let is_plain = id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    match id.split_once('-')? {
        ("CVE", _) if is_plain => Some(format!("https://nvd.nist.gov/vuln/detail/{id}")),
        ("GHSA", _) if is_plain => Some(format!("https://github.com/advisories/{id}")),
        _ => None,
    }
}
