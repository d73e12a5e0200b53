//! Bundles: what is written, what is read, and what is refused.

#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use boltseal_core::{Digest, Kind, Statement, Subject, media_type};
use boltseal_crypto::{
    BlobArtifact, BlobError, Bundle, BundleError, BundleVersion, Content, Envelope, KeyAlgorithm,
    MAX_BUNDLE_BYTES, MAX_LOG_ENTRIES, Material, PrivateKey, SignatureError, StatementRefused, pae,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use sigstore_bundle::{BundleV03, VerificationMaterialV03};
use sigstore_types::{
    DsseEnvelope, DsseSignature, KeyId, PayloadBytes, SignatureBytes, SignatureContent,
};

const BLOB: &[u8] = b"a file";

fn envelope_over(key: &PrivateKey, payload: &[u8]) -> Envelope {
    let signature = key.sign(&pae(media_type::IN_TOTO, payload)).unwrap();
    Envelope::new(media_type::IN_TOTO, payload.to_vec(), signature)
}

fn statement() -> Vec<u8> {
    let subject = Subject::of("a file", &Digest::sha256_of(BLOB));
    Statement::new(subject, &Kind::Signature, json!({})).to_payload()
}

fn sealed() -> (PrivateKey, Value) {
    let key = PrivateKey::generate(KeyAlgorithm::P256).unwrap();
    let bytes = Bundle::sealed(&key.public_key().hint(), &envelope_over(&key, &statement()));
    let bundle = serde_json::from_slice(&bytes).unwrap();
    (key, bundle)
}

fn message(key: &PrivateKey, digest: &Value) -> Value {
    json!({
        "mediaType": media_type::BUNDLE_V03,
        "verificationMaterial": {"publicKey": {"hint": "whatever"}},
        "messageSignature": {
            "messageDigest": digest,
            "signature": STANDARD.encode(key.sign(BLOB).unwrap()),
        },
    })
}

fn parse(bundle: &Value) -> Result<Bundle, BundleError> {
    Bundle::parse(bundle.to_string().as_bytes())
}

fn entry(index: &str) -> Value {
    let root = STANDARD.encode([7; 32]);
    let checkpoint = format!("log\n1\n{root}\n\n\u{2014} log AAAAAAAA\n");
    json!({
        "logIndex": index,
        "logId": {"keyId": root},
        "kindVersion": {"kind": "dsse", "version": "0.0.1"},
        "integratedTime": "1700000000",
        "inclusionPromise": {"signedEntryTimestamp": "AAAA"},
        "inclusionProof": {"rootHash": root, "treeSize": "1", "checkpoint": {"envelope": checkpoint}},
        "canonicalizedBody": "e30=",
    })
}

#[test]
fn the_bytes_that_are_written() {
    let envelope = Envelope::new(media_type::IN_TOTO, b"{}".to_vec(), vec![1, 2, 3]);
    let expected = concat!(
        r#"{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","#,
        r#""verificationMaterial":{"publicKey":{"hint":"h="}},"#,
        r#""dsseEnvelope":{"payloadType":"application/vnd.in-toto+json","payload":"e30=","#,
        r#""signatures":[{"sig":"AQID"}]}}"#
    );
    let bytes = Bundle::sealed("h=", &envelope);
    assert_eq!(String::from_utf8(bytes.clone()).unwrap(), expected);
    // The Sigstore crates read it as what they would have built.
    let theirs = sigstore_types::Bundle::from_json(expected).unwrap();
    assert_eq!(theirs, built_by_sigstore("h=", &envelope));

    let bundle = Bundle::parse(&bytes).unwrap();
    assert_eq!(bundle.version, BundleVersion::V03);
    assert_eq!(bundle.material, Material::PublicKey { hint: "h=".to_owned() });
    assert_eq!(bundle.envelope(), Some(&envelope));
    assert_eq!((bundle.log_entries(), bundle.timestamps()), (0, 0));
}

fn built_by_sigstore(hint: &str, envelope: &Envelope) -> sigstore_types::Bundle {
    let signature = SignatureBytes::from_bytes(&envelope.signatures[0].sig);
    let envelope = DsseEnvelope::new(
        envelope.payload_type.as_str(),
        PayloadBytes::from_bytes(&envelope.payload),
        DsseSignature::new(signature, KeyId::default()),
    );
    let key = VerificationMaterialV03::PublicKey { hint: hint.to_owned() };
    BundleV03::new(key, SignatureContent::DsseEnvelope(envelope)).into_bundle()
}

#[test]
fn media_types_and_nothing_else() {
    let (_, mut bundle) = sealed();
    for (media_type, version) in [
        ("application/vnd.dev.sigstore.bundle+json;version=0.1", Some(BundleVersion::V01)),
        ("application/vnd.dev.sigstore.bundle+json;version=0.2", Some(BundleVersion::V02)),
        ("application/vnd.dev.sigstore.bundle+json;version=0.3", Some(BundleVersion::V03)),
        ("application/vnd.dev.sigstore.bundle.v0.3+json", Some(BundleVersion::V03)),
        ("application/vnd.dev.sigstore.bundle.v0.4+json", None),
        ("application/json", None),
        ("", None),
    ] {
        bundle["mediaType"] = json!(media_type);
        let read = parse(&bundle);
        assert_eq!(read.as_ref().ok().map(|bundle| bundle.version), version, "{media_type}");
    }
    bundle.as_object_mut().unwrap().remove("mediaType");
    assert!(matches!(parse(&bundle), Err(BundleError::MediaType { .. })));
}

#[test]
fn exactly_one_of_each_and_no_other_member() {
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 10] = [
        ("found 0", |it| it["dsseEnvelope"] = Value::Null),
        ("found 2", |it| it["messageSignature"] = json!({"signature": "AAAA"})),
        ("found 0", |it| it["verificationMaterial"] = json!({})),
        ("found 2", |it| it["verificationMaterial"]["certificate"] = json!({"rawBytes": "AAAA"})),
        ("no member \"extra\"", |it| it["extra"] = json!(1)),
        ("no member \"extra\"", |it| it["verificationMaterial"]["extra"] = json!(1)),
        ("verificationMaterial should be", |it| it["verificationMaterial"] = Value::Null),
        ("found 2", |it| {
            let again = it["dsseEnvelope"]["signatures"][0].clone();
            it["dsseEnvelope"]["signatures"].as_array_mut().unwrap().push(again);
        }),
        ("x509CertificateChain", |it| {
            it["verificationMaterial"] =
                json!({"x509CertificateChain": {"certificates": [{"rawBytes": "AAAA"}]}});
        }),
        ("an empty chain", |it| {
            it["verificationMaterial"] = json!({"x509CertificateChain": {"certificates": []}});
        }),
    ];
    for (expected, change) in changes {
        let (_, mut bundle) = sealed();
        change(&mut bundle);
        let error = parse(&bundle).unwrap_err().to_string();
        assert!(error.contains(expected), "{error} for {bundle}");
    }
}

