//! Changes of one piece of evidence: of its manifest, or of the bundle that it carries.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use boltseal_core::{Digest, Kind};
use serde_json::{Value, json};

use super::place::Stored;
use super::refusal::{Ending, Refusal};

/// The annotation that hints at a bundle's predicate type.
pub(super) const PREDICATE: &str = "dev.sigstore.bundle.predicateType";
const OTHER_TYPE: &str = "https://example.org/other/v1";

/// A change of one piece of evidence that whoever can write to the place can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Signature,
    Payload,
    StatementSubject,
    DuplicateKey,
    PredicateType,
    ManifestSubject,
    Hint,
    Annotation,
}

impl Change {
    pub(super) const ALL: [Self; 8] = [
        Self::Signature,
        Self::Payload,
        Self::StatementSubject,
        Self::DuplicateKey,
        Self::PredicateType,
        Self::ManifestSubject,
        Self::Hint,
        Self::Annotation,
    ];

    /// Whether the change is one of the manifest; else it is one of the bundle.
    const fn is_of_manifest(self) -> bool {
        matches!(self, Self::ManifestSubject | Self::Annotation)
    }

    /// What comes of the change where the digests stay as they were.
    pub(super) fn in_place(self, piece: &Stored) -> Ending {
        let changed = if self.is_of_manifest() { &piece.digest } else { &piece.layer };
        Ending::Refused(Refusal::contradiction(&changed.hex()))
    }

    /// What comes of the change once it stands under new digests, its manifest under `digest`.
    pub(super) fn pushed_again(self, piece: &Stored, digest: &Digest, image: &Digest) -> Ending {
        let kind = Kind::of_predicate_type(piece.predicate_type());
        match self {
            Self::Signature | Self::Payload | Self::StatementSubject | Self::DuplicateKey => {
                let refusal = Refusal::new(11, "unknown-signer", digest);
                Ending::Refused(refusal.expected(&kind).found(&"k.pub"))
            }
            Self::PredicateType | Self::ManifestSubject => {
                Ending::Refused(Refusal::new(12, "evidence-missing", image).expected(&kind))
            }
            Self::Hint => Ending::Noted(digest.to_string(), "key hint"),
            Self::Annotation => Ending::Noted(digest.to_string(), "annotation"),
        }
    }

    /// Makes the change in the manifest or in the bundle.
    pub(super) fn apply(self, manifest: &mut Value, bundle: &mut Value) {
        match self {
            Self::Signature => flip(&mut bundle["dsseEnvelope"]["signatures"][0]["sig"]),
            Self::Payload => {
                statement(bundle, |it| it["predicate"]["tampered"] = json!(true));
            }
            Self::StatementSubject => statement(bundle, |it| {
                it["subject"][0]["digest"]["sha256"] = json!("0".repeat(64));
            }),
            Self::DuplicateKey => payload(bundle, |text| {
                text.replacen('{', "{\"predicateType\":\"https://example.org/other/v1\",", 1)
            }),
            Self::PredicateType => {
                statement(bundle, |it| it["predicateType"] = json!(OTHER_TYPE));
            }
            Self::ManifestSubject => {
                manifest["subject"]["digest"] = json!(Digest::sha256_of(b"another image"));
            }
            Self::Hint => {
                let material = &mut bundle["verificationMaterial"]["publicKey"];
                assert!(material["hint"].is_string(), "a hint to change");
                material["hint"] = json!("another key");
            }
            Self::Annotation => {
                assert!(manifest["annotations"][PREDICATE].is_string(), "a hint to change");
                manifest["annotations"][PREDICATE] = json!(OTHER_TYPE);
            }
        }
    }
}

/// Another signature of the same length.
pub(super) fn flip(signature: &mut Value) {
    let mut raw = STANDARD.decode(signature.as_str().expect("a signature")).expect("base64");
    *raw.last_mut().expect("not empty") ^= 1;
    *signature = json!(STANDARD.encode(raw));
}

/// The bytes that were signed.
pub(super) fn signed_bytes(bundle: &Value) -> Vec<u8> {
    let payload = bundle["dsseEnvelope"]["payload"].as_str().expect("a payload");
    STANDARD.decode(payload).expect("base64")
}

fn payload(bundle: &mut Value, change: impl FnOnce(&str) -> String) {
    let before = String::from_utf8(signed_bytes(bundle)).expect("a statement is text");
    let after = change(&before);
    assert_ne!(before, after);
    bundle["dsseEnvelope"]["payload"] = json!(STANDARD.encode(after));
}

fn statement(bundle: &mut Value, change: impl FnOnce(&mut Value)) {
    payload(bundle, |text| {
        let mut statement = serde_json::from_str(text).expect("a statement is JSON");
        change(&mut statement);
        statement.to_string()
    });
}
