//! Thresholds, age, several reports, and what the decision says.

use boltseal_core::{Exit, Reason, Severity};
use boltseal_gate::{GateRequest, Limit, MaxAge, Outcome, Thresholds, judge};
use serde_json::json;

use crate::sample::{
    codes, counts, decide, digest, ecr_basic, ecr_row, grype, grype_match, now, read, report,
    sarif, trivy, trivy_debian, trivy_row,
};

#[test]
fn a_report_without_findings_passes() {
    let decision = decide(&[report(&grype(&[]))]);
    assert_eq!((decision.outcome, decision.exit()), (Outcome::Passed, Exit::Proof));
    assert_eq!((decision.counts, codes(&decision)), (counts([0; 6]), vec![]));
}

#[test]
fn by_default_critical_and_high_are_refused_and_nothing_else() {
    for (label, refused) in [
        ("Critical", true),
        ("High", true),
        ("Medium", false),
        ("Low", false),
        ("Negligible", false),
        ("Unknown", false),
    ] {
        let decision = decide(&[report(&grype(&[grype_match("CVE-1", "zlib", label)]))]);
        assert_eq!(decision.outcome == Outcome::Refused, refused, "{label}");
        assert_eq!(decision.counts.total(), 1, "{label}");
    }
}

#[test]
fn a_refusal_says_what_where_and_how_to_pass() {
    let rows = [
        grype_match("CVE-2", "zlib", "Critical"),
        grype_match("CVE-1", "openssl", "Critical"),
        grype_match("CVE-3", "bash", "High"),
    ];
    let decision = decide(&[report(&grype(&rows))]);
    assert_eq!((decision.outcome, decision.exit()), (Outcome::Refused, Exit::Gate));
    let [critical, high] = &decision.reasons[..] else { panic!("{:?}", decision.reasons) };
    assert_eq!((critical.code, high.code), ("over-threshold", "over-threshold"));
    assert_eq!(critical.expected, "at most 0 critical");
    assert_eq!(critical.found, "2 critical: CVE-1 in openssl 1.3, CVE-2 in zlib 1.3");
    assert_eq!(critical.place, "report.json");
    assert_eq!(
        critical.fix,
        "update openssl to 1.4, zlib to 1.4; or add a waiver with a reason, an owner and an expiry \
         to --waivers, or raise --max-critical"
    );
    assert_eq!(high.found, "1 high: CVE-3 in bash 1.3");
}

#[test]
fn a_refusal_names_five_findings_and_shows_no_control_characters() {
    let mut rows: Vec<_> =
        (1..=7).map(|n| grype_match(&format!("CVE-{n}"), &format!("p{n}"), "High")).collect();
    rows[0]["artifact"]["name"] = json!("p1\n::set-output name=x::y");
    let found = &decide(&[report(&grype(&rows))]).reasons[0];
    assert!(found.found.starts_with("7 high: CVE-1 in p1\u{fffd}::set-output"), "{}", found.found);
    assert!(found.found.ends_with("CVE-5 in p5 1.3, …"), "{}", found.found);
    assert!(found.fix.contains("and 2 packages more"), "{}", found.fix);
    assert!(!found.found.contains('\n') && !found.fix.contains('\n'));
}

#[test]
fn limits_are_met_by_as_many_as_they_say() {
    let rows = [grype_match("CVE-1", "a", "Low"), grype_match("CVE-2", "b", "Low")];
    let reports = [report(&grype(&rows))];
    let outcome = |limit| {
        let mut thresholds = Thresholds::default();
        thresholds.set(Severity::Low, limit);
        judge(&GateRequest { thresholds, ..GateRequest::new(&reports, now()) }).outcome
    };
    assert_eq!(outcome(Limit::AtMost(2)), Outcome::Passed);
    assert_eq!(outcome(Limit::AtMost(1)), Outcome::Refused);
}

#[test]
fn each_report_must_pass_and_the_counts_are_the_most_of_each_severity() {
    let one =
        report(&grype(&[grype_match("CVE-1", "a", "Medium"), grype_match("CVE-2", "b", "Low")]));
    let rows = [trivy_row("CVE-1", "a", "MEDIUM"), trivy_row("CVE-3", "c", "MEDIUM")];
    let two = report(&trivy(&[trivy_debian(&["a"], &rows)]));
    let bad = report(&grype(&[grype_match("CVE-9", "z", "High")]));
    let decision = decide(&[one.clone(), two.clone()]);
    assert_eq!((decision.outcome, decision.counts), (Outcome::Passed, counts([0, 0, 2, 1, 0, 0])));
    let of_reports: Vec<_> = decision.reports.iter().map(|it| it.counts).collect();
    assert_eq!(of_reports, [counts([0, 0, 1, 1, 0, 0]), counts([0, 0, 2, 0, 0, 0])]);
    let decision = decide(&[one, two, bad]);
    assert_eq!(codes(&decision), ["over-threshold"]);
    assert_eq!(decision.counts, counts([0, 1, 2, 1, 0, 0]));
}

