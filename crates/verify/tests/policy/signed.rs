//! Keys, and statements signed with them.

use boltseal_core::{Digest, Exit, Kind, Statement, Subject, Tag, media_type};
use boltseal_crypto::{Bundle, Envelope, KeyAlgorithm, PrivateKey, pae};
use boltseal_gate::{MaxAge, Thresholds, Waivers};
use boltseal_verify::{
    Demands, Evidence, NamedKey, Outcome, Piece, PieceContent, ScanDemand, TAGS_ANNOTATION, Trust,
    Validity, judge_by,
};
use serde_json::{Value, json};

use crate::NOW;

/// A signer.
pub(crate) struct Key {
    name: &'static str,
    key: PrivateKey,
}

impl Key {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, key: PrivateKey::generate(KeyAlgorithm::P256).unwrap() }
    }

    pub(crate) fn named(&self) -> NamedKey {
        NamedKey::new(self.name.to_owned(), self.key.public_key().clone())
    }

    pub(crate) fn within(&self, validity: Validity) -> NamedKey {
        NamedKey { validity, ..self.named() }
    }

    /// A statement about `subject` as a piece.
    pub(crate) fn says(&self, subject: &Digest, kind: &Kind, predicate: Value) -> Piece {
        self.sign(&Statement::new(Subject::of("app", subject), kind, predicate))
    }

    pub(crate) fn signature(&self, subject: &Digest, tags: &str) -> Piece {
        let mut about = Subject::of("app", subject);
        if !tags.is_empty() {
            about.annotations.insert(TAGS_ANNOTATION.to_owned(), tags.to_owned());
        }
        self.sign(&Statement::new(about, &Kind::Signature, json!({})))
    }

    fn sign(&self, statement: &Statement) -> Piece {
        let payload = statement.to_payload();
        let signature = self.key.sign(&pae(media_type::IN_TOTO, &payload)).unwrap();
        let envelope = Envelope::new(media_type::IN_TOTO, payload, signature);
        let bytes = Bundle::sealed(&self.key.public_key().hint(), &envelope);
        let carrier = Digest::sha256_of(&bytes);
        Piece { carrier, hinted_type: None, content: PieceContent::Bundle(bytes) }
    }
}

/// The image of every case.
pub(crate) fn image() -> Digest {
    Digest::sha256_of(b"image")
}

pub(crate) fn evidence(pieces: Vec<Piece>) -> Evidence {
    Evidence { pieces, ..Evidence::none(image()) }
}

pub(crate) fn trust(keys: &[&Key]) -> Trust {
    Trust::in_keys(keys.iter().map(|it| it.named()).collect())
}

/// The exit, and the codes of all reasons.
pub(crate) fn judged(
    evidence: &Evidence,
    trust: &Trust,
    demands: &Demands,
) -> (u8, Vec<&'static str>) {
    match judge_by(evidence, trust, demands, NOW.parse().unwrap()).outcome {
        Outcome::Verified(_) => (Exit::Proof.code(), Vec::new()),
        Outcome::Refused(reasons) | Outcome::Undetermined(reasons) => {
            for reason in &reasons {
                for part in [&reason.expected, &reason.found, &reason.place, &reason.fix] {
                    assert!(!part.is_empty(), "{reason:?}");
                }
            }
            (reasons[0].exit.code(), reasons.iter().map(|it| it.code).collect())
        }
    }
}

/// A report of grype with one finding, or none.
pub(crate) fn vuln(time: &str, finding: Option<&str>) -> Value {
    let matches: Vec<Value> = finding
        .into_iter()
        .map(|severity| {
            json!({
                "vulnerability": {"id": "CVE-2026-1", "severity": severity, "fix": {"versions": [], "state": "unknown"}},
                "artifact": {"name": "zlib", "version": "1", "type": "deb", "locations": []},
            })
        })
        .collect();
    json!({
        "scanner": {"result": {
            "matches": matches,
            "source": {"type": "image", "target": {}},
            "descriptor": {"name": "grype", "version": "1", "timestamp": time},
        }},
        "metadata": {"scanStartedOn": time, "scanFinishedOn": time},
    })
}

pub(crate) fn summary(time: &str, result: &str, inputs: &[&Piece]) -> Value {
    let input = |it: &&Piece| json!({"uri": "x", "digest": {"sha256": it.carrier.hex()}});
    json!({
        "verifier": {"id": "urn:x"},
        "timeVerified": time,
        "resourceUri": "oci://h.example/app",
        "policy": {"uri": "urn:x", "digest": {}},
        "inputAttestations": inputs.iter().map(input).collect::<Vec<_>>(),
        "verificationResult": result,
    })
}

/// No critical and no high finding, in a scan of any age.
pub(crate) fn strict() -> ScanDemand {
    let thresholds = Thresholds::default();
    ScanDemand { thresholds, waivers: Waivers::none(), max_age: MaxAge::Unlimited }
}

pub(crate) fn tag(name: &str) -> Tag {
    name.parse().unwrap()
}
