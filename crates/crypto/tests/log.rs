//! Transparency-log entries, made by a log of one entry that this file plays: Rekor v1 (promise,
//! proof and checkpoint) and Rekor v2 (proof and checkpoint).

#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use boltseal_core::{Digest, Kind, Statement, Subject, media_type};
use boltseal_crypto::{
    BlobArtifact, Bundle, Envelope, KeyAlgorithm, LogError, LogProof, PrivateKey, TrustRoot, pae,
};
use serde_json::{Value, json};

const TIME: i64 = 1_700_000_000;

#[test]
fn an_entry_of_rekor_v1_gives_its_time() {
    let (log, signed) = (Log::new(), Signed::new(KeyAlgorithm::P256));
    let entry = log.promised(&signed.dsse_body(), TIME);
    let proof = signed.check(&[entry], &log).unwrap();
    assert!(proof.timestamps.is_empty());
    let [entry] = proof.entries.as_slice() else { panic!("{proof:?}") };
    assert_eq!((entry.index, entry.integrated.map(jiff::Timestamp::as_second)), (7, Some(TIME)));
}

#[test]
fn an_entry_of_rekor_v2_gives_no_time() {
    let (log, signed) = (Log::new(), Signed::new(KeyAlgorithm::P256));
    let mut entry = log.entry(("hashedrekord", "0.0.2"), &signed.hashed_body());
    // Nobody signed it, so it must not come back.
    entry["integratedTime"] = json!(TIME.to_string());
    let proof = signed.check(&[entry], &log).unwrap();
    let [entry] = proof.entries.as_slice() else { panic!("{proof:?}") };
    assert_eq!((entry.index, entry.integrated), (0, None));
}

#[test]
fn an_entry_without_a_promise_is_known_by_its_proof() {
    let (log, signed) = (Log::new(), Signed::new(KeyAlgorithm::P256));
    let mut entry = log.promised(&signed.dsse_body(), TIME);
    entry.as_object_mut().unwrap().remove("inclusionPromise");
    let proof = signed.check(&[entry], &log).unwrap();
    assert_eq!((proof.entries[0].index, proof.entries[0].integrated), (0, None));
}

#[test]
fn entries_that_do_not_hold_are_refused() {
    let (log, signed) = (Log::new(), Signed::new(KeyAlgorithm::P256));
    let good = || log.promised(&signed.dsse_body(), TIME);
    let other = Signed::new(KeyAlgorithm::P256);

    signed.refused(&[good()], &Log::new());
    // About another signature, in either form.
    signed.refused(&[log.promised(&other.dsse_body(), TIME)], &log);
    signed.refused(&[log.entry(("hashedrekord", "0.0.2"), &other.hashed_body())], &log);
    // One good entry does not excuse a bad one.
    let mut second = log.promised(&other.dsse_body(), TIME);
    second["logIndex"] = json!("8");
    signed.refused(&[good(), second], &log);
    // Logged by the log, but not at this time, in this place or as this body.
    for (member, value) in [
        ("integratedTime", json!((TIME + 1).to_string())),
        ("logIndex", json!("6")),
        ("canonicalizedBody", json!(STANDARD.encode(b"{}"))),
    ] {
        let mut entry = good();
        entry[member] = value;
        signed.refused(&[entry], &log);
    }
    let mut entry = good();
    entry["inclusionProof"]["rootHash"] = json!(STANDARD.encode([0; 32]));
    signed.refused(&[entry], &log);
    // From the future.
    let tomorrow = jiff::Timestamp::now().as_second() + 86_400;
    signed.refused(&[log.promised(&signed.dsse_body(), tomorrow)], &log);
}

#[test]
fn what_cannot_be_checked_is_not_called_bad() {
    let log = Log::new();
    let p384 = Signed::new(KeyAlgorithm::P384);
    assert_eq!(
        p384.check(&[log.promised(&p384.dsse_body(), TIME)], &log).unwrap().entries.len(),
        1
    );
    let p521 = Signed::new(KeyAlgorithm::P521);
    let outcome = p521.check(&[log.promised(&p521.dsse_body(), TIME)], &log);
    assert!(matches!(outcome, Err(LogError::Unsupported { .. })), "{outcome:?}");
}

/// A statement about an image and its signature.
struct Signed {
    key: PrivateKey,
    digest: Digest,
    envelope: Envelope,
}

impl Signed {
    fn new(algorithm: KeyAlgorithm) -> Self {
        let key = PrivateKey::generate(algorithm).unwrap();
        let digest = Digest::sha256_of(b"an image");
        let subject = Subject::of("", &digest);
        let payload = Statement::new(subject, &Kind::Signature, json!({})).to_payload();
        let signature = key.sign(&pae(media_type::IN_TOTO, &payload)).unwrap();
        let envelope = Envelope::new(media_type::IN_TOTO, payload, signature);
        Self { key, digest, envelope }
    }

