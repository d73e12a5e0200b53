//! Versions of the specification.

use std::fmt;
use std::str::FromStr;

/// A version of CycloneDX that boltseal writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpecVersion {
    /// 1.5, which Amazon Inspector takes as well.
    #[default]
    V1_5,
    /// 1.6.
    V1_6,
}

impl SpecVersion {
    const fn text(self) -> &'static str {
        match self {
            Self::V1_5 => "1.5",
            Self::V1_6 => "1.6",
        }
    }
}

impl fmt::Display for SpecVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl FromStr for SpecVersion {
    type Err = SpecVersionError;

    fn from_str(text: &str) -> Result<Self, SpecVersionError> {
        [Self::V1_5, Self::V1_6]
            .into_iter()
            .find(|version| version.text() == text)
            .ok_or_else(|| SpecVersionError { found: text.to_owned() })
    }
}

/// A text that is no version of CycloneDX that boltseal writes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected CycloneDX version 1.5 or 1.6, found {found:?}")]
pub struct SpecVersionError {
    /// The text.
    pub found: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for version in [SpecVersion::V1_5, SpecVersion::V1_6] {
            assert_eq!(version.to_string().parse(), Ok(version));
        }
        assert!("1.4".parse::<SpecVersion>().is_err());
        assert_eq!(SpecVersion::default().to_string(), "1.5");
    }
}