#[test]
fn duplicates_trailing_data_and_size_are_refused() {
    let (_, bundle) = sealed();
    let text = bundle.to_string();
    for bad in [
        text.replacen("{\"", "{\"mediaType\":\"x\",\"", 1),
        format!("{text}{text}"),
        text[..text.len() - 1].to_owned(),
        String::new(),
        "[]".to_owned(),
    ] {
        assert!(matches!(Bundle::parse(bad.as_bytes()), Err(BundleError::Unreadable(_))), "{bad}");
    }
    let padded = [text.as_bytes(), &vec![b' '; MAX_BUNDLE_BYTES]].concat();
    assert!(matches!(Bundle::parse(&padded), Err(BundleError::TooLarge { .. })));
}

#[test]
fn log_entries_and_timestamps_are_bounded_and_differ() {
    let with = |entries: Vec<Value>, stamps: Vec<Value>| {
        let (_, mut bundle) = sealed();
        bundle["verificationMaterial"]["tlogEntries"] = entries.into();
        bundle["verificationMaterial"]["timestampVerificationData"] =
            json!({"rfc3161Timestamps": stamps});
        parse(&bundle)
    };
    let entries = |count: usize| (0..count).map(|at| entry(&at.to_string())).collect();
    let stamp = |at: usize| json!({"signedTimestamp": STANDARD.encode(at.to_be_bytes())});
    let stamps = |count: usize| (0..count).map(stamp).collect();

    let bundle = with(entries(MAX_LOG_ENTRIES), stamps(32)).unwrap();
    assert_eq!((bundle.log_entries(), bundle.timestamps()), (32, 32));
    for too_many in [with(entries(33), vec![]), with(vec![], stamps(33))] {
        assert!(matches!(too_many, Err(BundleError::TooMany { found: 33, .. })));
    }
    for twice in
        [with(vec![entry("1"), entry("1")], vec![]), with(vec![], vec![stamp(1), stamp(1)])]
    {
        assert!(matches!(twice, Err(BundleError::Duplicate { .. })));
    }
}