    /// What Rekor v1 keeps of a DSSE envelope (`dsse` 0.0.1).
    fn dsse_body(&self) -> String {
        let payload = Digest::sha256_of(&self.envelope.payload);
        let envelope = Digest::sha256_of(&self.envelope.to_json());
        let hash = |digest: &Digest| json!({"algorithm": "sha256", "value": digest.hex()});
        json!({"apiVersion": "0.0.1", "kind": "dsse", "spec": {
            "envelopeHash": hash(&envelope),
            "payloadHash": hash(&payload),
            "signatures": [{
                "signature": STANDARD.encode(&self.envelope.signatures[0].sig),
                "verifier": STANDARD.encode(self.key.public_key().to_pem()),
            }],
        }})
        .to_string()
    }

    /// What Rekor v2 keeps of one (`hashedrekord` 0.0.2 of its pre-authentication encoding).
    fn hashed_body(&self) -> String {
        let hash = digest(&SHA256, &self.envelope.signed_bytes());
        json!({"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": {"hashedRekordV002": {
            "data": {"algorithm": "SHA2_256", "digest": STANDARD.encode(hash)},
            "signature": {
                "content": STANDARD.encode(&self.envelope.signatures[0].sig),
                "verifier": {
                    "keyDetails": "PKIX_ECDSA_P256_SHA_256",
                    "publicKey": {"rawBytes": STANDARD.encode(self.key.public_key().spki_der())},
                },
            },
        }}})
        .to_string()
    }

    fn check(&self, entries: &[Value], log: &Log) -> Result<LogProof, LogError> {
        let bundle = Bundle::sealed(&self.key.public_key().hint(), &self.envelope);
        let mut bundle: Value = serde_json::from_slice(&bundle).unwrap();
        bundle["verificationMaterial"]["tlogEntries"] = entries.into();
        let bundle = Bundle::parse(bundle.to_string().as_bytes()).unwrap();
        assert_eq!(bundle.log_entries(), entries.len());
        let artifact = BlobArtifact::Digest(&self.digest);
        bundle.verify_log(&log.root(), self.key.public_key(), artifact)
    }

    fn refused(&self, entries: &[Value], log: &Log) {
        let outcome = self.check(entries, log);
        assert!(matches!(outcome, Err(LogError::Refused { .. })), "{outcome:?} for {entries:?}");
    }
}

/// A log whose tree has one leaf, so that the leaf's hash is the root.
struct Log {
    key: PrivateKey,
}

impl Log {
    fn new() -> Self {
        Self { key: PrivateKey::generate(KeyAlgorithm::P256).unwrap() }
    }

    fn id(&self) -> Vec<u8> {
        digest(&SHA256, self.key.public_key().spki_der()).as_ref().to_vec()
    }

    fn entry(&self, (kind, version): (&str, &str), body: &str) -> Value {
        let leaf = [&[0], body.as_bytes()].concat();
        let root = STANDARD.encode(digest(&SHA256, &leaf));
        let note = format!("log.example.com\n1\n{root}\n");
        let signature = self.key.sign(note.as_bytes()).unwrap();
        let signature = STANDARD.encode([&self.id()[..4], &signature].concat());
        let checkpoint = format!("{note}\n\u{2014} log.example.com {signature}\n");
        json!({
            "logIndex": "0",
            "logId": {"keyId": STANDARD.encode(self.id())},
            "kindVersion": {"kind": kind, "version": version},
            "inclusionProof": {
                "logIndex": "0",
                "rootHash": root,
                "treeSize": "1",
                "checkpoint": {"envelope": checkpoint},
            },
            "canonicalizedBody": STANDARD.encode(body),
        })
    }

    /// An entry that stands at 7 in the whole log, with the promise of Rekor v1.
    fn promised(&self, body: &str, time: i64) -> Value {
        let mut entry = self.entry(("dsse", "0.0.1"), body);
        let id = Digest::sha256_of(self.key.public_key().spki_der());
        // Sorted and compact, so it is the canonical form.
        let promise = json!({"body": STANDARD.encode(body), "integratedTime": time,
            "logID": id.hex(), "logIndex": 7});
        let promise = self.key.sign(promise.to_string().as_bytes()).unwrap();
        entry["logIndex"] = json!("7");
        entry["integratedTime"] = json!(time.to_string());
        entry["inclusionPromise"] = json!({"signedEntryTimestamp": STANDARD.encode(promise)});
        entry
    }

    fn root(&self) -> TrustRoot {
        let root = json!({
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [{
                "baseUrl": "https://log.example.com",
                "hashAlgorithm": "SHA2_256",
                "publicKey": {
                    "rawBytes": STANDARD.encode(self.key.public_key().spki_der()),
                    "keyDetails": "PKIX_ECDSA_P256_SHA_256",
                    "validFor": {"start": "2020-01-01T00:00:00Z"},
                },
                "logId": {"keyId": STANDARD.encode(self.id())},
            }],
        });
        let root = TrustRoot::parse(root.to_string().as_bytes()).unwrap();
        assert_eq!((root.logs(), root.timestamp_authorities()), (1, 0));
        root
    }
}
