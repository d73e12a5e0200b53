//! `verify-blob`.

use boltseal_core::{Digest, Kind, Statement, Subject};
use boltseal_crypto::{Bundle, Envelope, PrivateKey, pae};
use serde_json::json;

use crate::harness::{KeyPair, Run, Sandbox, codes};

const BLOB: &[u8] = b"a release note\n";
const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// A sandbox with the file `note`, a key pair, and `note.bundle`: a statement about the file.
fn signed() -> (Sandbox, KeyPair) {
    let sandbox = Sandbox::new();
    let pair = sandbox.key_pair("k");
    sandbox.write("note", BLOB);
    let pem = sandbox.read(&pair.private);
    let key = PrivateKey::from_pem(pem.as_bytes(), Some(b"")).unwrap();
    let kind = Kind::Other("https://example.com/note/v1".to_owned());
    let subject = Subject::of("note", &Digest::sha256_of(BLOB));
    let payload = Statement::new(subject, &kind, json!({"fine": true})).to_payload();
    let signature = key.sign(&pae(PAYLOAD_TYPE, &payload)).unwrap();
    let envelope = Envelope::new(PAYLOAD_TYPE, payload, signature);
    sandbox.write("note.bundle", Bundle::sealed(&key.public_key().hint(), &envelope));
    (sandbox, pair)
}

fn verify(sandbox: &Sandbox, blob: &str, key: &str) -> Run {
    let words = ["verify-blob", blob, "--bundle", "note.bundle", "--key", key, "--offline"];
    sandbox.boltseal(&[&words[..], &["--format", "json"]].concat())
}

#[test]
fn a_file_or_its_digest_verifies_with_either_half_of_the_key() {
    let (sandbox, pair) = signed();
    let digest = Digest::sha256_of(BLOB).to_string();
    for blob in ["note", &digest] {
        for key in [&pair.public, &pair.private] {
            let result = verify(&sandbox, blob, key).exits(0).json();
            assert_eq!(result["schema"], "boltseal.verify-blob/v1");
            assert_eq!(result["outcome"], "verified");
            assert_eq!(result["subject"]["digest"], digest);
            assert_eq!(result["evidence"][0]["signer"], **key);
            let checked = result["checked"].to_string();
            assert!(!checked.contains("log"), "no log was read: {checked}");
        }
    }
}

#[test]
fn another_file_key_or_bundle_is_refused() {
    let (sandbox, pair) = signed();
    sandbox.write("other", "another note\n");
    let result = verify(&sandbox, "other", &pair.public).exits(11).json();
    assert_eq!(result["outcome"], "refused");
    let stranger = sandbox.key_pair("s");
    verify(&sandbox, "note", &stranger.public).exits(11);
    sandbox.write("note.bundle", "{}");
    verify(&sandbox, "note", &pair.public).exits(11);
}

#[test]
fn what_cannot_be_read_is_said() {
    let (sandbox, pair) = signed();
    let result = verify(&sandbox, "absent", &pair.public).exits(20).json();
    assert_eq!(codes(&result), ["blob-unreadable"]);
    let words = ["verify-blob", "note", "--bundle", "absent", "--key", &pair.public];
    sandbox.boltseal(&words).exits(20).complains("absent");
}
