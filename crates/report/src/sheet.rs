//! The page that a text result is written on.

use boltseal_core::Reason;

use crate::Paint;
use crate::paint::Mood;
use crate::table::{Table, visible};
use crate::v1::{Head, Outcome};

/// The width of labels.
const LABEL: usize = 10;

/// Text in the making. Everything that is put on it loses its control characters.
pub(crate) struct Sheet {
    paint: Paint,
    text: String,
}

impl Sheet {
    /// A sheet that begins with the verdict, what it is about, and the reasons.
    pub(crate) fn headed(head: &Head, paint: Paint) -> Self {
        let mut sheet = Self { paint, text: String::new() };
        let word = paint.verdict(mood(head.outcome), &head.outcome.name().to_uppercase());
        let reference = head.subject.reference.as_deref().unwrap_or_default();
        sheet.line(&format!("{word}  {}", visible(reference)));
        if let Some(digest) = &head.subject.digest
            && !reference.contains(&digest.to_string())
        {
            sheet.pair("digest", &digest.to_string());
        }
        sheet.reasons(&head.reasons);
        sheet
    }

    /// One line, as it is.
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// An empty line, unless there is one already.
    pub(crate) fn gap(&mut self) {
        if !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// A label and what it names.
    pub(crate) fn pair(&mut self, label: &str, value: &str) {
        let label = self.paint.label(&format!("{label:LABEL$}"));
        self.line(&format!("{label}  {}", visible(value)));
    }

    /// The same, where there is something to name.
    pub(crate) fn pair_if(&mut self, label: &str, value: &str) {
        if !value.is_empty() {
            self.pair(label, value);
        }
    }

    /// Something that should be looked at.
    pub(crate) fn warning(&mut self, text: &str) {
        let word = self.paint.verdict(Mood::Doubtful, "warning");
        self.line(&format!("{word}     {}", visible(text)));
    }

    /// What follows is about one thing.
    pub(crate) fn heading(&mut self, text: &str) {
        self.gap();
        let text = self.paint.strong(&visible(text));
        self.line(&text);
    }

    /// A line as it is, for text that is meant to be copied.
    pub(crate) fn verbatim(&mut self, text: &str) {
        self.line(&visible(text));
    }

    /// One of several things, by its code, and what it is.
    pub(crate) fn item(&mut self, code: &str, what: &str) {
        let code = self.paint.strong(&visible(code));
        self.line(&format!("  {code}  {}", visible(what)));
    }

    /// A part of an item, where there is one.
    pub(crate) fn part(&mut self, label: &str, text: &str) {
        if !text.is_empty() {
            let label = self.paint.label(&format!("{label:LABEL$}"));
            self.line(&format!("    {label}{}", visible(text)));
        }
    }

    /// A table, with an empty line before it.
    pub(crate) fn table(&mut self, table: &Table) {
        if table.is_empty() {
            return;
        }
        self.gap();
        let paint = self.paint;
        for (index, line) in table.lines().iter().enumerate() {
            let line = if index == 0 { paint.label(line) } else { line.clone() };
            self.line(&format!("  {line}"));
        }
    }

    /// Each reason in its five parts.
    pub(crate) fn reasons(&mut self, reasons: &[Reason]) {
        for reason in reasons {
            self.gap();
            let code = self.paint.strong(reason.code);
            self.line(&format!("  {code}"));
            let parts = [
                ("expected", &reason.expected),
                ("found", &reason.found),
                ("where", &reason.place),
                ("fix", &reason.fix),
            ];
            for (label, part) in parts.into_iter().filter(|(_, part)| !part.is_empty()) {
                let label = self.paint.label(&format!("{label:LABEL$}"));
                self.line(&format!("    {label}{}", visible(part)));
            }
        }
        if !reasons.is_empty() {
            self.gap();
        }
    }

    /// The text, without empty lines at its end.
    pub(crate) fn finish(self) -> String {
        let mut text = self.text.trim_end().to_owned();
        text.push('\n');
        text
    }

    /// A sheet without a verdict.
    pub(crate) const fn blank(paint: Paint) -> Self {
        Self { paint, text: String::new() }
    }
}

const fn mood(outcome: Outcome) -> Mood {
    match outcome {
        Outcome::Refused | Outcome::Outdated => Mood::Bad,
        Outcome::Undetermined => Mood::Doubtful,
        _ => Mood::Good,
    }
}
