//! Annotations of a job of GitHub Actions: workflow commands on its log.

use crate::check::{Check, failed};
use crate::dossier::Dossier;
use crate::escape::{command_property, command_text};

/// As many as GitHub shows of one step.
const MOST: usize = 10;

/// One error for each check that failed, never one for each finding; a warning for each note; a
/// notice that names the digest of a good end.
pub(crate) fn annotations(dossier: &Dossier<'_>) -> String {
    let failed = failed(dossier);
    let mut lines: Vec<String> = failed.iter().take(MOST).map(error).collect();
    if failed.len() > MOST {
        let more = format!("{} more checks failed; the result has them all", failed.len() - MOST);
        lines[MOST - 1] = command("error", "boltseal", &more);
    }
    lines.extend(dossier.notes.iter().take(MOST).map(|it| command("warning", "boltseal", it)));
    if dossier.is_good() {
        let title = format!("boltseal: {}", dossier.head.outcome.name());
        let image = dossier.image().unwrap_or_else(|| dossier.reference().to_owned());
        lines.push(command("notice", &title, &image));
    }
    lines.concat()
}

fn error(check: &Check) -> String {
    let fix = check.reasons.first().map(|reason| reason.fix.as_str()).unwrap_or_default();
    let fix = if fix.is_empty() { String::new() } else { format!("; to fix it: {fix}") };
    let found = match check.reasons.first() {
        Some(reason) => &reason.found,
        None => &check.found,
    };
    let expected = match check.numbers {
        Some(_) => format!("at most {} {}", check.limit, check.name),
        None => check.limit.clone(),
    };
    let parts = [("expected", &expected), ("found", found)];
    let named = parts.iter().filter(|(_, text)| !text.is_empty());
    let named: Vec<String> = named.map(|(label, text)| format!("{label} {text}")).collect();
    command("error", &format!("boltseal: {}", check.name), &format!("{}{fix}", named.join("; ")))
}

fn command(level: &str, title: &str, text: &str) -> String {
    format!("::{level} title={}::{}\n", command_property(title), command_text(text))
}
