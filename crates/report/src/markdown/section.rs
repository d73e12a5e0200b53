//! The parts of a page, each with its heading, or empty.

use boltseal_gate::Counting;

use crate::check::{Check, State, checks as all_checks};
use crate::difference::{kinds, lack, names};
use crate::dossier::{Dossier, worst_first};
use crate::escape::{markdown, markdown_code};
use crate::quantity;
use crate::v1::Outcome;

/// Rows that are shown as far as there is room.
#[derive(Default)]
pub(super) struct FindingTable {
    head: String,
    rows: Vec<String>,
}

impl FindingTable {
    pub(super) const fn new(head: String, rows: Vec<String>) -> Self {
        Self { head, rows }
    }

    /// At most `most` rows of at most `room` bytes, and how many were left out.
    pub(super) fn within(&self, room: usize, most: usize, whole: &str) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let mut text = self.head.clone();
        let mut shown = 0;
        for row in self.rows.iter().take(most) {
            if text.len() + row.len() > room {
                break;
            }
            text.push_str(row);
            shown += 1;
        }
        let left = self.rows.len() - shown;
        if left > 0 {
            let are = if left == 1 { "finding is" } else { "findings are" };
            text.push_str(&format!("\n> {left} more {are} not shown here: {whole}.\n"));
        }
        text.push('\n');
        text
    }
}

/// The verdict, the reference and the digest.
pub(super) fn verdict(dossier: &Dossier<'_>) -> String {
    let (sign, words) = match dossier.head.outcome {
        Outcome::Refused => ("\u{274c}", "refused"),
        Outcome::Undetermined => ("\u{2753}", "could not find out"),
        _ if dossier.is_unjudged_plan() => ("\u{2753}", "planned, and no scan was judged"),
        outcome => ("\u{2705}", outcome.name()),
    };
    let name = markdown_code(dossier.head.subject.reference.as_deref().unwrap_or_default());
    let title = format!("## {sign} boltseal {}: {words} {name}", dossier.command());
    let digest = dossier.digest().map(|it| format!("`{it}`\n\n")).unwrap_or_default();
    format!("{}\n\n{digest}", title.trim_end())
}

/// Each reason in its parts.
pub(super) fn reasons(dossier: &Dossier<'_>) -> String {
    let reasons = &dossier.head.reasons;
    if reasons.is_empty() {
        return String::new();
    }
    let mut text = format!("### Why (exit code {})\n\n", dossier.head.exit.code());
    for reason in reasons {
        text.push_str(&format!("- **{}**\n", reason.code));
        let parts = [
            ("expected", &reason.expected),
            ("found", &reason.found),
            ("where", &reason.place),
            ("to fix it", &reason.fix),
        ];
        for (label, part) in parts.into_iter().filter(|(_, part)| !part.is_empty()) {
            text.push_str(&format!("  - {label}: {}\n", markdown(part)));
        }
    }
    text.push('\n');
    text
}

/// Limits and what was found.
pub(super) fn checks(dossier: &Dossier<'_>) -> String {
    let row = |check: &Check| {
        let (limit, found) = (markdown(&check.limit), markdown(&check.found));
        format!("| {} | {limit} | {found} | {} |\n", markdown(&check.name), word(check.state))
    };
    let rows: Vec<String> = all_checks(dossier).iter().map(row).collect();
    let checks = table("Checks", &["check", "limit", "found", ""], &rows);
    let scanners = dossier.scanners().join(", ");
    let by = (!scanners.is_empty()).then(|| format!("Scanned by {}.\n\n", markdown(&scanners)));
    format!("{checks}{}", by.unwrap_or_default())
}

const fn word(state: State) -> &'static str {
    match state {
        State::Passed => "\u{2705} passed",
        State::Failed => "\u{274c} failed",
        State::Undetermined => "\u{2753} undetermined",
        State::Free => "no limit",
    }
}

/// What preflight found and does not refuse for: the reasons say the rest.
pub(super) fn posture(dossier: &Dossier<'_>) -> String {
    let Some(posture) = dossier.posture else {
        return String::new();
    };
    let rows: Vec<String> = posture
        .findings
        .iter()
        .map(|it| {
            let state = if it.refuses { "refuses" } else { "" };
            let fix = markdown_code(&it.fix.cli);
            let what = markdown(&it.what);
            format!("| {} | {} | {what} | {fix} | {state} |\n", it.severity, it.id)
        })
        .collect();
    table("Posture", &["severity", "finding", "what", "fix", ""], &rows)
}

/// Tags that point at the image now.
pub(super) fn tags(dossier: &Dossier<'_>) -> String {
    let Some(course) = dossier.course.filter(|it| !it.tags.is_empty()) else {
        return String::new();
    };
    let tags: Vec<String> = course.tags.iter().map(|tag| markdown_code(tag)).collect();
    let mut text = format!("Tags: {}\n\n", tags.join(", "));
    for moved in course.moved {
        text.push_str(&format!("{} pointed at `{}`\n\n", markdown_code(&moved.tag), moved.from));
    }
    text
}

