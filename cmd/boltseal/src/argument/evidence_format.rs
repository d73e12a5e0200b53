use std::fmt;
use std::str::FromStr;

use boltseal_pipeline::EvidenceFormats;

/// One word of `--evidence`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EvidenceFormat {
    /// Sigstore bundles as OCI referrers.
    Bundle,
    /// cosign's `.sig` and `.att` tags.
    Legacy,
}

/// The formats that a list means; none means bundles.
pub(crate) fn formats(list: &[EvidenceFormat]) -> EvidenceFormats {
    let bundle = list.contains(&EvidenceFormat::Bundle);
    let legacy = list.contains(&EvidenceFormat::Legacy);
    match (bundle, legacy) {
        (true, true) => EvidenceFormats::BundleAndLegacy,
        (false, true) => EvidenceFormats::Legacy,
        (_, false) => EvidenceFormats::Bundle,
    }
}

impl fmt::Display for EvidenceFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bundle => "bundle",
            Self::Legacy => "legacy",
        })
    }
}

impl FromStr for EvidenceFormat {
    type Err = EvidenceFormatError;

    fn from_str(text: &str) -> Result<Self, EvidenceFormatError> {
        match text {
            "bundle" => Ok(Self::Bundle),
            "legacy" => Ok(Self::Legacy),
            "notation" => Err(EvidenceFormatError::NotBuilt),
            _ => Err(EvidenceFormatError::Unknown { found: text.to_owned() }),
        }
    }
}

/// A text that names no format of evidence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EvidenceFormatError {
    /// A format that this version has not.
    #[error("notation is not built yet; what works now: bundle, legacy")]
    NotBuilt,
    /// Nothing that is known.
    #[error("expected bundle or legacy, found {found:?}")]
    Unknown {
        /// The text.
        found: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_mean_complete_sets() {
        use EvidenceFormat::{Bundle, Legacy};
        assert_eq!(formats(&[]), EvidenceFormats::Bundle);
        assert_eq!(formats(&[Legacy]), EvidenceFormats::Legacy);
        assert_eq!(formats(&[Legacy, Bundle]), EvidenceFormats::BundleAndLegacy);
        assert_eq!("notation".parse::<EvidenceFormat>(), Err(EvidenceFormatError::NotBuilt));
        for format in [Bundle, Legacy] {
            assert_eq!(format.to_string().parse(), Ok(format));
        }
    }
}
