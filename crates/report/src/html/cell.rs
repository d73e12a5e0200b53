//! Pieces of HTML that sections are put together of. Contents are HTML already.

use boltseal_core::{Digest, Severity};

use crate::escape::html;

/// A section with its heading; nothing for an empty body.
pub(super) fn section(id: &str, title: &str, body: &str) -> String {
    if body.is_empty() {
        return String::new();
    }
    format!("<section id=\"{id}\">\n<h2>{title}</h2>\n{body}</section>\n")
}

/// A table whose rows become cards where it is narrow; nothing without rows.
pub(super) fn table(headers: &[&str], rows: &str) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let headers: String = headers.iter().map(|it| format!("<th>{it}</th>")).collect();
    format!(
        "<table class=\"cards\">\n<thead><tr>{headers}</tr></thead>\n<tbody>\n{rows}</tbody>\n\
         </table>\n"
    )
}

/// A cell that says its column where rows are cards.
pub(super) fn cell(label: &str, content: &str) -> String {
    format!("<td data-label=\"{label}\">{content}</td>")
}

/// A name and what it names.
pub(super) fn fact(label: &str, content: &str) -> String {
    format!("<div><dt>{}</dt><dd>{content}</dd></div>\n", html(label))
}

/// Text as code.
pub(super) fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("<code>{}</code>", html(text)) }
}

/// The first characters of a digest; the rest is a tooltip.
pub(super) fn short(digest: &Digest) -> String {
    format!("<code title=\"{digest}\">{}</code>", digest.short())
}

/// The cell of a severity.
pub(super) fn severity(severity: Severity) -> String {
    cell("Severity", &format!("<span class=\"severity {severity}\">{severity}</span>"))
}
