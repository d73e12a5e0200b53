//! ECR's `DescribeImageScanFindings`.

use boltseal_core::{Exit, Reason};
use boltseal_gate::{EcrPromise, EcrScan, GateRequest, Listed, Outcome, judge};
use serde_json::{Value, json};

use crate::sample::{
    SCANNED, codes, counts, digest, ecr, ecr_basic, ecr_row, now, refused, report,
};

fn enhanced_row(id: &str, severity: &str, status: &str) -> Value {
    json!({"awsAccountId": "111122223333", "severity": severity, "status": status,
        "type": "PACKAGE_VULNERABILITY", "title": format!("{id} - zlib"),
        "packageVulnerabilityDetails": {"vulnerabilityId": id, "vulnerablePackages": [
            {"name": "zlib", "version": "1.3", "release": "4", "epoch": 1, "arch": "X86_64",
                "packageManager": "OS", "fixedInVersion": "0:1.4-1",
                "sourceLayerHash": digest("layer")}]}})
}

fn enhanced(rows: &[Value], summary: Value) -> Value {
    let mut value = ecr(json!({"imageScanCompletedAt": SCANNED, "enhancedFindings": rows,
        "findingSeverityCounts": summary}));
    value["imageScanStatus"]["status"] = json!("ACTIVE");
    value
}

#[test]
fn basic_findings_count_with_their_severity() {
    let words = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED"];
    let rows: Vec<_> =
        words.iter().enumerate().map(|(n, word)| ecr_row(&format!("CVE-{n}"), word)).collect();
    let read = report(&ecr_basic(&rows, json!({"CRITICAL": 1, "UNDEFINED": 1})));
    assert_eq!(read.counts(), counts([1, 1, 1, 1, 1, 1]));
    assert_eq!(
        (read.findings[0].package.as_str(), read.findings[0].version.as_str()),
        ("zlib", "1.3")
    );
    assert_eq!((read.ecr_shape, &read.packages), (Some(EcrScan::Basic), &Listed::NotListed));
    assert_eq!(read.image.manifests, [digest("app")]);
    assert_eq!(read.scanned_at, Some(SCANNED.parse().unwrap()));
    let database = read.scanner.database.unwrap();
    assert_eq!(database.built, Some("2026-02-28T00:00:00Z".parse().unwrap()));
}

#[test]
fn enhanced_findings_count_while_they_are_active() {
    let rows = [
        enhanced_row("CVE-1", "HIGH", "ACTIVE"),
        enhanced_row("CVE-2", "HIGH", "SUPPRESSED"),
        enhanced_row("CVE-3", "HIGH", "CLOSED"),
        enhanced_row("CVE-4", "UNTRIAGED", "SOMETHING_NEW"),
    ];
    let read = report(&enhanced(&rows, json!({"HIGH": 3, "UNTRIAGED": 1})));
    assert_eq!((read.counts(), read.suppressed.len()), (counts([0, 1, 0, 0, 0, 1]), 2));
    let finding = &read.findings[0];
    assert_eq!((finding.id.as_str(), finding.version.as_str()), ("CVE-1", "1:1.3-4"));
    assert_eq!(finding.fixed_in.as_deref(), Some("0:1.4-1"));
    assert_eq!(
        (read.ecr_shape, read.scanner.name.as_str()),
        (Some(EcrScan::Enhanced), "Amazon Inspector")
    );
}

#[test]
fn an_enhanced_finding_about_two_packages_counts_once() {
    let mut row = enhanced_row("CVE-1", "HIGH", "ACTIVE");
    row["packageVulnerabilityDetails"]["vulnerablePackages"] = json!([
        {"name": "b", "version": "2", "filePath": "app/b.jar", "fixedInVersion": "NotAvailable"},
        {"name": "a", "version": "2", "filePath": "app/a.jar"}]);
    let read = report(&enhanced(&[row], json!({})));
    let finding = &read.findings[0];
    assert_eq!((finding.package.as_str(), finding.version.as_str()), ("a, b", "2"));
    assert_eq!(
        (finding.place.as_str(), finding.fixed_in.as_deref()),
        ("app/a.jar, app/b.jar", None)
    );
    let mut code = enhanced_row("", "LOW", "ACTIVE");
    code["packageVulnerabilityDetails"] = Value::Null;
    code["title"] = json!("a hardcoded secret");
    assert_eq!(report(&enhanced(&[code], json!({}))).findings[0].id, "a hardcoded secret");
}

