use std::fmt;
use std::str::FromStr;

/// What a release makes of the posture of its repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PostureMode {
    /// It is not looked at.
    Off,
    /// What would refuse is a warning.
    Warn,
    /// What refuses ends the release before anything is written.
    Block,
}

/// A text that names no mode.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected off, warn or block, found {found:?}")]
pub(crate) struct PostureModeError {
    found: String,
}

impl PostureMode {
    const ALL: [Self; 3] = [Self::Off, Self::Warn, Self::Block];

    const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Warn => "warn",
            Self::Block => "block",
        }
    }
}

impl FromStr for PostureMode {
    type Err = PostureModeError;

    fn from_str(text: &str) -> Result<Self, PostureModeError> {
        let mode = Self::ALL.into_iter().find(|it| it.name() == text);
        mode.ok_or_else(|| PostureModeError { found: text.to_owned() })
    }
}

impl fmt::Display for PostureMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
