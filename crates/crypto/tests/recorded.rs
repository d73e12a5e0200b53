//! Against what OpenSSL said once, recorded in `data/openssl.json`: keys and signatures of every
//! kind, and a timestamp. The peers suite asks OpenSSL itself, in both directions.

#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use boltseal_core::{Digest, Kind};
use boltseal_crypto::{
    BlobArtifact, Bundle, KeyAlgorithm, LogError, PrivateKey, PublicKey, SignatureError, TrustRoot,
};
use serde_json::{Value, json};

const MESSAGE: &[u8] = b"signed here, verified there";

const ALL: [KeyAlgorithm; 7] = [
    KeyAlgorithm::P256,
    KeyAlgorithm::P384,
    KeyAlgorithm::P521,
    KeyAlgorithm::Ed25519,
    KeyAlgorithm::Rsa2048,
    KeyAlgorithm::Rsa3072,
    KeyAlgorithm::Rsa4096,
];

/// What was recorded, by the names of `data/openssl.sh`.
fn recorded(name: &str) -> Value {
    let all: Value = serde_json::from_str(include_str!("data/openssl.json")).unwrap();
    all[name].clone()
}

/// A list that was recorded; one that is empty would test nothing.
fn list(name: &str, expected: usize) -> Vec<Value> {
    let list = recorded(name).as_array().unwrap().clone();
    assert_eq!(list.len(), expected, "{name}");
    list
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

fn bytes(value: &Value, name: &str) -> Vec<u8> {
    STANDARD.decode(text(value, name)).unwrap()
}

fn private(value: &Value) -> PrivateKey {
    PrivateKey::from_pem(text(value, "private").as_bytes(), None).unwrap()
}

fn public(value: &Value) -> PublicKey {
    PublicKey::from_pem(text(value, "public").as_bytes()).unwrap()
}

/// Each kind with the key that was recorded for it.
fn pairs() -> impl Iterator<Item = (KeyAlgorithm, Value)> {
    let pairs = list("pairs", ALL.len());
    ALL.into_iter().zip(pairs).inspect(|(kind, pair)| assert_eq!(kind.name(), text(pair, "name")))
}

#[test]
fn keys_and_their_names_are_the_same() {
    for (kind, pair) in pairs() {
        let key = private(&pair);
        assert_eq!(key.public_key(), &public(&pair), "{kind}");
        assert_eq!(key.public_key().algorithm(), kind);
        assert_eq!(key.public_key().to_pem(), text(&pair, "public"));
        assert_eq!(key.public_key().spki_der(), bytes(&pair, "spki"), "{kind}");
        assert_eq!(key.public_key().hint(), text(&pair, "hint"), "{kind}");
        assert_eq!(
            private(&json!({"private": *key.to_pkcs8_pem().unwrap()})).public_key(),
            key.public_key()
        );
    }
}

#[test]
fn what_was_signed_there_verifies_here() {
    for (kind, pair) in pairs() {
        let (key, signature) = (public(&pair), bytes(&pair, "signature"));
        assert_eq!(key.verify(MESSAGE, &signature), Ok(()), "{kind}");
        assert!(key.verify(b"another", &signature).is_err(), "{kind}");
        assert!(key.verify(MESSAGE, &signature[1..]).is_err(), "{kind}");
        assert!(key.verify(MESSAGE, b"").is_err(), "{kind}");
        for (other, pair) in pairs().filter(|(other, _)| *other != kind) {
            assert!(public(&pair).verify(MESSAGE, &signature).is_err(), "{kind} under {other}");
        }
    }
}

/// Only ECDSA takes random numbers; the other kinds have one signature for each message.
#[test]
fn what_is_signed_here_is_what_was_signed_there() {
    for (kind, pair) in pairs() {
        let signature = private(&pair).sign(MESSAGE).unwrap();
        let random = [KeyAlgorithm::P256, KeyAlgorithm::P384, KeyAlgorithm::P521].contains(&kind);
        assert_eq!(signature == bytes(&pair, "signature"), !random, "{kind}");
        assert_eq!(public(&pair).verify(MESSAGE, &signature), Ok(()), "{kind}");
    }
}

#[test]
fn sha_256_on_the_larger_curves_is_read_as_older_cosign_wrote_it() {
    let digest = Digest::sha256_of(MESSAGE);
    let larger = [KeyAlgorithm::P384, KeyAlgorithm::P521];
    for (kind, pair) in pairs().filter(|(kind, _)| larger.contains(kind)) {
        let (key, signature) = (public(&pair), bytes(&pair, "sha256"));
        assert_ne!(signature, bytes(&pair, "signature"));
        assert_eq!(key.verify(MESSAGE, &signature), Ok(()), "{kind}");
        assert_eq!(key.verify_digest(&digest, &signature), Ok(()), "{kind}");
    }
}

#[test]
fn a_digest_suffices_for_some_kinds_only() {
    let sha256 = Digest::sha256_of(MESSAGE);
    let sha512: Digest = {
        let mut hasher = boltseal_core::Hasher::new(boltseal_core::Algorithm::Sha512);
        hasher.update(MESSAGE);
        hasher.finish()
    };
    let other = Digest::sha256_of(b"another");
    for (kind, pair) in pairs() {
        let (key, signature) = (public(&pair), bytes(&pair, "signature"));
        let check = |digest| key.verify_digest(digest, &signature);
        let needs = |result| matches!(result, Err(SignatureError::NeedsContent { .. }));
        match kind {
            KeyAlgorithm::Ed25519 | KeyAlgorithm::P384 => {
                assert!(needs(check(&sha256)) && needs(check(&sha512)), "{kind}");
            }
            KeyAlgorithm::P521 => {
                assert!(needs(check(&sha256)), "{kind}");
                assert_eq!(check(&sha512), Ok(()), "{kind}");
            }
            _ => {
                assert_eq!(check(&sha256), Ok(()), "{kind}");
                assert!(needs(check(&sha512)), "{kind}");
                assert!(matches!(check(&other), Err(SignatureError::Mismatch { .. })));
            }
        }
    }
}

#[test]
fn older_private_forms_are_read() {
    let labels =
        ["EC PARAMETERS", "EC PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"].into_iter();
    for (label, pair) in labels.zip(list("older", 4)) {
        assert!(text(&pair, "private").starts_with(&format!("-----BEGIN {label}-----")), "{pair}");
        assert_eq!(private(&pair).public_key().to_pem(), text(&pair, "public"), "{label}");
    }
    let pkcs1 = recorded("pkcs1");
    assert!(text(&pkcs1, "public").starts_with("-----BEGIN RSA PUBLIC KEY-----"));
    assert_eq!(public(&pkcs1).to_pem(), text(&pkcs1, "same"));
}

#[test]
fn keys_that_nobody_should_use_are_refused() {
    for pair in list("weak", 6) {
        assert!(PrivateKey::from_pem(text(&pair, "private").as_bytes(), None).is_err(), "{pair}");
        assert!(PublicKey::from_pem(text(&pair, "public").as_bytes()).is_err(), "{pair}");
    }
    // The same key in another encoding would be a second name for it.
    for key in list("encoded", 3) {
        assert!(PublicKey::from_pem(text(&key, "public").as_bytes()).is_err(), "{key}");
    }
}

/// The bundle that was recorded, with these timestamps.
fn stamped(stamps: &[Vec<u8>]) -> Vec<u8> {
    let stamps: Vec<_> =
        stamps.iter().map(|stamp| json!({"signedTimestamp": STANDARD.encode(stamp)})).collect();
    let mut bundle = recorded("stamped")["bundle"].clone();
    bundle["verificationMaterial"]["timestampVerificationData"] =
        json!({"rfc3161Timestamps": stamps});
    serde_json::to_vec(&bundle).unwrap()
}

/// The authority that was recorded, trusted within this window.
fn authority(window: &Value) -> TrustRoot {
    let chain = recorded("stamped")["chain"].as_array().unwrap().clone();
    let certificates: Vec<_> = chain.iter().map(|it| json!({"rawBytes": it})).collect();
    let root = json!({
        "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "timestampAuthorities": [{
            "subject": {"organization": "example", "commonName": "authority"},
            "certChain": {"certificates": certificates},
            "validFor": window,
        }],
    });
    TrustRoot::parse(root.to_string().as_bytes()).unwrap()
}

