//! Waivers: the file, what they do, what is said about them.

use boltseal_core::{Exit, Reason};
use boltseal_gate::{Decision, GateRequest, Outcome, Waivers, judge};
use serde_json::{Value, json};

use crate::sample::{codes, grype, grype_match, now, report};

const GOOD: &str = "\
[[waiver]]
id = \"CVE-1\"
package = \"zlib\"
reason = \"minizip is not called\"
owner = \"platform@example.com\"
expires = 2026-03-01
";

fn error(text: &str) -> (String, usize, Reason) {
    let error = Waivers::parse("waivers.toml", text).unwrap_err();
    (error.to_string(), error.line, error.into())
}

fn decide(text: &str, rows: &[Value]) -> Decision {
    let reports = [report(&grype(rows))];
    let waivers = Waivers::parse("waivers.toml", text).unwrap();
    judge(&GateRequest { waivers, ..GateRequest::new(&reports, now()) })
}

fn zlib() -> Value {
    grype_match("CVE-1", "zlib", "Critical")
}

#[test]
fn a_waived_finding_does_not_count_and_is_reported() {
    let decision = decide(GOOD, &[zlib(), grype_match("CVE-1", "bash", "Low")]);
    assert_eq!(
        (decision.outcome, decision.counts.critical, decision.counts.low),
        (Outcome::Passed, 0, 1)
    );
    assert_eq!((decision.reports[0].waived, decision.notes.len()), (1, 0));
    let json = serde_json::to_value(&decision).unwrap();
    assert_eq!(
        json["waived"],
        json!([{"id": "CVE-1", "package": "zlib", "version": "1.3",
        "place": "/var/lib/dpkg/status", "severity": "critical", "fixed_in": "1.4",
        "file": "report.json", "reason": "minizip is not called",
        "owner": "platform@example.com", "expires": "2026-03-01"}])
    );
}

#[test]
fn an_expired_waiver_does_not_apply_and_is_said_with_its_date() {
    let expired = GOOD.replace("2026-03-01", "2026-02-28");
    let decision = decide(&expired, &[zlib()]);
    assert_eq!(codes(&decision), ["over-threshold", "waiver-expired"]);
    let reason = &decision.reasons[1];
    assert_eq!(reason.expected, "a waiver for CVE-1 in zlib that has not expired");
    assert_eq!(reason.found, "one by platform@example.com that expired on 2026-02-28");
    assert_eq!((reason.place.as_str(), reason.exit), ("waivers.toml:1", Exit::Gate));
    // By itself it refuses nothing, but it is always said.
    let decision = decide(&expired, &[]);
    assert_eq!(decision.outcome, Outcome::Passed);
    assert_eq!(
        decision.notes,
        [
            "waivers.toml:1: the waiver for CVE-1 in zlib by platform@example.com expired on 2026-02-28"
        ]
    );
}

#[test]
fn a_waiver_that_was_not_needed_is_said() {
    let decision = decide(GOOD, &[grype_match("CVE-2", "zlib", "Low")]);
    assert_eq!(
        decision.notes,
        ["waivers.toml:1: the waiver for CVE-1 in zlib by platform@example.com was not needed"]
    );
}

