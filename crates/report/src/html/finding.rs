//! What was found: by scanners, by preflight, and what is waived.

use boltseal_gate::Counting;

use super::cell::{cell, code, section, severity, table};
use crate::dossier::Dossier;
use crate::escape::html;
use crate::sarif::vulnerability_page;

/// The most findings of a page; a browser is slow with more.
const MOST: usize = 10_000;

/// The findings that count, the worst first, with a field to search in them.
pub(super) fn findings(dossier: &Dossier<'_>) -> String {
    let Some(gate) = dossier.gate.filter(|gate| gate.counts.is_some()) else {
        return String::new();
    };
    let mut findings: Vec<&Counting> = gate.findings.iter().collect();
    findings.sort_by_key(|it| (it.finding.severity, &it.finding.id, &it.finding.package));
    if findings.is_empty() {
        return section("findings", "Findings", nothing(dossier.is_counted()));
    }
    let several = gate.reports.len() > 1;
    let rows: String = findings.iter().take(MOST).map(|it| finding(it, several)).collect();
    let mut headers = vec!["Severity", "Id", "Package", "Version", "Fixed in", "Where"];
    if several {
        headers.push("Report");
    }
    let table = table(&headers, &rows).replacen("<table", "<table id=\"found\"", 1);
    let mut body = format!("{}{table}", search(findings.len().min(MOST)));
    if findings.len() > MOST {
        let left = findings.len() - MOST;
        body.push_str(&format!("<p class=\"quiet\">{left} more are in the JSON report.</p>\n"));
    }
    section("findings", "Findings", &body)
}

const fn nothing(is_counted: bool) -> &'static str {
    if is_counted {
        "<p class=\"quiet\">The reports have none that counts.</p>\n"
    } else {
        "<p class=\"quiet\">None was read, and not every report could be judged.</p>\n"
    }
}

/// Hidden until the script runs, without which it would do nothing.
fn search(count: usize) -> String {
    format!(
        "<p class=\"search\" hidden><label for=\"search\">Search</label> <input id=\"search\" \
         type=\"search\" placeholder=\"id, package, severity\" autocomplete=\"off\"> <output \
         id=\"shown\" for=\"search\">{count} of {count}</output></p>\n"
    )
}

fn finding(it: &Counting, several: bool) -> String {
    let finding = &it.finding;
    let id = html(&finding.id);
    let id = match vulnerability_page(&finding.id) {
        Some(page) => format!("<a href=\"{page}\" rel=\"noreferrer\">{id}</a>"),
        None => id,
    };
    let fixed = finding.fixed_in.as_deref().map(html).unwrap_or_default();
    let cells = [
        severity(finding.severity),
        cell("Id", &id),
        cell("Package", &html(&finding.package)),
        cell("Version", &html(&finding.version)),
        cell("Fixed in", &fixed),
        cell("Where", &html(&finding.place)),
        if several { cell("Report", &html(&it.file)) } else { String::new() },
    ];
    format!("<tr>{}</tr>\n", cells.concat())
}

/// What preflight found, the worst first.
pub(super) fn posture(dossier: &Dossier<'_>) -> String {
    let Some(posture) = dossier.posture else {
        return String::new();
    };
    let row = |it: &boltseal_posture::Finding| {
        let (what, why) = (html(&it.what), html(it.why));
        let what = format!("<span>{what}<br><span class=\"quiet\">{why}</span></span>");
        let cells = [
            severity(it.severity),
            cell("Finding", &html(it.id)),
            cell("What", &what),
            cell("Fix", &code(&it.fix.cli)),
        ];
        format!("<tr>{}</tr>\n", cells.concat())
    };
    let rows: String = posture.findings.iter().map(row).collect();
    section("posture", "Posture", &table(&["Severity", "Finding", "What", "Fix"], &rows))
}

/// What somebody answers for.
pub(super) fn waived(dossier: &Dossier<'_>) -> String {
    let waived = dossier.gate.map_or(&[][..], |gate| &gate.waived);
    let row = |it: &boltseal_gate::Waived| {
        let cells = [
            cell("Id", &html(&it.finding.id)),
            cell("Package", &html(&it.finding.package)),
            cell("Until", &it.expires.to_string()),
            cell("Owner", &html(&it.owner)),
            cell("Reason", &html(&it.reason)),
        ];
        format!("<tr>{}</tr>\n", cells.concat())
    };
    let rows: String = waived.iter().map(row).collect();
    section("waived", "Waived", &table(&["Id", "Package", "Until", "Owner", "Reason"], &rows))
}