#[test]
fn a_timestamp_gives_the_time_that_its_authority_signed() {
    let recorded = recorded("stamped");
    let (key, digest) = (public(&recorded), Digest::sha256_of(b"an image"));
    let root = authority(&json!({"start": "2020-01-01T00:00:00Z"}));
    let check = |stamps: &[Vec<u8>], root: &TrustRoot| {
        let bundle = Bundle::parse(&stamped(stamps)).unwrap();
        bundle.verify_log(root, &key, BlobArtifact::Digest(&digest))
    };
    let good = bytes(&recorded, "reply");
    let bundle = Bundle::parse(&stamped(&[])).unwrap();
    let statement = bundle.verify_blob(&key, BlobArtifact::Digest(&digest)).unwrap().unwrap();
    assert_eq!(statement.kind(), Kind::Signature);
    assert!(check(&[], &root).unwrap().is_empty());

    let proof = check(std::slice::from_ref(&good), &root).unwrap();
    let times: Vec<String> = proof.timestamps.iter().map(ToString::to_string).collect();
    assert_eq!(times, [text(&recorded, "time")]);

    let refused = |stamps: &[Vec<u8>], root: &TrustRoot| {
        let outcome = check(stamps, root);
        assert!(matches!(outcome, Err(LogError::Refused { .. })), "{outcome:?}");
    };
    let mut damaged = good.clone();
    *damaged.last_mut().unwrap() ^= 1;
    refused(&[damaged.clone()], &root);
    refused(&[good.clone(), damaged], &root);
    let ended = json!({"start": "2019-01-01T00:00:00Z", "end": "2020-01-01T00:00:00Z"});
    refused(&[good], &authority(&ended));
}
