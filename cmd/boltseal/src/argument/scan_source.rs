use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// One `--scan`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ScanSource {
    /// A scanner's report.
    File(PathBuf),
    /// Nothing is judged.
    None,
}

impl ScanSource {
    /// The same, with a relative path taken from `folder`.
    pub(crate) fn below(self, folder: &Path) -> Self {
        match self {
            Self::File(path) => Self::File(folder.join(path)),
            Self::None => Self::None,
        }
    }
}

impl fmt::Display for ScanSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
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
            "ecr" | "inspector" => Err(ScanSourceError::NotBuilt { scanner: text.to_owned() }),
            "" => Err(ScanSourceError::Empty),
            _ => Ok(Self::File(PathBuf::from(text))),
        }
    }
}

/// A text that names no report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ScanSourceError {
    /// Nothing.
    #[error("expected a report file or none, found nothing")]
    Empty,
    /// A scanner that this version does not ask.
    #[error(
        "--scan {scanner} is not built yet; what works now: a report file of trivy, grype, \
         CycloneDX, ECR (aws ecr describe-image-scan-findings) or SARIF, or none"
    )]
    NotBuilt {
        /// The scanner.
        scanner: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_not_files() {
        assert_eq!("none".parse(), Ok(ScanSource::None));
        assert_eq!("./none".parse(), Ok(ScanSource::File("./none".into())));
        assert!("ecr".parse::<ScanSource>().unwrap_err().to_string().contains("not built yet"));
        assert!("".parse::<ScanSource>().is_err());
    }
}
