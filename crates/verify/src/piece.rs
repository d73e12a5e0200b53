use boltseal_core::{Digest, Kind, Statement};
use jiff::Timestamp;

use crate::{Format, NotationPiece, Refusal};

/// One piece of evidence: the exact bytes that were fetched, and what its carrier claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The digest of the referrer manifest, or of the legacy layer.
    pub carrier: Digest,
    /// The predicate type that the carrier's annotations claim: a hint.
    pub hinted_type: Option<String>,
    /// The bytes.
    pub content: PieceContent,
}

/// The bytes of a piece, by the way they are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PieceContent {
    /// A Sigstore bundle.
    Bundle(Vec<u8>),
    /// A DSSE envelope.
    LegacyAttestation(Vec<u8>),
    /// A simple-signing payload, and the base64 signature from the layer's annotation.
    LegacySignature {
        /// The payload.
        payload: Vec<u8>,
        /// The annotation's value.
        signature: String,
    },
    /// A signature of the Notary Project.
    Notation(Box<NotationPiece>),
    /// Content that could be had but not be taken: too large, or not of the form it claims.
    Unusable {
        /// How it is stored.
        format: Format,
        /// Why it is refused.
        refusal: Refusal,
    },
}

impl PieceContent {
    /// How the piece is stored.
    pub const fn format(&self) -> Format {
        match self {
            Self::Bundle(_) => Format::Bundle,
            Self::LegacyAttestation(_) => Format::LegacyAttestation,
            Self::LegacySignature { .. } => Format::LegacySignature,
            Self::Notation(_) => Format::Notation,
            Self::Unusable { format, .. } => *format,
        }
    }

    /// Whether somebody answered whether the signature is revoked.
    pub(crate) fn was_revocation_asked(&self) -> bool {
        matches!(self, Self::Notation(piece) if piece.was_revocation_asked())
    }
}

/// What is known of a piece once signature and subject were checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Authentic {
    /// The digest of the referrer manifest, or of the legacy layer.
    pub carrier: Digest,
    /// How the piece is stored.
    pub format: Format,
    /// The kind that it claims to be: by its statement, and where that cannot be read, by the
    /// carrier's annotation.
    pub claimed: Option<Kind>,
    /// The digest of the signed statement's bytes; of the content where there is no statement.
    pub statement_digest: Digest,
    /// The signed bytes that [`Authentic::statement_digest`] is of.
    pub signed: Vec<u8>,
    /// The statement, where it could be read.
    pub statement: Option<Statement>,
    /// The digest of the envelope's compact JSON, where it is a verification summary's.
    pub envelope: Option<Digest>,
    /// The accepted key that signed it, as its user named it; of a Notation signature the
    /// subject of its certificate, or the profile of AWS Signer.
    pub signer: Option<String>,
    /// That key's hint, which tells keys apart whatever their users call them.
    pub signer_key: Option<String>,
    /// Log entries that were verified, which needs a trusted root.
    pub log_entries: usize,
    /// The times of the timestamps that were verified, which needs a trusted root.
    pub timestamps: Vec<Timestamp>,
    /// Why it does not count; none for a piece that verifies.
    pub refusal: Option<Refusal>,
    /// What is odd about it, though it changes nothing.
    pub notes: Vec<String>,
}

impl Authentic {
    /// Whether signature, subject and form are good.
    pub const fn verifies(&self) -> bool {
        self.refusal.is_none() && self.signer.is_some()
    }
}
