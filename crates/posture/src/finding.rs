use boltseal_core::Severity;
use serde::Serialize;

use crate::catalogue::Rule;
use crate::shown::shown;

/// Something about the posture that should be known, and what would mend it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// A stable id in kebab case.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What was found.
    pub what: String,
    /// Where.
    #[serde(rename = "where")]
    pub place: String,
    /// Why it matters.
    pub why: &'static str,
    /// What would mend it.
    pub fix: Fix,
    /// The same check in Prowler, Checkov and AWS Config, by their ids.
    pub references: &'static [&'static str],
    /// Whether it makes the posture refused.
    pub refuses: bool,
}

/// What would mend a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// With the AWS CLI.
    pub cli: String,
    /// With Terraform.
    pub terraform: String,
}

impl Finding {
    /// A finding by its rule, with its parts still to be filled.
    pub(crate) fn new(rule: &'static Rule) -> Self {
        Self {
            id: rule.id,
            severity: rule.severity,
            what: String::new(),
            place: String::new(),
            why: rule.why,
            fix: Fix::default(),
            references: rule.references,
            refuses: false,
        }
    }

    #[must_use]
    pub(crate) fn what(mut self, text: impl AsRef<str>) -> Self {
        self.what = shown(text.as_ref());
        self
    }

    #[must_use]
    pub(crate) fn place(mut self, text: impl AsRef<str>) -> Self {
        self.place = shown(text.as_ref());
        self
    }

    #[must_use]
    pub(crate) fn cli(mut self, text: impl Into<String>) -> Self {
        self.fix.cli = text.into();
        self
    }

    #[must_use]
    pub(crate) fn terraform(mut self, text: impl Into<String>) -> Self {
        self.fix.terraform = text.into();
        self
    }

    #[must_use]
    pub(crate) const fn at_severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    #[must_use]
    pub(crate) const fn refusing(mut self) -> Self {
        self.refuses = true;
        self
    }
}
