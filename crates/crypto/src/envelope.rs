//! DSSE envelopes: a payload and who signed it.

use boltseal_core::json::{self, JsonError};
use boltseal_core::{Statement, StatementError, media_type};
use serde::{Deserialize, Serialize};

use crate::{MAX_BUNDLE_BYTES, PublicKey, SignatureError, base64_text, pae};

/// An envelope with more signatures than this is refused.
pub const MAX_SIGNATURES: usize = 32;

/// A DSSE envelope (DSSE 1.0.2, `envelope.md`). The payload is kept as the bytes that were
/// signed; nothing is written again before a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// What the payload is, `application/vnd.in-toto+json` for statements. It is signed, but
    /// [`Envelope::verify`] does not judge it.
    pub payload_type: String,
    /// The bytes that were signed.
    pub payload: Vec<u8>,
    /// The signatures: one at least, at most [`MAX_SIGNATURES`], exactly one in a bundle.
    pub signatures: Vec<EnvelopeSignature>,
}

/// One signature of an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvelopeSignature {
    /// What the signer calls the key. It is not signed, so nothing is decided by it.
    pub keyid: Option<String>,
    /// The signature over [`pae`].
    pub sig: Vec<u8>,
}

impl Envelope {
    /// An envelope with one signature and no `keyid`, which readers of keys trip over.
    pub fn new(payload_type: &str, payload: Vec<u8>, signature: Vec<u8>) -> Self {
        Self {
            payload_type: payload_type.to_owned(),
            payload,
            signatures: vec![EnvelopeSignature {
                keyid: None,
                sig: signature,
            }],
        }
    }

    /// Reads an envelope of at most [`MAX_BUNDLE_BYTES`]: strict JSON, base64 in either alphabet,
    /// padded or not. Members that DSSE does not know are ignored, as it says.
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        if bytes.len() > MAX_BUNDLE_BYTES {
            return Err(EnvelopeError::TooLarge {
                limit: MAX_BUNDLE_BYTES,
                found: bytes.len(),
            });
        }
        json::parse_as::<Wire>(bytes)?.try_into()
    }

    /// From JSON that is already known to be strict.
    pub(crate) fn from_value(value: serde_json::Value) -> Result<Self, EnvelopeError> {
        let wire: Wire = serde_json::from_value(value).map_err(|error| {
            EnvelopeError::Unreadable(JsonError {
                message: error.to_string(),
            })
        })?;
        wire.try_into()
    }

    /// The compact JSON: `payloadType`, `payload`, `signatures`, in this order, without `keyid`.
    ///
    /// # Panics
    /// Never: strings always serialise.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(&self.to_wire()).expect("strings always serialise")
    }

    /// The bytes that the signatures are over.
    pub fn signed_bytes(&self) -> Vec<u8> {
        pae(&self.payload_type, &self.payload)
    }

    /// Whether one of the signatures is `key`'s, over the payload as it was read. Says nothing
    /// about what the payload claims.
    pub fn verify(&self, key: &PublicKey) -> Result<(), SignatureError> {
        let message = self.signed_bytes();
        let mut outcome = Err(key.mismatch());
        for signature in &self.signatures {
            outcome = key.verify(&message, &signature.sig);
            if outcome.is_ok() {
                break;
            }
        }
        outcome
    }

    /// The in-toto statement inside. Verifies nothing.
    pub fn statement(&self) -> Result<Statement, StatementRefused> {
        if self.payload_type != media_type::IN_TOTO {
            return Err(StatementRefused::PayloadType {
                found: self.payload_type.chars().take(160).collect(),
            });
        }
        Ok(Statement::parse(&self.payload)?)
    }

    fn to_wire(&self) -> Wire {
        Wire {
            payload_type: self.payload_type.clone(),
            payload: base64_text::encode(&self.payload),
            signatures: self
                .signatures
                .iter()
                .map(|signature| WireSignature {
                    keyid: None,
                    sig: base64_text::encode(&signature.sig),
                })
                .collect(),
        }
    }
}

impl Serialize for Envelope {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_wire().serialize(serializer)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    payload_type: String,
    payload: String,
    signatures: Vec<WireSignature>,
}

#[derive(Serialize, Deserialize)]
struct WireSignature {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keyid: Option<String>,
    sig: String,
}

impl TryFrom<Wire> for Envelope {
    type Error = EnvelopeError;

    fn try_from(wire: Wire) -> Result<Self, EnvelopeError> {
        if !(1..=MAX_SIGNATURES).contains(&wire.signatures.len()) {
            return Err(EnvelopeError::Signatures {
                limit: MAX_SIGNATURES,
                found: wire.signatures.len(),
            });
        }
        let signatures: Result<_, _> = wire.signatures.into_iter().map(read_signature).collect();
        Ok(Self {
            payload_type: wire.payload_type,
            payload: base64_text::decode(&wire.payload)
                .ok_or(EnvelopeError::Base64 { member: "payload" })?,
            signatures: signatures?,
        })
    }
}

fn read_signature(wire: WireSignature) -> Result<EnvelopeSignature, EnvelopeError> {
    Ok(EnvelopeSignature {
        keyid: wire.keyid.filter(|keyid| !keyid.is_empty()),
        sig: base64_text::decode(&wire.sig).ok_or(EnvelopeError::Base64 {
            member: "signatures[].sig",
        })?,
    })
}

/// Bytes that are no DSSE envelope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// A member that should be base64.
    #[error("expected base64 in the envelope's {member}")]
    Base64 {
        /// The member.
        member: &'static str,
    },
    /// No signature, or too many.
    #[error("expected 1 to {limit} signatures in the envelope, found {found}")]
    Signatures {
        /// The bound.
        limit: usize,
        /// How many there are.
        found: usize,
    },
    /// Too large.
    #[error("expected an envelope of at most {limit} bytes, found {found}")]
    TooLarge {
        /// The bound.
        limit: usize,
        /// The size.
        found: usize,
    },
    /// Not strict JSON, or not of an envelope's form.
    #[error("expected a DSSE envelope, found {0}")]
    Unreadable(#[from] JsonError),
}

/// An envelope whose payload is no statement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatementRefused {
    /// Another payload type.
    #[error("expected payloadType application/vnd.in-toto+json, found {found:?}")]
    PayloadType {
        /// What it is, cut at 160 characters.
        found: String,
    },
    /// The payload does not read as a statement.
    #[error(transparent)]
    Statement(#[from] StatementError),
}