fn of_age(time: &str, max_age: MaxAge) -> Vec<Reason> {
    let mut value = grype(&[]);
    value["descriptor"]["timestamp"] = json!(time);
    let reports = [report(&value)];
    judge(&GateRequest { max_age, ..GateRequest::new(&reports, now()) }).reasons
}

#[test]
fn a_scan_may_be_as_old_as_allowed_and_not_a_second_older() {
    let week = MaxAge::default();
    assert_eq!(of_age("2026-02-22T13:00:00Z", week), []);
    let reasons = of_age("2026-02-22T12:59:59Z", week);
    assert_eq!((reasons[0].code, reasons[0].exit), ("report-too-old", Exit::Gate));
    assert_eq!(reasons[0].expected, "a scan at most 7d old");
    assert_eq!(reasons[0].found, "2026-02-22T12:59:59Z, 7d 1s ago");
    assert_eq!(of_age("2020-01-01T00:00:00Z", MaxAge::Unlimited), []);
    assert_eq!(of_age("2026-03-01T12:29:59Z", MaxAge::Seconds(1800)).len(), 1);
}

#[test]
fn the_age_is_the_scans_and_not_the_databases() {
    let mut value = grype(&[]);
    value["descriptor"]["db"]["status"]["built"] = json!("2020-01-01T00:00:00Z");
    let decision = decide(&[report(&value)]);
    assert_eq!((decision.outcome, decision.reports[0].age_seconds), (Outcome::Passed, Some(3600)));
    let database = decision.reports[0].scanner.database.clone().unwrap();
    assert_eq!(database.built, Some("2020-01-01T00:00:00Z".parse().unwrap()));
}

#[test]
fn an_unknown_age_is_refused_unless_any_age_will_do() {
    let mut value = sarif("x", json!([]), json!([]));
    value["runs"][0]["invocations"] = json!([]);
    let reports = [report(&value)];
    let decision = decide(&reports);
    assert_eq!((codes(&decision), decision.exit()), (vec!["report-age-unknown"], Exit::Gate));
    let any = GateRequest { max_age: MaxAge::Unlimited, ..GateRequest::new(&reports, now()) };
    assert_eq!(judge(&any).outcome, Outcome::Passed);
}

#[test]
fn a_time_to_come_is_refused_beyond_five_minutes() {
    assert_eq!(of_age("2026-03-01T13:05:00Z", MaxAge::default()), []);
    let reasons = of_age("2026-03-01T13:05:01Z", MaxAge::default());
    assert_eq!((reasons[0].code, reasons[0].exit), ("report-time-ahead", Exit::Gate));
}

#[test]
fn no_report_at_all_never_passes() {
    let decision = decide(&[]);
    assert_eq!((codes(&decision), decision.exit()), (vec!["no-report"], Exit::Usage));
    assert_eq!(decision.outcome, Outcome::Refused);
}

#[test]
fn reports_that_could_not_be_read_are_reasons_in_the_order_of_exits() {
    let unreadable = |value: &serde_json::Value| Reason::from(read(value).unwrap_err());
    let mut running = ecr_basic(&[], json!({}));
    running["imageScanStatus"]["status"] = json!("IN_PROGRESS");
    let reports = [report(&grype(&[grype_match("CVE-1", "a", "High")]))];
    let decide =
        |unreadable| judge(&GateRequest { unreadable, ..GateRequest::new(&reports, now()) });

    let decision = decide(vec![unreadable(&running)]);
    assert_eq!(codes(&decision), ["scan-unfinished", "over-threshold"]);
    assert_eq!((decision.outcome, decision.exit()), (Outcome::Undetermined, Exit::Undetermined));

    let contradiction = unreadable(&ecr_basic(&[ecr_row("CVE-1", "LOW")], json!({"LOW": 9})));
    let decision = decide(vec![contradiction, unreadable(&running), unreadable(&json!({}))]);
    let expected = ["report-empty", "scan-unfinished", "summary-contradicts", "over-threshold"];
    assert_eq!(codes(&decision), expected);
    assert_eq!((decision.outcome, decision.exit()), (Outcome::Refused, Exit::Invalid));

    let alone = judge(&GateRequest {
        unreadable: vec![unreadable(&json!({}))],
        ..GateRequest::new(&[], now())
    });
    assert_eq!(codes(&alone), ["report-empty"]);
}

