use boltseal_core::{Counts, Severity};
use boltseal_gate::{Diff, ReportJudgement, Waived};

use crate::Paint;
use crate::difference;
use crate::sheet::Sheet;
use crate::table::Table;
use crate::v1::{Gate, GateBody};

pub(crate) fn gate(document: &Gate, paint: Paint) -> String {
    let mut sheet = Sheet::headed(&document.head, paint);
    body(&mut sheet, &document.body);
    sheet.finish()
}

/// Counts against limits, then where they come from.
pub(crate) fn body(sheet: &mut Sheet, body: &GateBody) {
    if let (Some(counts), Some(thresholds)) = (&body.counts, &body.thresholds) {
        let mut table = Table::new(&["severity", "found", "allowed", ""]);
        for severity in Severity::ALL {
            let (found, limit) = (counts.of(severity), thresholds.of(severity));
            let verdict = if limit.allows(found) { "" } else { "over" };
            table.row([
                severity.to_string(),
                found.to_string(),
                limit.to_string(),
                verdict.to_owned(),
            ]);
        }
        sheet.table(&table);
    }
    if let Some(diff) = &body.diff {
        sheet.gap();
        difference(sheet, diff);
    }
    sheet.table(&platforms(body));
    sheet.table(&reports(&body.reports));
    sheet.table(&waived(&body.waived));
    if !body.notes.is_empty() {
        sheet.gap();
    }
    for note in &body.notes {
        sheet.pair("note", note);
    }
}

/// Against the earlier release: only what is new counts.
fn difference(sheet: &mut Sheet, diff: &Diff) {
    let lack = difference::lack(diff).map(|why| format!("none: {why}"));
    sheet.pair("baseline", lack.as_deref().or(diff.baseline.as_deref()).unwrap_or_default());
    for (label, listing) in difference::kinds(diff) {
        sheet.pair(label, &difference::named(listing));
    }
}

fn platforms(body: &GateBody) -> Table {
    let mut table = Table::new(&["platform", "digest", "findings"]);
    for it in body.platforms.iter().filter(|_| body.platforms.len() > 1) {
        let name = it.platform.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
        table.row([name, it.digest.short().to_owned(), numbers(&it.counts)]);
    }
    table
}

fn reports(reports: &[ReportJudgement]) -> Table {
    let mut table = Table::new(&["report", "scanner", "scanned", "findings", "waived"]);
    for it in reports {
        let version = it.scanner.version.as_deref().unwrap_or_default();
        let time = it.scanned_at.map_or_else(|| "time unknown".to_owned(), |at| format!("{at:.0}"));
        table.row([
            it.file.clone(),
            format!("{} {version}", it.scanner.name).trim_end().to_owned(),
            time,
            numbers(&it.counts),
            it.waived.to_string(),
        ]);
    }
    table
}

fn waived(waived: &[Waived]) -> Table {
    let mut table = Table::new(&["waived", "package", "until", "owner", "reason"]);
    for it in waived {
        table.row([
            it.finding.id.clone(),
            format!("{} {}", it.finding.package, it.finding.version).trim().to_owned(),
            it.expires.to_string(),
            it.owner.clone(),
            it.reason.clone(),
        ]);
    }
    table
}

/// The severities of which there are any: `1 critical, 3 low`.
fn numbers(counts: &Counts) -> String {
    let named = Severity::ALL.into_iter().filter(|severity| counts.of(*severity) > 0);
    let parts: Vec<String> = named.map(|it| format!("{} {it}", counts.of(it))).collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}