#[test]
fn only_a_finished_scan_is_judged() {
    for status in [
        "IN_PROGRESS",
        "PENDING",
        "FAILED",
        "UNSUPPORTED_IMAGE",
        "FINDINGS_UNAVAILABLE",
        "SCAN_ELIGIBILITY_EXPIRED",
        "LIMIT_EXCEEDED",
        "IMAGE_ARCHIVED",
        "SOMETHING_NEW",
    ] {
        let mut value = ecr_basic(&[], json!({}));
        value["imageScanStatus"] = json!({"status": status, "description": "why"});
        let reason = refused(&value);
        assert_eq!((reason.code, reason.exit), ("scan-unfinished", Exit::Undetermined), "{status}");
        assert_eq!(reason.found, format!("status {status} why"));
    }
    let mut value = ecr_basic(&[], json!({}));
    value["imageScanStatus"] = Value::Null;
    assert_eq!(refused(&value).code, "report-invalid");
}

#[test]
fn zero_findings_need_the_time_at_which_the_scan_was_completed() {
    let mut value = ecr_basic(&[], json!({}));
    assert_eq!(report(&value).counts(), counts([0; 6]));
    value["imageScanFindings"]["imageScanCompletedAt"] = Value::Null;
    let reason = refused(&value);
    assert_eq!((reason.code, reason.exit), ("scan-unfinished", Exit::Undetermined));
    value["imageScanFindings"] = Value::Null;
    assert_eq!(refused(&value).code, "scan-unfinished");
    // With findings the age alone is unknown, which the gate judges.
    let mut found = ecr_basic(&[ecr_row("CVE-1", "LOW")], json!({}));
    found["imageScanFindings"]["imageScanCompletedAt"] = Value::Null;
    assert_eq!(report(&found).scanned_at, None);
}

#[test]
fn pages_are_read_together_and_the_summary_is_about_all() {
    let summary = json!({"HIGH": 2});
    let mut first = ecr_basic(&[ecr_row("CVE-1", "HIGH")], summary.clone());
    first["nextToken"] = json!("more");
    let second = ecr_basic(&[ecr_row("CVE-2", "HIGH")], summary);
    assert_eq!(report(&json!([first, second])).counts().high, 2);
    let reason = refused(&first);
    assert_eq!((reason.code, reason.exit), ("report-incomplete", Exit::Invalid));
    let mut cli = ecr_basic(&[], json!({}));
    cli["NextToken"] = json!("more");
    assert_eq!(refused(&cli).code, "report-incomplete");
    let mut other = second.clone();
    other["imageId"]["imageDigest"] = json!(digest("other"));
    assert_eq!(
        refused(&json!([first, other])).expected,
        "the image of the first page at [1].imageId"
    );
}

#[test]
fn a_summary_that_says_more_than_the_rows_contradicts() {
    let rows = [ecr_row("CVE-1", "HIGH"), ecr_row("CVE-2", "UNDEFINED")];
    let reason = refused(&ecr_basic(&rows, json!({"CRITICAL": 2})));
    assert_eq!((reason.code, reason.exit), ("summary-contradicts", Exit::Contradiction));
    assert_eq!(
        reason.expected,
        "2 critical findings as imageScanFindings.findingSeverityCounts.CRITICAL says"
    );
    assert_eq!(
        refused(&ecr_basic(&rows, json!({"UNDEFINED": 1, "UNTRIAGED": 1}))).code,
        "summary-contradicts"
    );
    assert_eq!(refused(&ecr_basic(&[], json!({"LOW": 1}))).code, "summary-contradicts");
    assert_eq!(refused(&ecr_basic(&rows, json!({"SEVERE": 1}))).code, "unknown-severity");
    assert!(report(&ecr_basic(&rows, json!({"HIGH": 1}))).counts().high == 1);
    // Before duplicates are removed.
    let twice = [ecr_row("CVE-1", "HIGH"), ecr_row("CVE-1", "HIGH")];
    assert_eq!(report(&ecr_basic(&twice, json!({"HIGH": 2}))).counts().high, 1);
}

