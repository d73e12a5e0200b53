use std::fmt;

/// How a piece of evidence is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// A Sigstore bundle in an OCI referrer.
    Bundle,
    /// A layer of cosign's `.att` tag: a DSSE envelope.
    LegacyAttestation,
    /// A layer of cosign's `.sig` tag: a simple-signing payload.
    LegacySignature,
    /// A signature of the Notary Project in an OCI referrer: an envelope, JWS or COSE.
    Notation,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bundle => "bundle",
            Self::LegacyAttestation => "legacy-attestation",
            Self::LegacySignature => "legacy-signature",
            Self::Notation => "notation",
        })
    }
}
