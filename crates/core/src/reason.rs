//! Reasons: why something was refused, or could not be found out.

use serde::Serialize;

use crate::Exit;

/// One reason, in the five parts that every failure has: what was expected, what was found,
/// where, and what would make it pass, under a stable code.
///
/// No part may hold a secret: reasons go to logs, reports and JSON results.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// A stable code in kebab case, such as `tag-taken`.
    pub code: &'static str,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// Where: a reference, a digest, a file, a request.
    #[serde(rename = "where")]
    pub place: String,
    /// The command or change that would make it pass.
    pub fix: String,
    /// What this reason alone would end the run with.
    #[serde(skip)]
    pub exit: Exit,
}

impl Reason {
    /// A reason with its five parts still to be filled by the methods below.
    pub fn new(exit: Exit, code: &'static str) -> Self {
        let (expected, found) = (String::new(), String::new());
        Self { code, expected, found, place: String::new(), fix: String::new(), exit }
    }

    /// What was expected.
    #[must_use]
    pub fn expected(mut self, text: impl Into<String>) -> Self {
        self.expected = text.into();
        self
    }

    /// What was found.
    #[must_use]
    pub fn found(mut self, text: impl Into<String>) -> Self {
        self.found = text.into();
        self
    }

    /// Where.
    #[must_use]
    pub fn place(mut self, text: impl Into<String>) -> Self {
        self.place = text.into();
        self
    }

    /// What would make it pass.
    #[must_use]
    pub fn fix(mut self, text: impl Into<String>) -> Self {
        self.fix = text.into();
        self
    }
}

/// Puts reasons in the order of [`Exit::PRECEDENCE`] and answers the exit code of the first, or
/// [`Exit::Bug`] for none: a refusal without a reason is a bug.
pub fn sort_reasons(reasons: &mut [Reason]) -> Exit {
    reasons.sort_by_key(|reason| reason.exit.rank());
    reasons.first().map_or(Exit::Bug, |reason| reason.exit)
}
