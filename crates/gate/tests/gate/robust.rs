//! Whatever a file holds, it is read or refused.

use boltseal_core::Reason;
use boltseal_gate::{Report, Waivers};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::sample::{
    cyclonedx, decide, ecr_basic, ecr_row, grype, grype_match, rated, sarif, trivy, trivy_debian,
    trivy_row,
};

/// One whole report of every format.
fn whole() -> Vec<Value> {
    let ratings =
        json!([{"source": {"name": "NVD"}, "severity": "high", "score": 7.5, "method": "CVSSv31"}]);
    vec![
        grype(&[grype_match("CVE-1", "zlib", "High")]),
        trivy(&[trivy_debian(&["zlib"], &[trivy_row("CVE-1", "zlib", "HIGH")])]),
        cyclonedx(&[rated("CVE-1", "NVD", ratings.clone())]),
        json!({"sbom": cyclonedx(&[rated("CVE-1", "NVD", ratings)])}),
        json!([ecr_basic(&[ecr_row("CVE-1", "HIGH")], json!({"HIGH": 1}))]),
        sarif(
            "Trivy",
            json!([{"id": "R1", "properties": {"tags": ["HIGH"]}}]),
            json!([{"ruleId": "R1", "level": "error", "message": {"text": "Severity: HIGH"}}]),
        ),
    ]
}

/// Reads, and where that works judges: neither may panic, and a refusal has all five parts.
fn try_out(bytes: &[u8]) {
    match Report::parse("x", bytes) {
        Ok(report) => drop(decide(&[report])),
        Err(error) => {
            let reason = Reason::from(error);
            let parts = [&reason.expected, &reason.found, &reason.place, &reason.fix];
            assert!(parts.iter().all(|part| !part.is_empty()), "{reason:?}");
        }
    }
}

/// Every value inside `value`, counted depth first, may be replaced.
fn replace(value: &mut Value, at: &mut usize, by: &Value) {
    if *at == 0 {
        *value = by.clone();
    }
    *at = at.wrapping_sub(1);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, at, by)),
        Value::Object(members) => members.values_mut().for_each(|it| replace(it, at, by)),
        _ => {}
    }
}

fn odd_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        Just(json!("9999999999999999999")),
        Just(json!("sha256:é")),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,6}", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

#[test]
fn the_whole_reports_are_read() {
    for value in whole() {
        let report = Report::parse("x", value.to_string().as_bytes()).unwrap();
        assert_eq!(report.counts().high, 1, "{}", report.format);
    }
}

proptest! {
    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        try_out(&bytes);
    }

    #[test]
    fn any_json(value in odd_value()) {
        try_out(value.to_string().as_bytes());
    }

    #[test]
    fn a_report_with_one_value_replaced(which in 0..6_usize, at in 0..70_usize, by in odd_value()) {
        let mut value = whole().swap_remove(which);
        replace(&mut value, &mut at.clone(), &by);
        try_out(value.to_string().as_bytes());
    }

    #[test]
    fn a_report_cut_anywhere(which in 0..6_usize, at in 0..4000_usize) {
        let text = whole().swap_remove(which).to_string();
        try_out(&text.as_bytes()[..at.min(text.len())]);
    }

    #[test]
    fn any_waiver_file(text in "(\\[\\[waiver\\]\\]\n)?((id|package|owner|expires|x) ?= ?[\"0-9a-z\\-\\[]{0,12}\n){0,6}|.{0,80}") {
        if let Err(error) = Waivers::parse("w", &text) {
            prop_assert!(error.line >= 1 && !Reason::from(error).expected.is_empty());
        }
    }
}