#[test]
fn times_of_the_raw_answer_are_seconds() {
    let mut value = ecr_basic(&[], json!({}));
    value["imageScanFindings"]["imageScanCompletedAt"] = json!(1_772_366_400.0);
    assert_eq!(report(&value).scanned_at, Some(SCANNED.parse().unwrap()));
}

/// What the gate says of `value` when ECR promised `promise`.
fn promised(value: &Value, promise: EcrPromise) -> (Outcome, Vec<Reason>) {
    let reports = [report(value)];
    let decision = judge(&GateRequest { ecr: Some(promise), ..GateRequest::new(&reports, now()) });
    (decision.outcome, decision.reasons)
}

#[test]
fn zero_findings_of_a_scan_before_the_push_are_undetermined() {
    let promise = |time: &str| EcrPromise { pushed_at: Some(time.parse().unwrap()), scan: None };
    let value = ecr_basic(&[], json!({}));
    assert_eq!(promised(&value, promise(SCANNED)).0, Outcome::Passed);
    let (outcome, reasons) = promised(&value, promise("2026-03-01T12:00:01Z"));
    assert_eq!(outcome, Outcome::Undetermined);
    assert_eq!((reasons[0].code, reasons[0].exit), ("scan-before-push", Exit::Undetermined));
    // What was found then is there now.
    let found = ecr_basic(&[ecr_row("CVE-1", "LOW")], json!({}));
    assert_eq!(promised(&found, promise("2026-03-01T12:00:01Z")).0, Outcome::Passed);
}

#[test]
fn zero_findings_of_another_scan_type_are_undetermined() {
    let promise = EcrPromise { pushed_at: None, scan: Some(EcrScan::Enhanced) };
    assert_eq!(promised(&enhanced(&[], json!({})), promise).0, Outcome::Passed);
    let (outcome, reasons) = promised(&ecr_basic(&[], json!({})), promise);
    assert_eq!(outcome, Outcome::Undetermined);
    assert_eq!((reasons[0].code, reasons[0].found.as_str()), ("scan-shape", "findings"));
    let bare = ecr(json!({"imageScanCompletedAt": SCANNED}));
    assert_eq!(promised(&bare, promise).1[0].found, "neither list of findings");
    let reports = [report(&bare)];
    assert_eq!(codes(&judge(&GateRequest::new(&reports, now()))), [""; 0]);
}

#[test]
fn half_an_answer_is_ecrs_too_and_a_list_is_only_of_pages() {
    let status = json!({"imageScanStatus": {"status": "PENDING"}});
    assert_eq!(refused(&status).code, "scan-unfinished");
    let findings = json!({"imageScanFindings": {"findings": []}});
    assert_eq!(refused(&findings).expected, "the status of the scan at imageScanStatus");
    let mixed = refused(&json!([ecr_basic(&[], json!({})), {"matches": []}]));
    assert_eq!((mixed.code, mixed.found.as_str()), ("report-invalid", "a list of 2"));
}

#[test]
fn a_package_in_two_layers_is_one_package() {
    let package = |layer: &str, epoch: u64, fixed: &str| {
        json!({"name": "zlib", "version": "1.3", "epoch": epoch, "sourceLayerHash": digest(layer),
            "fixedInVersion": fixed})
    };
    let mut row = enhanced_row("CVE-1", "HIGH", "ACTIVE");
    let mut packages = vec![package("a", 0, "1.4"), package("a", 0, "1.4")];
    row["packageVulnerabilityDetails"]["vulnerablePackages"] = json!(packages);
    let finding = report(&enhanced(&[row.clone()], json!({}))).findings.remove(0);
    assert_eq!((finding.package.as_str(), finding.version.as_str()), ("zlib", "1.3"));
    packages.extend([package("b", 0, "1.4"), package("c", 2, "1.5")]);
    row["packageVulnerabilityDetails"]["vulnerablePackages"] = json!(packages);
    let finding = report(&enhanced(&[row], json!({}))).findings.remove(0);
    assert_eq!(finding.version, "1.3, 1.3, 2:1.3");
    assert_eq!(finding.fixed_in.as_deref(), Some("1.4, 1.5"));
}