#[test]
fn the_file_is_toml_with_dates_bare_or_quoted() {
    let quoted = GOOD.replace("2026-03-01", "\"2026-03-01\"");
    let read = |text: &str| Waivers::parse("waivers.toml", text).unwrap().entries;
    assert_eq!(read(&quoted), read(GOOD));
    assert_eq!(read(""), []);
    let two = format!("# ours\n\n{GOOD}\n{}", GOOD.replace("zlib", "*"));
    let lines: Vec<_> = read(&two).iter().map(|it| it.line).collect();
    assert_eq!(lines, [3, 10]);
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_the_nearest_known_one() {
    let (message, line, reason) = error(&GOOD.replace("owner", "ownr"));
    assert_eq!(message, "waivers.toml:5: expected the key owner, found ownr");
    assert_eq!((line, reason.code, reason.exit), (5, "waivers-invalid", Exit::Invalid));
    assert_eq!(
        (reason.place.as_str(), reason.fix.as_str()),
        ("waivers.toml:5", "write owner, or remove the key")
    );
    let (message, ..) = error(&format!("\n{}", GOOD.replace("[[waiver]]", "[[waivers]]")));
    assert!(
        message.starts_with("waivers.toml:2: expected the key waiver, found waivers"),
        "{message}"
    );
    let (message, ..) = error(&GOOD.replace("expires", "expire"));
    assert!(message.starts_with("waivers.toml:6: expected the key expires"), "{message}");
}

#[test]
fn every_key_but_the_version_must_be_there_and_say_something() {
    for key in ["id", "package", "reason", "owner", "expires"] {
        let without: Vec<_> = GOOD.lines().filter(|line| !line.starts_with(key)).collect();
        let (message, line, reason) = error(&without.join("\n"));
        assert_eq!(message, format!("waivers.toml:1: expected the key {key}, found none"));
        assert_eq!((line, reason.fix), (1, format!("add {key} = ... to the waiver")));
    }
    for (good, bad) in [
        ("\"CVE-1\"", "\"\""),
        ("\"zlib\"", "7"),
        ("\"minizip is not called\"", "\"  \""),
        ("\"platform@example.com\"", "\"a\\nb\""),
        ("2026-03-01", "\"soon\""),
        ("2026-03-01", "2026-03-01T10:00:00Z"),
        ("2026-03-01", "\"2026-02-30\""),
        ("2026-03-01", "20260301"),
        ("\"CVE-1\"", "\"*\""),
    ] {
        let (_, _, reason) = error(&GOOD.replace(good, bad));
        assert_eq!((reason.code, reason.exit), ("waivers-invalid", Exit::Invalid), "{bad}");
        assert!(!reason.expected.is_empty() && !reason.found.is_empty(), "{reason:?}");
    }
}

#[test]
fn what_is_not_a_list_of_waivers_is_refused() {
    assert_eq!(
        error(&format!("{GOOD}\n{GOOD}")).0,
        "waivers.toml:8: expected one waiver for this package and version, found CVE-1 twice"
    );
    assert_eq!(error("[waiver]\nid = \"x\"").2.code, "waivers-invalid");
    assert_eq!(error("waiver = [1]").2.code, "waivers-invalid");
    let (message, line, _) = error("[[waiver]]\nid = ");
    assert!(line == 2 && message.contains("expected TOML"), "{message}");
    assert_eq!(error(&" ".repeat((1 << 20) + 1)).2.code, "waivers-invalid");
}

#[test]
fn a_waiver_that_one_of_two_reports_needed_was_needed() {
    let reports = [report(&grype(&[])), report(&grype(&[zlib()]))];
    let waivers = Waivers::parse("waivers.toml", GOOD).unwrap();
    let decision = judge(&GateRequest { waivers, ..GateRequest::new(&reports, now()) });
    assert_eq!((decision.outcome, decision.notes), (Outcome::Passed, vec![]));
}

#[test]
fn an_expired_waiver_of_several_findings_is_one_reason() {
    let expired = GOOD.replace("2026-03-01", "2026-02-28");
    let mut elsewhere = zlib();
    elsewhere["artifact"]["locations"][0]["path"] = json!("/opt/zlib");
    let other = expired.replace("CVE-1", "CVE-2");
    let rows = [grype_match("CVE-2", "zlib", "Critical"), zlib(), elsewhere];
    let decision = decide(&format!("{expired}{other}"), &rows);
    assert_eq!(codes(&decision), ["over-threshold", "waiver-expired", "waiver-expired"]);
    let places: Vec<_> = decision.reasons[1..].iter().map(|it| it.place.as_str()).collect();
    assert_eq!(places, ["waivers.toml:1", "waivers.toml:7"]);
}