#[test]
fn every_log_entry_has_what_the_version_demands() {
    let v01 = "application/vnd.dev.sigstore.bundle+json;version=0.1";
    for (media_type, needed, other) in [
        (v01, "inclusionPromise", "inclusionProof"),
        (media_type::BUNDLE_V03, "inclusionProof", "inclusionPromise"),
    ] {
        let (_, mut bundle) = sealed();
        bundle["mediaType"] = json!(media_type);
        let mut second = entry("2");
        second.as_object_mut().unwrap().remove(other);
        bundle["verificationMaterial"]["tlogEntries"] = json!([entry("1"), second]);
        assert!(parse(&bundle).is_ok(), "{media_type}");
        second = entry("2");
        second.as_object_mut().unwrap().remove(needed);
        bundle["verificationMaterial"]["tlogEntries"] = json!([entry("1"), second]);
        assert!(matches!(parse(&bundle), Err(BundleError::LogEntry { .. })), "{media_type}");
    }
    let (_, mut bundle) = sealed();
    let mut bare = entry("1");
    bare["inclusionProof"]["checkpoint"]["envelope"] = json!("");
    bundle["verificationMaterial"]["tlogEntries"] = json!([bare]);
    assert!(matches!(parse(&bundle), Err(BundleError::LogEntry { .. })));
}

#[test]
fn nulls_count_as_absent_and_chains_are_read_in_old_versions() {
    let (_, mut bundle) = sealed();
    bundle["messageSignature"] = Value::Null;
    bundle["verificationMaterial"]["tlogEntries"] = Value::Null;
    bundle["verificationMaterial"]["timestampVerificationData"] = Value::Null;
    bundle["verificationMaterial"]["certificate"] = Value::Null;
    assert!(parse(&bundle).is_ok());

    bundle["mediaType"] = json!("application/vnd.dev.sigstore.bundle+json;version=0.2");
    bundle["verificationMaterial"] = json!({"x509CertificateChain":
        {"certificates": [{"rawBytes": "AAAA"}, {"rawBytes": "BBBB"}]}});
    let material = parse(&bundle).unwrap().material;
    assert_eq!(material, Material::Certificate(vec![0, 0, 0]));
}

#[test]
fn a_statement_about_a_file_binds_it() {
    let (key, bundle) = sealed();
    let bundle = parse(&bundle).unwrap();
    let digest = Digest::sha256_of(BLOB);
    for artifact in [BlobArtifact::Bytes(BLOB), BlobArtifact::Digest(&digest)] {
        let statement = bundle.verify_blob(key.public_key(), artifact).unwrap().unwrap();
        assert_eq!(statement.kind(), Kind::Signature);
    }
    let outcome = bundle.verify_blob(key.public_key(), BlobArtifact::Bytes(b"another"));
    assert!(matches!(outcome, Err(BlobError::OtherSubject { .. })), "{outcome:?}");
    let other = PrivateKey::generate(KeyAlgorithm::P256).unwrap();
    let outcome = bundle.verify_blob(other.public_key(), BlobArtifact::Bytes(BLOB));
    assert!(matches!(outcome, Err(BlobError::Signature(_))), "{outcome:?}");
}

