//! Envelopes of both formats, before anything about them is believed.

use super::algorithm::Algorithm;
use super::envelope_error::EnvelopeError;
use super::intact::Intact;
use super::integrity_error::IntegrityError;
use super::signed_attributes::SignedAttributes;
use super::{cose, jws};

/// The largest envelope that is read, in bytes. One with a chain of five RSA certificates and a
/// timestamp stays under 32 KiB.
pub const MAX_ENVELOPE_BYTES: usize = 1024 * 1024;

/// The formats of an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Flattened JWS: what boltseal and AWS Signer write.
    Jws,
    /// `COSE_Sign1`: only read.
    Cose,
}

impl Format {
    /// The media type of the layer that holds the envelope.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jws => "application/jose+json",
            Self::Cose => "application/cose",
        }
    }

    /// The format with this media type.
    pub fn of(media_type: &str) -> Option<Self> {
        [Self::Jws, Self::Cose].into_iter().find(|format| format.media_type() == media_type)
    }
}

/// An envelope that was read and follows the rules of its format. Nothing in it is verified:
/// [`Envelope::check_integrity`] comes next.
#[derive(Clone, Debug)]
pub struct Envelope {
    pub(super) format: Format,
    pub(super) algorithm: Algorithm,
    /// The bytes over which the signature is.
    pub(super) signed: Vec<u8>,
    pub(super) signature: Vec<u8>,
    /// DER certificates, leaf first.
    pub(super) chain: Vec<Vec<u8>>,
    pub(super) attributes: SignedAttributes,
    pub(super) payload: Vec<u8>,
    pub(super) agent: Option<String>,
    /// An RFC 3161 token over `signature`.
    pub(super) timestamp: Option<Vec<u8>>,
}

impl Envelope {
    /// Reads an envelope of at most [`MAX_ENVELOPE_BYTES`] and checks the rules of its format:
    /// which headers must be there, which must not, and which must be critical.
    pub fn parse(format: Format, bytes: &[u8]) -> Result<Self, EnvelopeError> {
        if bytes.len() > MAX_ENVELOPE_BYTES {
            return Err(EnvelopeError::TooLarge { limit: MAX_ENVELOPE_BYTES, found: bytes.len() });
        }
        match format {
            Format::Jws => jws::parse(bytes),
            Format::Cose => cose::parse(bytes),
        }
    }

    /// Verifies that the envelope holds together: the chain follows the certificate rules up to
    /// its self-signed end, the algorithm is the leaf key's own, the signature is the leaf's, and
    /// the payload is one. Whether anybody trusts that chain is another question:
    /// [`Intact::judge`].
    pub fn check_integrity(self) -> Result<Intact, IntegrityError> {
        Intact::new(self)
    }
}
