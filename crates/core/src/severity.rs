//! Severities, as the gate counts them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How bad a finding is, worst first. What a scanner leaves unrated is [`Severity::Unknown`],
/// which is a class of its own and never dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Critical.
    Critical,
    /// High.
    High,
    /// Medium.
    Medium,
    /// Low.
    Low,
    /// Informational; what Debian calls negligible.
    Informational,
    /// Unknown, undefined, untriaged or unrated.
    Unknown,
}

impl Severity {
    /// All severities, worst first.
    pub const ALL: [Self; 6] =
        [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Informational, Self::Unknown];

    /// The lower-case name, as in JSON results and flags.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Informational => "informational",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