#[test]
fn a_signed_payload_that_is_no_statement_is_refused_after_its_signature() {
    let key = PrivateKey::generate(KeyAlgorithm::P256).unwrap();
    let bytes = Bundle::sealed("", &envelope_over(&key, b"{}"));
    let bundle = Bundle::parse(&bytes).unwrap();
    let outcome = bundle.verify_blob(key.public_key(), BlobArtifact::Bytes(BLOB));
    assert!(matches!(outcome, Err(BlobError::Statement(StatementRefused::Statement(_)))));
    let other = PrivateKey::generate(KeyAlgorithm::P256).unwrap();
    let outcome = bundle.verify_blob(other.public_key(), BlobArtifact::Bytes(BLOB));
    assert!(matches!(outcome, Err(BlobError::Signature(_))));
}

#[test]
fn a_signature_over_a_file_is_checked_over_the_file() {
    let digest = Digest::sha256_of(BLOB);
    let other = Digest::sha256_of(b"another");
    let hint = |text: &[u8]| {
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text);
        json!({"algorithm": "SHA2_256", "digest": STANDARD.encode(hash)})
    };
    let key = PrivateKey::generate(KeyAlgorithm::P256).unwrap();
    for named in [hint(BLOB), json!({}), Value::Null] {
        let bundle = parse(&message(&key, &named)).unwrap();
        assert!(matches!(bundle.content, Content::Message { .. }));
        assert_eq!(bundle.verify_blob(key.public_key(), BlobArtifact::Bytes(BLOB)), Ok(None));
        assert_eq!(bundle.verify_blob(key.public_key(), BlobArtifact::Digest(&digest)), Ok(None));
        assert!(bundle.verify_blob(key.public_key(), BlobArtifact::Bytes(b"another")).is_err());
        assert!(bundle.verify_blob(key.public_key(), BlobArtifact::Digest(&other)).is_err());
    }
    // The digest in the bundle proves nothing: here it is another file's.
    let bundle = parse(&message(&key, &hint(b"another"))).unwrap();
    for artifact in [BlobArtifact::Bytes(BLOB), BlobArtifact::Digest(&digest)] {
        let outcome = bundle.verify_blob(key.public_key(), artifact);
        assert!(matches!(outcome, Err(BlobError::OtherDigest { .. })), "{outcome:?}");
    }
    let outcome = bundle.verify_blob(key.public_key(), BlobArtifact::Bytes(b"another"));
    assert!(matches!(outcome, Err(BlobError::Signature(SignatureError::Mismatch { .. }))));
    for bad in [json!({"algorithm": "MD5", "digest": "AAAA"}), json!({"algorithm": "SHA2_256"})] {
        assert!(matches!(parse(&message(&key, &bad)), Err(BundleError::Unreadable(_))));
    }
}

#[test]
fn a_certificate_is_not_the_callers_key() {
    let (key, mut bundle) = sealed();
    bundle["verificationMaterial"] = json!({"certificate": {"rawBytes": "AAAA"}});
    let bundle = parse(&bundle).unwrap();
    let outcome = bundle.verify_blob(key.public_key(), BlobArtifact::Bytes(BLOB));
    assert_eq!(outcome, Err(BlobError::CertificateSigned));
}

proptest! {
    #[test]
    fn never_panics(text in r#"[{}":,a-z\[\]0-9]{0,80}"#) {
        let _ = Bundle::parse(text.as_bytes());
    }

    #[test]
    fn never_panics_on_a_changed_bundle(at in 0usize..2000, byte: u8) {
        let mut bundle = json!({"mediaType": media_type::BUNDLE_V03,
            "verificationMaterial": {"publicKey": {"hint": "h"}, "tlogEntries": [entry("1")]},
            "dsseEnvelope": {"payload": "e30=", "payloadType": "t", "signatures": [{"sig": "AA=="}]}})
        .to_string()
        .into_bytes();
        prop_assert!(Bundle::parse(&bundle).is_ok());
        let at = at % bundle.len();
        bundle[at] = byte;
        let _ = Bundle::parse(&bundle);
    }
}
