//! Real answers of Amazon Inspector's `ScanSbom`, and the SBOMs they were asked about.

use std::path::Path;

use serde_json::{Value, json};

use crate::failure::Failure;
use crate::product::Product;

use super::{Answer, Case, names};

/// A `ScanSbom` answer and what counting it must give.
///
/// The unit is an entry of `vulnerabilities[]`. Its severity is that of the rating whose source is
/// the vulnerability's own source, else the highest that is a severity; an EPSS score, which
/// Inspector writes with the severity "none", is none; with no rating left it is unknown. The
/// numbers were counted by hand with another program, not with boltseal.
struct Report {
    file: &'static str,
    /// Critical, high, medium, low, informational, unknown.
    counts: [u64; 6],
}

const REPORTS: [Report; 4] = [
    Report { file: "alpine-3.18.2.scansbom.json", counts: [1, 1, 7, 0, 0, 3] },
    Report { file: "amazonlinux-latest.scansbom.json", counts: [0, 4, 12, 1, 0, 0] },
    Report { file: "debian-latest.scansbom.json", counts: [0, 1, 1, 0, 0, 7] },
    Report { file: "no-vulns.json", counts: [0, 0, 0, 0, 0, 0] },
];

/// SBOMs that nobody has judged: taking one for a clean report would be the worst mistake.
const SBOMS: [&str; 3] =
    ["alpine-3.18.2.sbomgen.json", "amazonlinux-latest.sbomgen.json", "debian-latest.sbomgen.json"];

/// The answers are from 2024, so the age is judged in a case of its own.
const ANY_AGE: [&str; 2] = ["--max-scan-age", "unlimited"];

const ANY_FINDING: [&str; 4] = ["--max-critical", "unlimited", "--max-high", "unlimited"];

pub(super) fn run(folder: &Path, product: &Product) -> Result<Vec<Case>, Failure> {
    let files = names("inspector", folder, REPORTS.len() + SBOMS.len(), Path::is_file)?;
    let mut cases = Vec::new();
    for name in files {
        let file = folder.join(&name).display().to_string();
        let gate = |flags: &[&str]| Answer::to(product, &[&["gate", &file], flags].concat());
        let problems = if let Some(report) = REPORTS.iter().find(|report| report.file == name) {
            judge(report, gate)?
        } else if SBOMS.contains(&name.as_str()) {
            gate(&ANY_AGE)?.differs(20, Some("refused"))
        } else {
            vec!["this file is new: what it must give is not known".to_owned()]
        };
        cases.push(Case { name: format!("inspector/{name}"), problems });
    }
    Ok(cases)
}

/// By default no critical and no high finding passes; with those allowed every report does; and
/// one so old never does by default.
fn judge(
    report: &Report,
    gate: impl Fn(&[&str]) -> Result<Answer, Failure>,
) -> Result<Vec<String>, Failure> {
    let strict = gate(&ANY_AGE)?;
    let mut problems = match report.counts {
        [0, 0, ..] => strict.differs(0, Some("passed")),
        _ => strict.differs(10, Some("refused")),
    };
    let found = strict.at("/counts").cloned().unwrap_or(Value::Null);
    let expected = counts(report.counts);
    if found != expected {
        problems.push(format!("counts: expected {expected}, found {found}"));
    }
    let lenient = gate(&[&ANY_AGE[..], &ANY_FINDING].concat())?;
    problems.extend(lenient.differs(0, Some("passed")));
    problems.extend(gate(&ANY_FINDING)?.differs(10, Some("refused")));
    Ok(problems)
}

fn counts([critical, high, medium, low, informational, unknown]: [u64; 6]) -> Value {
    json!({
        "critical": critical,
        "high": high,
        "medium": medium,
        "low": low,
        "informational": informational,
        "unknown": unknown,
    })
}
