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
            signatures: vec![EnvelopeSignature { keyid: None, sig: signature }],
        }
    }

    /// Reads an envelope of at most [`MAX_BUNDLE_BYTES`]: strict JSON, base64 in either alphabet,
    /// padded or not. Members that DSSE does not know are ignored, as it says.
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        if bytes.len() > MAX_BUNDLE_BYTES {
            return Err(EnvelopeError::TooLarge { limit: MAX_BUNDLE_BYTES, found: bytes.len() });
        }
        json::parse_as::<Wire>(bytes)?.try_into()
    }

    /// From JSON that is already known to be strict.
    pub(crate) fn from_value(value: serde_json::Value) -> Result<Self, EnvelopeError> {
        let wire: Wire = serde_json::from_value(value)
            .map_err(|error| EnvelopeError::Unreadable(JsonError { message: error.to_string() }))?;
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
        sig: base64_text::decode(&wire.sig)
            .ok_or(EnvelopeError::Base64 { member: "signatures[].sig" })?,
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{KeyAlgorithm, PrivateKey};

    fn signed(payload: &[u8]) -> (PrivateKey, Envelope) {
        let key = PrivateKey::generate(KeyAlgorithm::P256).unwrap();
        let signature = key.sign(&pae(media_type::IN_TOTO, payload)).unwrap();
        (key, Envelope::new(media_type::IN_TOTO, payload.to_vec(), signature))
    }

    #[test]
    fn is_written_compactly_without_keyid_and_reads_back() {
        let mut envelope = Envelope::new("t", b"{}".to_vec(), vec![0xfb, 0xff]);
        let json = br#"{"payloadType":"t","payload":"e30=","signatures":[{"sig":"+/8="}]}"#;
        assert_eq!(envelope.to_json(), json);
        assert_eq!(Envelope::parse(json).as_ref(), Ok(&envelope));
        envelope.signatures[0].keyid = Some("a key".to_owned());
        assert_eq!(envelope.to_json(), json);
    }

    #[test]
    fn reads_any_base64_and_an_empty_keyid_as_none() {
        let text = r#"{"payload":"-_8","payloadType":"t","more":1,
            "signatures":[{"keyid":"","sig":"-_8="},{"keyid":"k","sig":"+/8","cert":null}]}"#;
        let envelope = Envelope::parse(text.as_bytes()).unwrap();
        assert_eq!(envelope.payload, [0xfb, 0xff]);
        let keyids: Vec<_> = envelope.signatures.iter().map(|it| it.keyid.as_deref()).collect();
        assert_eq!(keyids, [None, Some("k")]);
        assert!(envelope.signatures.iter().all(|it| it.sig == [0xfb, 0xff]));
    }

    #[test]
    fn one_good_signature_of_several_suffices_and_none_by_others() {
        let (key, mut envelope) = signed(b"{}");
        assert_eq!(envelope.verify(key.public_key()), Ok(()));
        let mine = envelope.signatures[0].clone();
        let bad = EnvelopeSignature { keyid: Some(key.public_key().hint()), sig: vec![1, 2, 3] };
        envelope.signatures = vec![bad.clone(), mine];
        assert_eq!(envelope.verify(key.public_key()), Ok(()));
        envelope.signatures = vec![bad];
        assert!(envelope.verify(key.public_key()).is_err());
        envelope.signatures.clear();
        assert!(envelope.verify(key.public_key()).is_err());
    }

    #[test]
    fn a_change_of_payload_or_type_breaks_the_signature() {
        let (key, envelope) = signed(b"{}");
        for changed in [
            Envelope { payload: b"{ }".to_vec(), ..envelope.clone() },
            Envelope { payload_type: "text/plain".to_owned(), ..envelope.clone() },
        ] {
            assert!(changed.verify(key.public_key()).is_err());
        }
        let other = PrivateKey::generate(KeyAlgorithm::P256).unwrap();
        assert!(envelope.verify(other.public_key()).is_err());
    }

    #[test]
    fn refuses_what_is_no_envelope() {
        let good = r#"{"payloadType":"t","payload":"e30=","signatures":[{"sig":"AA=="}]}"#;
        assert!(Envelope::parse(good.as_bytes()).is_ok());
        let many = format!("[{}]", vec![r#"{"sig":"AA=="}"#; 33].join(","));
        for (from, to, expected) in [
            ("e30=", "e30*", "base64"),
            ("AA==", "A", "base64"),
            (r#"[{"sig":"AA=="}]"#, "[]", "found 0"),
            (r#"[{"sig":"AA=="}]"#, many.as_str(), "found 33"),
            (r#""payload":"#, r#""payload":"","payload":"#, "twice"),
            ("]}", "]}{}", "trailing"),
            (r#""sig":"AA==""#, "", "missing field"),
            (r#""t""#, "7", "invalid type"),
        ] {
            let bad = good.replacen(from, to, 1);
            let error = Envelope::parse(bad.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(expected), "{bad}: {error}");
        }
        let large = vec![b' '; MAX_BUNDLE_BYTES + 1];
        assert!(matches!(Envelope::parse(&large), Err(EnvelopeError::TooLarge { .. })));
    }

    #[test]
    fn only_in_toto_payloads_are_statements() {
        let statement = br#"{"_type":"https://in-toto.io/Statement/v1","predicateType":"p",
            "subject":[{"digest":{"sha256":"00"}}],"predicate":{}}"#;
        let (_, envelope) = signed(statement);
        assert_eq!(envelope.statement().unwrap().predicate_type, "p");
        let other = Envelope { payload_type: "text/plain".to_owned(), ..envelope };
        assert!(matches!(other.statement(), Err(StatementRefused::PayloadType { .. })));
        let (_, no_statement) = signed(b"{}");
        assert!(matches!(no_statement.statement(), Err(StatementRefused::Statement(_))));
    }

    proptest! {
        #[test]
        fn never_panics(text in r#"[{}":,a-z\[\]0-9]{0,80}"#) {
            let _ = Envelope::parse(text.as_bytes());
        }

        #[test]
        fn round_trips(kind in ".{0,20}", payload: Vec<u8>, sig: Vec<u8>) {
            let envelope = Envelope::new(&kind, payload, sig);
            prop_assert_eq!(Envelope::parse(&envelope.to_json()), Ok(envelope));
        }
    }
}
