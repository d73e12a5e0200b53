use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// One `--scan`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ScanSource {
    /// Findings of Amazon ECR about the pushed image.
    Ecr,
    /// A scanner's report.
    File(PathBuf),
    /// Findings of Amazon Inspector about our own SBOM.
    Inspector,
    /// Nothing is judged.
    None,
}

impl ScanSource {
    /// The same, with a relative path taken from `folder`.
    pub(crate) fn below(self, folder: &Path) -> Self {
        match self {
            Self::File(path) => Self::File(folder.join(path)),
            other => other,
        }
    }
}

impl fmt::Display for ScanSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ecr => f.write_str("ecr"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Inspector => f.write_str("inspector"),
            Self::None => f.write_str("none"),
        }
    }
}

impl FromStr for ScanSource {
    type Err = ScanSourceError;

    /// A file that is called like one of the words is written `./none`.
    fn from_str(text: &str) -> Result<Self, ScanSourceError> {
        match text {
            "none" => Ok(Self::None),
            "ecr" => Ok(Self::Ecr),
            "inspector" => Ok(Self::Inspector),
            "" => Err(ScanSourceError::Empty),
            _ => Ok(Self::File(PathBuf::from(text))),
        }
    }
}

/// A text that names no report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ScanSourceError {
    /// Nothing.
    #[error("expected a report file, ecr, inspector or none, found nothing")]
    Empty,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_not_files() {
        assert_eq!("none".parse(), Ok(ScanSource::None));
        assert_eq!("./none".parse(), Ok(ScanSource::File("./none".into())));
        assert_eq!("ecr".parse(), Ok(ScanSource::Ecr));
        assert_eq!("inspector".parse(), Ok(ScanSource::Inspector));
        assert!("".parse::<ScanSource>().is_err());
    }
}