/// The findings against those of an earlier release, or why there is nothing to compare with.
pub(super) fn difference(dossier: &Dossier<'_>) -> String {
    let Some(diff) = dossier.diff() else {
        return String::new();
    };
    let title = "### Against the baseline\n\n";
    if let Some(lack) = lack(diff) {
        return format!("{title}No baseline: {}\n\n", markdown(&lack));
    }
    let baseline = markdown_code(diff.baseline.as_deref().unwrap_or_default());
    let row = |(label, listing): (&str, &boltseal_gate::Listing)| {
        format!("| {label} | {} | {} |\n", listing.count, markdown(&names(listing)))
    };
    let rows = kinds(diff).map(row).concat();
    format!(
        "{title}Only findings that {baseline} does not have count.\n\n| | findings | such as \
         |\n| --- | --- | --- |\n{rows}\n"
    )
}

/// Findings, those that count first, and of them the worst.
pub(super) fn findings<'d>(findings: impl Iterator<Item = &'d Counting>) -> FindingTable {
    let mut findings: Vec<_> = findings.collect();
    findings.sort_by_key(|it| worst_first(it));
    let row = |it: &&Counting| {
        let finding = &it.finding;
        let fixed = finding.fixed_in.as_deref().unwrap_or_default();
        format!(
            "| {}{} | {} | {} {} | {} | {} |\n",
            finding.severity,
            it.since.map(|it| format!(", {}", it.name())).unwrap_or_default(),
            markdown_code(&finding.id),
            markdown_code(&finding.package),
            markdown_code(&finding.version),
            markdown_code(fixed),
            markdown_code(&finding.place),
        )
    };
    let headers = ["severity", "id", "package", "fixed in", "where"];
    FindingTable::new(head("Findings", &headers), findings.iter().map(row).collect())
}

/// What somebody answers for.
pub(super) fn waived(dossier: &Dossier<'_>) -> String {
    let waived = dossier.gate.map_or(&[][..], |gate| &gate.waived);
    let row = |it: &boltseal_gate::Waived| {
        format!(
            "| {} | {} | {} | {} | {} |\n",
            markdown_code(&it.finding.id),
            markdown_code(&it.finding.package),
            it.expires,
            markdown(&it.owner),
            markdown(&it.reason),
        )
    };
    let rows: Vec<String> = waived.iter().map(row).collect();
    table("Waived", &["id", "package", "until", "owner", "reason"], &rows)
}

/// The pieces of evidence.
pub(super) fn evidence(dossier: &Dossier<'_>) -> String {
    let rows: Vec<String> = dossier
        .evidence
        .iter()
        .map(|it| {
            let digest = it.digest.map(|digest| format!("`{digest}`")).unwrap_or_default();
            let (signer, note) = (markdown_code(it.signer), markdown(it.note));
            format!("| {} | {} | {signer} | {digest} | {note} |\n", markdown(&it.kind), it.state)
        })
        .collect();
    table("Evidence", &["kind", "state", "signer", "digest", ""], &rows)
}

/// What anyone can run to see it for himself.
pub(super) fn next(dossier: &Dossier<'_>) -> String {
    let command = dossier.verify_command().map(|it| crate::escape::html(&it));
    let told = command.map(|it| format!("### To verify it\n\n<pre>{it}</pre>\n\n"));
    told.unwrap_or_default()
}

/// What each step cost.
pub(super) fn steps(dossier: &Dossier<'_>) -> String {
    let steps = dossier.course.map_or(&[][..], |course| course.steps);
    let row = |step: &crate::v1::StepSummary| {
        let bytes = quantity::bytes(step.bytes);
        format!("| {} | {:.2} s | {} | {bytes} |\n", step.name, step.seconds, step.requests)
    };
    let rows: Vec<String> = steps.iter().map(row).collect();
    table("Steps", &["step", "time", "requests", "bytes"], &rows)
}

/// What should be looked at.
pub(super) fn notes(dossier: &Dossier<'_>) -> String {
    let notes = dossier.notes.iter().map(|note| format!("- {}\n", markdown(note)));
    let notes: String = notes.collect();
    if notes.is_empty() { notes } else { format!("### Notes\n\n{notes}\n") }
}

fn table(title: &str, headers: &[&str], rows: &[String]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    format!("{}{}\n", head(title, headers), rows.concat())
}

fn head(title: &str, headers: &[&str]) -> String {
    let rule = "| --- ".repeat(headers.len());
    format!("### {title}\n\n| {} |\n{rule}|\n", headers.join(" | "))
}
