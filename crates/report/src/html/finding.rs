//! What was found: by scanners, by preflight, and what is waived.

use boltseal_core::Finding;
use boltseal_gate::{Counting, Since};

use super::cell::{cell, code, section, severity, table};
use crate::dossier::{Dossier, worst_first};
use crate::escape::html;
use crate::sarif::vulnerability_page;

/// The most findings of a page; a browser is slow with more.
const MOST: usize = 10_000;

/// The findings that count, the worst first, with a field to search in them.
pub(super) fn findings(dossier: &Dossier<'_>) -> String {
    let Some(gate) = dossier.gate.filter(|gate| gate.counts.is_some()) else {
        return String::new();
    };
    let mut findings: Vec<&Counting> = dossier.present().collect();
    findings.sort_by_key(|it| worst_first(it));
    if findings.is_empty() {
        return section("findings", "Findings", nothing(dossier.is_counted()));
    }
    let compared = dossier.compared();
    let columns = Columns { report: gate.reports.len() > 1, since: compared.is_some() };
    let rows: String = findings.iter().take(MOST).map(|it| columns.row(it)).collect();
    let table = table(&columns.headers(), &rows).replacen("<table", "<table id=\"found\"", 1);
    let filter = compared.map(|_| filter(&findings)).unwrap_or_default();
    let mut body = format!("{}{table}", search(findings.len().min(MOST), &filter));
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
fn search(count: usize, filter: &str) -> String {
    format!(
        "<p class=\"search\" hidden><label for=\"search\">Search</label> <input id=\"search\" \
         type=\"search\" placeholder=\"id, package, severity\" autocomplete=\"off\">{filter} \
         <output id=\"shown\" for=\"search\">{count} of {count}</output></p>\n"
    )
}

/// A choice between what is new and what the baseline has as well.
fn filter(findings: &[&Counting]) -> String {
    let option = |since: Since| {
        let count = findings.iter().filter(|it| it.since == Some(since)).count();
        let name = since.name();
        format!("<option value=\"{name}\">{name} ({count})</option>")
    };
    format!(
        " <label for=\"since\">Show</label> <select id=\"since\"><option value=\"\">all \
         ({})</option>{}{}</select>",
        findings.len(),
        option(Since::New),
        option(Since::Carried)
    )
}

/// Which columns there are beside those that always are.
#[derive(Clone, Copy)]
struct Columns {
    /// The report that has the finding.
    report: bool,
    /// How it stands against the baseline.
    since: bool,
}

impl Columns {
    fn headers(self) -> Vec<&'static str> {
        let mut headers = vec!["Severity", "Id", "Package", "Version", "Fixed in", "Where"];
        if self.since {
            headers.insert(1, "Since");
        }
        if self.report {
            headers.push("Report");
        }
        headers
    }

    fn row(self, it: &Counting) -> String {
        let since = it.since.filter(|_| self.since).map(Since::name);
        let mark = since.map(|name| {
            let class = if name == Since::New.name() { "doubt" } else { "free" };
            cell("Since", &format!("<span class=\"badge {class}\">{name}</span>"))
        });
        let report = if self.report { cell("Report", &html(&it.file)) } else { String::new() };
        let mark = mark.unwrap_or_default();
        let cells = [severity(it.finding.severity), mark, about(&it.finding), report];
        let since = since.map(|name| format!(" data-since=\"{name}\"")).unwrap_or_default();
        format!("<tr{since}>{}</tr>\n", cells.concat())
    }
}

/// What a finding is about.
fn about(finding: &Finding) -> String {
    let id = html(&finding.id);
    let id = match vulnerability_page(&finding.id) {
        Some(page) => format!("<a href=\"{page}\" rel=\"noreferrer\">{id}</a>"),
        None => id,
    };
    let fixed = finding.fixed_in.as_deref().map(html).unwrap_or_default();
    let cells = [
        cell("Id", &id),
        cell("Package", &html(&finding.package)),
        cell("Version", &html(&finding.version)),
        cell("Fixed in", &fixed),
        cell("Where", &html(&finding.place)),
    ];
    cells.concat()
}

/// What only the baseline has.
pub(super) fn fixed(dossier: &Dossier<'_>) -> String {
    let Some(diff) = dossier.compared() else {
        return String::new();
    };
    let row = |it: &Finding| format!("<tr>{}{}</tr>\n", severity(it.severity), about(it));
    let rows: String = diff.fixed.findings.iter().map(row).collect();
    let headers = ["Severity", "Id", "Package", "Version", "Fixed in", "Where"];
    let mut body = table(&headers, &rows);
    let left = diff.fixed.count.saturating_sub(diff.fixed.findings.len() as u64);
    if left > 0 {
        body.push_str(&format!("<p class=\"quiet\">{left} more are not listed.</p>\n"));
    }
    section("fixed", "Fixed since the baseline", &body)
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
