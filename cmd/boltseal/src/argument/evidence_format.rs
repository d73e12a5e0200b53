use std::fmt;
use std::str::FromStr;

use boltseal_pipeline::{EvidenceFormats, Failure};

use crate::usage::usage;

/// One word of `--evidence`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EvidenceFormat {
    /// Sigstore bundles as OCI referrers.
    Bundle,
    /// cosign's `.sig` and `.att` tags.
    Legacy,
    /// A signature of the Notary Project beside the statements.
    Notation,
}

/// The formats that a list means; none means bundles.
///
/// # Errors
/// For Notation alone: it signs the image and carries no statement, so whoever asks for nothing
/// else would be left without provenance, SBOM and verdict.
pub(crate) fn formats(list: &[EvidenceFormat]) -> Result<EvidenceFormats, Failure> {
    let bundle = list.contains(&EvidenceFormat::Bundle);
    let legacy = list.contains(&EvidenceFormat::Legacy);
    let notation = list.contains(&EvidenceFormat::Notation);
    let statements = match (bundle, legacy) {
        (true, true) => EvidenceFormats::BUNDLE_AND_LEGACY,
        (false, true) => EvidenceFormats::LEGACY,
        (false, false) if notation => {
            return Err(usage(
                "evidence-without-statements",
                "a format that carries provenance, SBOM and verdict beside the signature",
                "--evidence notation alone, which signs the image and carries no statement",
                "give --evidence bundle,notation",
            ));
        }
        (_, false) => EvidenceFormats::BUNDLE,
    };
    Ok(if notation { statements.and_notation() } else { statements })
}

impl fmt::Display for EvidenceFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bundle => "bundle",
            Self::Legacy => "legacy",
            Self::Notation => "notation",
        })
    }
}

impl FromStr for EvidenceFormat {
    type Err = EvidenceFormatError;

    fn from_str(text: &str) -> Result<Self, EvidenceFormatError> {
        match text {
            "bundle" => Ok(Self::Bundle),
            "legacy" => Ok(Self::Legacy),
            "notation" => Ok(Self::Notation),
            _ => Err(EvidenceFormatError { found: text.to_owned() }),
        }
    }
}

/// A text that names no format of evidence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected bundle, legacy or notation, found {found:?}")]
pub(crate) struct EvidenceFormatError {
    /// The text.
    found: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_mean_complete_sets() {
        use EvidenceFormat::{Bundle, Legacy, Notation};
        let formats = |list: &[EvidenceFormat]| formats(list).unwrap();
        assert_eq!(formats(&[]), EvidenceFormats::BUNDLE);
        assert_eq!(formats(&[Legacy]), EvidenceFormats::LEGACY);
        assert_eq!(formats(&[Legacy, Bundle]), EvidenceFormats::BUNDLE_AND_LEGACY);
        let all = formats(&[Notation, Legacy, Bundle]);
        assert_eq!(all, EvidenceFormats::BUNDLE_AND_LEGACY.and_notation());
        assert!(all.bundles() && all.legacy() && all.notation());
        assert!(!formats(&[Bundle]).notation());
        for format in [Bundle, Legacy, Notation] {
            assert_eq!(format.to_string().parse(), Ok(format));
        }
    }

    #[test]
    fn notation_alone_is_no_set() {
        let failure = formats(&[EvidenceFormat::Notation]).unwrap_err();
        assert_eq!(failure.reasons()[0].code, "evidence-without-statements");
        assert!("cosign".parse::<EvidenceFormat>().is_err());
    }
}
