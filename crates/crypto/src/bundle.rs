//! Sigstore bundles: an envelope, or a signature, with what it takes to check it.

use std::fmt;

use boltseal_core::media_type;
use serde::Serialize;
use serde_json::Value;
use sigstore_types::MediaType;
use sigstore_types::bundle::{VerificationMaterial, VerificationMaterialContent};

use crate::bundle_shape::{Shape, unreadable};
use crate::{BundleError, Envelope, MessageDigest, base64_text};

/// A Sigstore bundle, v0.1 to v0.3, read strictly (protobuf-specs, `sigstore_bundle.proto`). To
/// have parsed one proves nothing about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    /// The version that its media type names.
    pub version: BundleVersion,
    /// Who is said to have signed.
    pub material: Material,
    /// What was signed.
    pub content: Content,
    /// Log entries and timestamps, unverified.
    pub(crate) evidence: VerificationMaterial,
}

impl Bundle {
    /// Reads a bundle: strict JSON of at most 16 MiB, no unknown members, exactly one signature,
    /// at most 32 different log entries and 32 different timestamps, and for every log entry
    /// what the version demands.
    pub fn parse(bytes: &[u8]) -> Result<Self, BundleError> {
        let shape = Shape::read(bytes)?;
        let (name, value) = shape.content;
        let content = match name.as_str() {
            "dsseEnvelope" => Content::Dsse(read_envelope(value)?),
            _ => read_message(&value)?,
        };
        Ok(Self {
            version: shape.version,
            material: read_signer(&shape.material)?,
            content,
            evidence: shape.material,
        })
    }

    /// The bundle v0.3 of an envelope that the key named by `hint` signed: compact, without
    /// `keyid`, without members that hold nothing. Equal inputs give equal bytes.
    ///
    /// # Panics
    /// Never: strings always serialise.
    pub fn sealed(hint: &str, envelope: &Envelope) -> Vec<u8> {
        let bundle = Sealed {
            media_type: media_type::BUNDLE_V03,
            verification_material: SealedMaterial { public_key: SealedKey { hint } },
            dsse_envelope: envelope,
        };
        serde_json::to_vec(&bundle).expect("strings always serialise")
    }

    /// The envelope, where that is what was signed.
    pub const fn envelope(&self) -> Option<&Envelope> {
        match &self.content {
            Content::Dsse(envelope) => Some(envelope),
            Content::Message { .. } => None,
        }
    }

    /// How many log entries it carries. None of them has been checked.
    pub fn log_entries(&self) -> usize {
        self.evidence.tlog_entries.len()
    }

    /// How many RFC 3161 timestamps it carries. None of them has been checked.
    pub fn timestamps(&self) -> usize {
        self.evidence.timestamp_verification_data.rfc3161_timestamps.len()
    }
}

/// The versions of the bundle format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BundleVersion {
    /// v0.1: each log entry has an inclusion promise.
    V01,
    /// v0.2: each log entry has an inclusion proof.
    V02,
    /// v0.3: as v0.2, and a certificate stands alone.
    V03,
}

impl BundleVersion {
    pub(crate) fn of_media_type(text: &str) -> Option<Self> {
        match text.parse().ok()? {
            MediaType::Bundle0_1 => Some(Self::V01),
            MediaType::Bundle0_2 => Some(Self::V02),
            MediaType::Bundle0_3 => Some(Self::V03),
            _ => None,
        }
    }

    pub(crate) const fn media_type(self) -> MediaType {
        match self {
            Self::V01 => MediaType::Bundle0_1,
            Self::V02 => MediaType::Bundle0_2,
            Self::V03 => MediaType::Bundle0_3,
        }
    }
}

impl fmt::Display for BundleVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V01 => "v0.1",
            Self::V02 => "v0.2",
            Self::V03 => "v0.3",
        })
    }
}

/// Who is said to have signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Material {
    /// The holder of the key with this certificate.
    Certificate(
        /// The leaf, DER, not parsed.
        Vec<u8>,
    ),
    /// The holder of a key that both sides know.
    PublicKey {
        /// What the signer calls the key. It is not signed, so nothing is decided by it.
        hint: String,
    },
}

/// What was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A DSSE envelope with exactly one signature.
    Dsse(Envelope),
    /// An artifact that is not in the bundle.
    Message {
        /// What the signer says the artifact's digest is: a hint, checked where possible, never
        /// relied upon.
        digest: Option<MessageDigest>,
        /// The signature over the artifact.
        signature: Vec<u8>,
    },
}

fn read_envelope(value: Value) -> Result<Envelope, BundleError> {
    let envelope = Envelope::from_value(value)?;
    match envelope.signatures.len() {
        1 => Ok(envelope),
        found => Err(BundleError::Signatures { found }),
    }
}

fn read_message(value: &Value) -> Result<Content, BundleError> {
    let signature = value
        .get("signature")
        .and_then(Value::as_str)
        .and_then(base64_text::decode)
        .ok_or_else(|| unreadable("no base64 in messageSignature.signature".to_owned()))?;
    let digest = match value.get("messageDigest") {
        None | Some(Value::Null) => None,
        // What cosign writes for Ed25519.
        Some(Value::Object(members)) if members.is_empty() => None,
        Some(digest) => Some(MessageDigest::read(digest).ok_or_else(|| {
            unreadable("no SHA-2 digest in messageSignature.messageDigest".to_owned())
        })?),
    };
    Ok(Content::Message { digest, signature })
}

fn read_signer(material: &VerificationMaterial) -> Result<Material, BundleError> {
    let certificate = match &material.content {
        VerificationMaterialContent::PublicKey(key) => {
            return Ok(Material::PublicKey { hint: key.hint.clone() });
        }
        VerificationMaterialContent::Certificate(content) => Some(&content.raw_bytes),
        VerificationMaterialContent::X509CertificateChain { certificates } => {
            certificates.first().map(|first| &first.raw_bytes)
        }
        _ => None,
    };
    certificate
        .map(|der| Material::Certificate(der.as_bytes().to_vec()))
        .ok_or_else(|| unreadable("no key and no certificate".to_owned()))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sealed<'a> {
    media_type: &'static str,
    verification_material: SealedMaterial<'a>,
    dsse_envelope: &'a Envelope,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SealedMaterial<'a> {
    public_key: SealedKey<'a>,
}

#[derive(Serialize)]
struct SealedKey<'a> {
    hint: &'a str,
}
