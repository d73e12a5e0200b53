//! The kinds of evidence, and their predicate types.

use std::fmt;
use std::str::FromStr;

/// A kind of evidence, as `--require` names it. The role of a signed statement is its predicate
/// type and nothing else (DESIGN.md, invariant 7).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Where it came from: SLSA provenance.
    Provenance,
    /// What is in it: a CycloneDX document.
    Sbom,
    /// What was known to be wrong: cosign's vulnerability predicate.
    Vuln,
    /// The gate's verdict: a SLSA verification summary.
    Vsa,
    /// cosign's signature.
    Signature,
    /// Any other predicate type URI.
    Other(String),
}

impl Kind {
    /// The five kinds of a release, in the order in which they are written.
    pub const RELEASE: [Self; 5] =
        [Self::Provenance, Self::Sbom, Self::Vuln, Self::Vsa, Self::Signature];

    /// The predicate type URI that boltseal writes for this kind.
    pub fn predicate_type(&self) -> &str {
        match self {
            Self::Provenance => "https://slsa.dev/provenance/v1",
            Self::Sbom => "https://cyclonedx.org/bom",
            Self::Vuln => "https://cosign.sigstore.dev/attestation/vuln/v1",
            Self::Vsa => "https://slsa.dev/verification_summary/v1",
            Self::Signature => "https://sigstore.dev/cosign/sign/v1",
            Self::Other(uri) => uri,
        }
    }

    /// The kind of a statement with this predicate type; older versions of a type count.
    pub fn of_predicate_type(uri: &str) -> Self {
        match uri {
            "https://slsa.dev/provenance/v1" | "https://slsa.dev/provenance/v0.2" => {
                Self::Provenance
            }
            "https://cyclonedx.org/bom" => Self::Sbom,
            "https://cosign.sigstore.dev/attestation/vuln/v1" => Self::Vuln,
            "https://slsa.dev/verification_summary/v1" => Self::Vsa,
            "https://sigstore.dev/cosign/sign/v1" => Self::Signature,
            _ if uri.starts_with("https://cyclonedx.org/bom/v1.") => Self::Sbom,
            _ => Self::Other(uri.to_owned()),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Provenance => "provenance",
            Self::Sbom => "sbom",
            Self::Vuln => "vuln",
            Self::Vsa => "vsa",
            Self::Signature => "signature",
            Self::Other(uri) => uri,
        })
    }
}

impl FromStr for Kind {
    type Err = KindError;

    fn from_str(text: &str) -> Result<Self, KindError> {
        if let Some(kind) = Self::RELEASE.into_iter().find(|kind| kind.to_string() == text) {
            return Ok(kind);
        }
        let is_uri = text.split_once(':').is_some_and(|(scheme, rest)| {
            scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
                && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && !rest.is_empty()
        });
        if is_uri { Ok(Self::of_predicate_type(text)) } else { Err(KindError(text.to_owned())) }
    }
}

/// A text that names no kind of evidence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected signature, provenance, sbom, vuln, vsa or a predicate type URI, found {0:?}")]
pub struct KindError(pub String);
