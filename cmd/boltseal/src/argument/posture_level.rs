use std::fmt;
use std::str::FromStr;

use boltseal_core::Severity;

/// How bad a finding about the posture must be to refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PostureLevel(pub(crate) Severity);

/// A text that names no level.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected critical, high, medium, low or informational, found {found:?}")]
pub(crate) struct PostureLevelError {
    found: String,
}

impl FromStr for PostureLevel {
    type Err = PostureLevelError;

    fn from_str(text: &str) -> Result<Self, PostureLevelError> {
        let mut known = Severity::ALL.into_iter().filter(|it| *it != Severity::Unknown);
        let level = known.find(|it| it.name() == text);
        level.map(Self).ok_or_else(|| PostureLevelError { found: text.to_owned() })
    }
}

impl fmt::Display for PostureLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
