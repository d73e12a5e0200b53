//! The checks: a bar of what was found beside a mark at what is allowed.

use crate::check::{Check, State, checks as all_checks};
use crate::dossier::Dossier;
use crate::escape::html;

/// The width of a whole bar, in the units of the drawing.
const WIDTH: f64 = 100.0;

const HEAD: &str = "<thead><tr><th>Check</th><th class=\"bar\">Found, beside what is \
                    allowed</th><th class=\"number\">Found</th><th class=\"number\">Allowed</th>\
                    <th>Verdict</th></tr></thead>\n";

/// Each check as a row; those that count have a bar.
pub(super) fn checks(dossier: &Dossier<'_>) -> String {
    let checks = all_checks(dossier);
    if checks.is_empty() {
        return String::new();
    }
    let (counted, other): (Vec<&Check>, Vec<&Check>) =
        checks.iter().partition(|check| check.numbers.is_some());
    let numbers = counted.iter().filter_map(|check| check.numbers);
    let most = numbers.map(|(found, limit)| found.max(limit.unwrap_or(0))).max().unwrap_or(0);
    let rows: String = counted.iter().map(|check| counted_row(check, most)).collect();
    let scanners = dossier.scanners().join(", ");
    let by = if scanners.is_empty() {
        String::new()
    } else {
        format!("<p class=\"quiet\">Scanned by {}</p>\n", html(&scanners))
    };
    let chart = if rows.is_empty() {
        rows
    } else {
        format!("<table class=\"checks\">\n{HEAD}<tbody>\n{rows}</tbody>\n</table>\n")
    };
    let others: String = other.iter().map(|check| other_row(check)).collect();
    format!(
        "<section id=\"checks\">\n<h2>Checks</h2>\n{by}{chart}<ul class=\"checks\">\n{others}</ul>\n\
         </section>\n"
    )
}

fn counted_row(check: &Check, most: u64) -> String {
    let bar = check.numbers.map(|numbers| bar(check, numbers, most)).unwrap_or_default();
    format!(
        "<tr class=\"{}\"><th scope=\"row\">{}</th><td class=\"bar\">{bar}</td><td \
         class=\"number found\" data-label=\"Found\">{}</td><td class=\"number\" \
         data-label=\"Allowed\">{}</td><td class=\"verdict\">{}</td></tr>\n",
        class(check.state),
        html(&check.name),
        html(&check.found),
        html(&check.limit),
        badge(check.state),
    )
}

fn other_row(check: &Check) -> String {
    let limit = match &*check.limit {
        "" => String::new(),
        limit => format!(" <span class=\"quiet\">({})</span>", html(limit)),
    };
    format!(
        "<li>{} <b>{}</b> {}{limit}</li>\n",
        badge(check.state),
        html(&check.name),
        html(&check.found),
    )
}

fn bar(check: &Check, (found, limit): (u64, Option<u64>), most: u64) -> String {
    let mark = limit.map(|limit| {
        let at = length(limit, most).min(WIDTH - 0.6);
        format!("<rect class=\"mark\" x=\"{at:.2}\" y=\"0\" width=\"0.6\" height=\"8\"/>")
    });
    format!(
        "<svg viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"{}\"><rect class=\"track\" x=\"0\" y=\"2\" width=\"100\" height=\"4\"/>\
         <rect class=\"fill\" x=\"0\" y=\"2\" width=\"{:.2}\" height=\"4\"/>{}</svg>",
        html(&words(check, found, limit)),
        length(found, most),
        mark.unwrap_or_default()
    )
}

fn words(check: &Check, found: u64, limit: Option<u64>) -> String {
    let limit = limit.map_or_else(|| "no limit".to_owned(), |limit| format!("{limit} allowed"));
    format!("{found} {}, {limit}", check.name)
}

/// On a root scale, so that one critical finding is seen beside a thousand low ones.
#[expect(clippy::cast_precision_loss, reason = "the length of a bar")]
fn length(count: u64, most: u64) -> f64 {
    WIDTH * (count as f64 / most.max(1) as f64).sqrt()
}

/// The word of a verdict with its sign: colour alone says nothing.
fn badge(state: State) -> String {
    let sign = match state {
        State::Passed => "\u{2713}",
        State::Failed => "\u{2715}",
        State::Undetermined => "?",
        State::Free => "\u{2013}",
    };
    format!("<span class=\"badge {}\">{sign} {}</span>", class(state), state.word())
}

const fn class(state: State) -> &'static str {
    match state {
        State::Passed => "good",
        State::Failed => "bad",
        State::Undetermined => "doubt",
        State::Free => "free",
    }
}
