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

#[cfg(test)]
mod tests {
    use boltseal_core::{Exit, Reason};

    use super::*;
    use crate::v1::{Head, SubjectOfResult};

    fn annotated(reasons: Vec<Reason>) -> String {
        let head = Head::failed("boltseal.gate/v1", SubjectOfResult::default(), reasons);
        annotations(&Dossier::of(&head))
    }

    #[test]
    fn no_more_than_github_shows_and_the_rest_is_said() {
        let reason = |at: usize| Reason::new(Exit::Gate, "posture").expected(at.to_string());
        let text = annotated((0..25).map(reason).collect());
        assert_eq!(text.lines().count(), MOST);
        assert!(text.ends_with("15 more checks failed; the result has them all\n"), "{text}");
    }

    #[test]
    fn a_command_is_one_line_whatever_is_in_it() {
        let reason = Reason::new(Exit::Gate, "posture").found("a\n::error::b%0A");
        let text = annotated(vec![reason]);
        assert_eq!(text, "::error title=boltseal%3A posture::found a\u{fffd}::error::b%250A\n");
    }
}