#[test]
fn the_json_has_the_promised_keys() {
    let decision = decide(&[report(&grype(&[grype_match("CVE-1", "zlib", "High")]))]);
    let json = serde_json::to_value(&decision).unwrap();
    assert_eq!(json["outcome"], "refused");
    assert_eq!(
        json["counts"],
        json!({"critical": 0, "high": 1, "medium": 0, "low": 0,
        "informational": 0, "unknown": 0})
    );
    assert_eq!(json["thresholds"]["medium"], "unlimited");
    assert_eq!((&json["waived"], &json["platforms"]), (&json!([]), &json!([])));
    let report = &json["reports"][0];
    assert_eq!((&report["file"], &report["format"]), (&json!("report.json"), &json!("grype")));
    assert_eq!(report["counts"]["high"], 1);
    assert_eq!(
        report["scanner"],
        json!({"name": "grype", "version": "0.121.2", "database": {
        "name": "https://grype.example/v6.tar.zst?checksum=sha256%3Aab", "version": "v6.1.2",
        "built": "2026-02-28T06:00:00Z"}})
    );
    assert_eq!(
        (&report["scanned_at"], &report["age_seconds"]),
        (&json!("2026-03-01T12:00:00Z"), &json!(3600))
    );
    assert_eq!(report["digest"].as_str().unwrap().len(), digest("").to_string().len());
    let keys: Vec<_> = json["reasons"][0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["code", "expected", "fix", "found", "where"]);
    let passed = serde_json::to_value(decide(&[report_without_time()])).unwrap();
    assert_eq!(passed["reports"][0]["scanned_at"], json!(null));
    assert_eq!(passed["reports"][0]["scanner"]["database"], json!(null));
}

fn report_without_time() -> boltseal_gate::Report {
    let mut value = trivy(&[]);
    value["CreatedAt"] = json!(null);
    report(&value)
}

#[test]
fn what_a_report_suppresses_is_said() {
    let mut value = crate::sample::cyclonedx(&[crate::sample::rated("CVE-1", "NVD", json!([]))]);
    value["vulnerabilities"][0]["analysis"] = json!({"state": "not_affected"});
    let decision = decide(&[report(&value)]);
    assert_eq!(
        decision.notes,
        ["report.json: the report itself suppresses 1 finding, not counted here"]
    );
    assert_eq!(decision.reports[0].suppressed, 1);
}

#[test]
fn five_findings_are_all_there_are_to_name() {
    let rows: Vec<_> = (1..=5).map(|n| grype_match(&format!("CVE-{n}"), "p", "High")).collect();
    let reason = &decide(&[report(&grype(&rows))]).reasons[0];
    assert!(reason.found.ends_with("CVE-5 in p 1.3"), "{}", reason.found);
    // One package has one update, named once and in order.
    assert!(reason.fix.starts_with("update p to 1.4; or add"), "{}", reason.fix);
    let rows: Vec<_> = ["b", "a", "b", "f", "e", "d", "c"]
        .iter()
        .enumerate()
        .map(|(n, name)| grype_match(&format!("CVE-{n}"), name, "High"))
        .collect();
    let fix = &decide(&[report(&grype(&rows))]).reasons[0].fix;
    let expected = "update a to 1.4, b to 1.4, c to 1.4, d to 1.4, e to 1.4 and 1 package more; or";
    assert!(fix.starts_with(expected), "{fix}");
}

#[test]
fn a_finding_in_no_package_is_named_by_its_place() {
    let secret = json!({"Target": "app/.env", "Class": "secret", "Secrets": [
        {"RuleID": "aws-access-key-id", "Severity": "CRITICAL", "StartLine": 3}]});
    let results = [trivy_debian(&["a"], &[]), secret];
    let reason = &decide(&[report(&trivy(&results))]).reasons[0];
    assert_eq!(reason.found, "1 critical: aws-access-key-id in app/.env:3");
    assert!(reason.fix.starts_with("add a waiver"), "{}", reason.fix);
}

#[test]
fn what_a_report_leaves_open_is_said_with_its_file() {
    let mut value = grype(&[]);
    value["ignoredMatches"] = json!([grype_match("CVE-1", "zlib", "Critical")]);
    let note = "report.json: matches that grype was told to ignore, not counted: 1";
    assert_eq!(decide(&[report(&value)]).notes, [note]);
}
