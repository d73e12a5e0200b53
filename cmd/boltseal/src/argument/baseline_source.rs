use std::fmt;
use std::str::FromStr;

use boltseal_core::Target;

const PREVIOUS: &str = "previous-release";

/// The release whose findings do not count again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BaselineSource {
    /// What the first moving tag holds when the run begins.
    PreviousRelease,
    /// One that is named.
    Release(Target),
}

impl fmt::Display for BaselineSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PreviousRelease => f.write_str(PREVIOUS),
            Self::Release(target) => target.fmt(f),
        }
    }
}

impl FromStr for BaselineSource {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == PREVIOUS {
            return Ok(Self::PreviousRelease);
        }
        match text.parse::<Target>() {
            Ok(target) => Ok(Self::Release(target)),
            Err(problem) => Err(format!("expected {PREVIOUS} or a release: {problem}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_or_a_reference() {
        assert_eq!("previous-release".parse(), Ok(BaselineSource::PreviousRelease));
        for text in ["h.example/app:1", "oci:dir:1", "previous-release"] {
            assert_eq!(text.parse::<BaselineSource>().unwrap().to_string(), text);
        }
        assert!("previous".parse::<BaselineSource>().unwrap_err().contains(PREVIOUS));
    }
}
