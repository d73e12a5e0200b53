use boltseal_gate::{Baseline, Decision, GateRequest, Outcome, Report, Since, Waivers, judge};
use serde_json::Value;

use crate::sample::{codes, counts, grype, grype_match, now, report};

fn scan(rows: &[Value]) -> Report {
    report(&grype(rows))
}

fn row(id: &str, severity: &str) -> Value {
    grype_match(id, "zlib", severity)
}

fn baseline(reports: Vec<Report>) -> Baseline {
    Baseline { release: Some("sha256:old".to_owned()), reports, problem: None }
}

fn against(before: &[Value], after: &[Value], waivers: &str) -> Decision {
    let baseline = baseline(vec![scan(before)]);
    let reports = [scan(after)];
    judge(&GateRequest {
        baseline: Some(&baseline),
        waivers: Waivers::parse("w.toml", waivers).unwrap(),
        ..GateRequest::new(&reports, now())
    })
}

fn numbers(decision: &Decision) -> [u64; 4] {
    let diff = decision.diff.as_ref().unwrap();
    [&diff.new, &diff.fixed, &diff.carried, &diff.waived].map(|it| it.count)
}

#[test]
fn only_new_findings_count() {
    let both = [row("CVE-1", "High"), row("CVE-2", "Critical")];
    let same = against(&both, &both, "");
    assert_eq!((same.outcome, numbers(&same)), (Outcome::Passed, [0, 0, 2, 0]));
    assert_eq!(same.counts, counts([0; 6]));
    assert_eq!(same.reports[0].carried, counts([1, 1, 0, 0, 0, 0]));
    let more = against(&both[..1], &both, "");
    assert_eq!((more.outcome, numbers(&more)), (Outcome::Refused, [1, 0, 1, 0]));
    assert_eq!(codes(&more), ["over-threshold"]);
    assert!(more.reasons[0].found.contains("CVE-2"), "{:?}", more.reasons);
    assert!(!more.reasons[0].found.contains("CVE-1"), "{:?}", more.reasons);
    assert_eq!(
        (&*more.findings[0].finding.id, more.findings[0].since),
        ("CVE-2", Some(Since::New))
    );
    assert_eq!((&*more.carried[0].finding.id, more.carried.len()), ("CVE-1", 1));
    let fewer = against(&both, &both[1..], "");
    assert_eq!((fewer.outcome, numbers(&fewer)), (Outcome::Passed, [0, 1, 1, 0]));
    assert_eq!(fewer.diff.unwrap().fixed.findings[0].id, "CVE-1");
}

#[test]
fn a_finding_that_became_worse_is_new() {
    let worse = against(&[row("CVE-1", "Low")], &[row("CVE-1", "Critical")], "");
    assert_eq!((worse.outcome, numbers(&worse)), (Outcome::Refused, [1, 0, 0, 0]));
    let better = against(&[row("CVE-1", "Critical")], &[row("CVE-1", "High")], "");
    assert_eq!((better.outcome, numbers(&better)), (Outcome::Passed, [0, 0, 1, 0]));
    let rated = against(&[row("CVE-1", "Unknown")], &[row("CVE-1", "High")], "");
    assert_eq!(rated.outcome, Outcome::Refused);
}

#[test]
fn another_package_is_another_finding_and_another_version_is_not() {
    let before = [row("CVE-1", "High")];
    let elsewhere = against(&before, &[grype_match("CVE-1", "minizip", "High")], "");
    assert_eq!(numbers(&elsewhere), [1, 1, 0, 0]);
    let mut newer = row("cve-1", "High");
    newer["artifact"]["version"] = "1.3.1".into();
    assert_eq!(numbers(&against(&before, &[newer], "")), [0, 0, 1, 0]);
}

#[test]
fn a_waived_finding_is_neither_new_nor_fixed_and_an_expired_waiver_counts() {
    let waiver = |expires: &str| {
        format!(
            "[[waiver]]\nid = \"CVE-1\"\npackage = \"*\"\nreason = \"r\"\nowner = \"o\"\nexpires = {expires}\n"
        )
    };
    let rows = [row("CVE-1", "High")];
    let valid = against(&rows, &rows, &waiver("2027-01-01"));
    assert_eq!((valid.outcome, numbers(&valid)), (Outcome::Passed, [0, 0, 0, 1]));
    let over = against(&rows, &rows, &waiver("2026-01-01"));
    assert_eq!(codes(&over), ["over-threshold", "waiver-expired"]);
    assert_eq!(numbers(&over), [0, 0, 1, 0], "it counts, and is not new");
    assert_eq!((over.findings[0].since, over.carried.len()), (Some(Since::Carried), 0));
}

#[test]
fn without_an_earlier_release_every_finding_is_new_and_without_a_baseline_there_is_no_diff() {
    let reports = [scan(&[row("CVE-1", "High")])];
    let nothing = Baseline::nothing(Some("no vuln evidence".to_owned()));
    let request = GateRequest { baseline: Some(&nothing), ..GateRequest::new(&reports, now()) };
    let decision = judge(&request);
    assert_eq!((decision.outcome, numbers(&decision)), (Outcome::Refused, [1, 0, 0, 0]));
    assert_eq!(decision.diff.unwrap().problem.as_deref(), Some("no vuln evidence"));
    assert_eq!(judge(&GateRequest::new(&reports, now())).diff, None);
}

#[test]
fn of_several_earlier_reports_the_most_that_one_has_is_known() {
    let one = scan(&[row("CVE-1", "High")]);
    let baseline = baseline(vec![one.clone(), one]);
    let mut elsewhere = row("CVE-1", "High");
    elsewhere["artifact"]["version"] = "2".into();
    let reports = [scan(&[row("CVE-1", "High"), elsewhere])];
    let request = GateRequest { baseline: Some(&baseline), ..GateRequest::new(&reports, now()) };
    assert_eq!(numbers(&judge(&request)), [1, 0, 1, 0]);
}

#[test]
fn lists_are_bounded_and_counts_are_not() {
    let rows: Vec<Value> = (0..150).map(|at| row(&format!("CVE-{at}"), "Low")).collect();
    let decision = against(&[], &rows, "");
    let new = decision.diff.unwrap().new;
    assert_eq!((new.count, new.findings.len()), (150, 100));
    assert_eq!(against(&rows, &rows, "").carried.len(), 150, "no report may leave one out");
}
