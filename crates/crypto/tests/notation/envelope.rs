//! Reading envelopes and whether they hold together.

use boltseal_crypto::KeyAlgorithm;
use boltseal_crypto::notation::{
    Envelope, EnvelopeError, Format, IntegrityError, MAX_ENVELOPE_BYTES, PayloadError,
    SigningScheme,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::authority::Chain;
use crate::writer::{
    self, AUTHENTIC_TIME, EXPIRY, SCHEME, TIME, bytes, cose, cose_header, header, intact, integer,
    jws, list, map, payload, subject, tag, text,
};

const KINDS: [(KeyAlgorithm, &str, i64); 6] = [
    (KeyAlgorithm::P256, "ES256", -7),
    (KeyAlgorithm::P384, "ES384", -35),
    (KeyAlgorithm::P521, "ES512", -36),
    (KeyAlgorithm::Rsa2048, "PS256", -37),
    (KeyAlgorithm::Rsa3072, "PS384", -38),
    (KeyAlgorithm::Rsa4096, "PS512", -39),
];

#[test]
fn every_algorithm_holds_in_both_formats() {
    for (kind, name, number) in KINDS {
        let chain = Chain::of(kind);
        let jws = intact(Format::Jws, &bytes(&jws(&header(name), &payload(), &chain)));
        let cose = intact(Format::Cose, &cose(&cose_header(number), &payload(), &chain));
        for read in [&jws, &cose] {
            assert!(read.payload().is_about(&subject()), "{name}");
            assert_eq!(read.attributes().scheme, SigningScheme::X509);
            assert_eq!(read.attributes().signing_time.to_string(), "2026-05-01T00:00:00Z");
            assert_eq!(read.chain(), &chain.checked());
            assert!(!read.has_timestamp());
        }
        assert_eq!((jws.agent(), cose.agent()), (None, Some("test/1")));
        assert_eq!((jws.format(), cose.format()), (Format::Jws, Format::Cose));
    }
}

#[test]
fn an_algorithm_of_another_key_is_refused() {
    let chain = Chain::new();
    let jws = bytes(&jws(&header("ES384"), &payload(), &chain));
    for error in [
        broken(Format::Jws, &jws),
        broken(Format::Cose, &cose(&cose_header(-35), &payload(), &chain)),
    ] {
        assert!(matches!(error, IntegrityError::Algorithm { .. }), "{error}");
    }
}

#[test]
fn what_was_changed_after_signing_is_refused() {
    let chain = Chain::new();
    let good = jws(&header("ES256"), &payload(), &chain);
    let other = jws(&header("ES256"), b"{}", &chain);
    let later = jws(
        &json!({"alg": "ES256", "cty": writer::PAYLOAD, "crit": [SCHEME], SCHEME: "notary.x509",
            TIME: "2026-05-02T00:00:00Z"}),
        &payload(),
        &chain,
    );
    for (member, from) in [("payload", &other), ("protected", &later), ("signature", &other)] {
        let mut changed = good.clone();
        changed[member] = from[member].clone();
        let error = broken(Format::Jws, &bytes(&changed));
        assert!(matches!(error, IntegrityError::Signature { .. }), "{member}: {error}");
    }
    let mut stranger = good.clone();
    stranger["header"]["x5c"] =
        jws(&header("ES256"), &payload(), &Chain::new())["header"]["x5c"].clone();
    let error = broken(Format::Jws, &bytes(&stranger));
    assert!(matches!(error, IntegrityError::Signature { .. }), "{error}");
    let mut flipped = cose(&cose_header(-7), &payload(), &chain);
    *flipped.last_mut().unwrap() ^= 1;
    let error = broken(Format::Cose, &flipped);
    assert!(matches!(error, IntegrityError::Signature { .. }), "{error}");
}

#[test]
fn payloads_that_are_none_are_refused() {
    let error = broken(Format::Jws, &bytes(&jws(&header("ES256"), b"{}", &Chain::new())));
    assert!(matches!(error, IntegrityError::Payload(PayloadError::Unreadable(_))), "{error}");
}

#[test]
fn a_certificate_may_stand_alone_in_cose() {
    let chain = Chain::new();
    let good = cose(&cose_header(-7), &payload(), &chain);
    let parts = |certificates: Vec<u8>| {
        let protected = writer::byte_string(&map(&cose_header(-7)));
        let unprotected = map(&[(integer(33), certificates)]);
        tag(
            18,
            &list(&[
                protected,
                unprotected,
                writer::byte_string(&payload()),
                writer::byte_string(b"s"),
            ]),
        )
    };
    let alone = parts(writer::byte_string(&chain.leaf.der));
    let error = broken(Format::Cose, &alone);
    // It is read; what is missing is the rest of the chain.
    assert!(matches!(error, IntegrityError::Chain(_)), "{error}");
    assert!(Envelope::parse(Format::Cose, &parts(text("no certificate"))).is_err());
    assert!(Envelope::parse(Format::Cose, &good[1..]).is_err());
}

#[test]
fn envelopes_that_break_a_rule_of_jws_are_refused() {
    let chain = Chain::new();
    let good = jws(&header("ES256"), &payload(), &chain);
    let parse = |envelope: &Value| Envelope::parse(Format::Jws, &bytes(envelope)).unwrap_err();
    for member in ["payload", "protected", "header", "signature"] {
        let mut without = good.clone();
        without.as_object_mut().unwrap().remove(member);
        assert!(matches!(parse(&without), EnvelopeError::Json(_)), "{member}");
    }
    for (pointer, value) in [
        ("/payload", json!("e30=")),
        ("/protected", json!("*")),
        ("/signature", json!("+/8")),
        ("/header/x5c/0", json!("-_8")),
    ] {
        let mut other = good.clone();
        *other.pointer_mut(pointer).unwrap() = value;
        assert!(matches!(parse(&other), EnvelopeError::Member { .. }), "{pointer}");
    }
    let twice = String::from_utf8(bytes(&good)).unwrap().replacen('{', r#"{"payload":"","#, 1);
    let error = Envelope::parse(Format::Jws, twice.as_bytes()).unwrap_err();
    assert!(matches!(error, EnvelopeError::Json(_)), "{error}");
    let error = Envelope::parse(Format::Jws, &vec![b' '; MAX_ENVELOPE_BYTES + 1]).unwrap_err();
    assert!(matches!(error, EnvelopeError::TooLarge { .. }), "{error}");
}

#[test]
fn headers_that_break_a_rule_of_jws_are_refused() {
    let chain = Chain::new();
    let parse = |name: &str, value: Value| {
        let mut header = header("ES256");
        header[name] = value;
        let envelope = jws(&header, &payload(), &chain);
        Envelope::parse(Format::Jws, &bytes(&envelope)).unwrap_err()
    };
    for algorithm in ["none", "RS256", "HS256", "EdDSA", ""] {
        assert!(matches!(parse("alg", json!(algorithm)), EnvelopeError::Algorithm { .. }));
    }
    for (name, value) in [
        ("alg", json!(1)),
        ("cty", Value::Null),
        ("crit", json!("alg")),
        ("crit", json!([1])),
        (SCHEME, json!([])),
        (TIME, json!(1_777_593_600)),
        (TIME, json!("2026-05-01 00:00:00Z")),
        (EXPIRY, json!("tomorrow")),
    ] {
        assert!(matches!(parse(name, value), EnvelopeError::Member { .. }), "{name}");
    }
    assert!(matches!(parse("crit", json!([])), EnvelopeError::NotCritical { .. }));
    assert!(matches!(parse("cty", json!("text/plain")), EnvelopeError::ContentType { .. }));
    let time = json!("2026-05-01T00:00:00Z");
    assert!(matches!(parse(AUTHENTIC_TIME, time), EnvelopeError::TimeForbidden { .. }));
    let array = jws(&json!([]), &payload(), &chain);
    let error = Envelope::parse(Format::Jws, &bytes(&array)).unwrap_err();
    assert!(matches!(error, EnvelopeError::Member { .. }), "{error}");
}

#[test]
fn headers_that_break_a_rule_of_cose_are_refused() {
    let chain = Chain::new();
    let parse = |key: &[u8], value: Option<Vec<u8>>| {
        let mut header = cose_header(-7);
        header.retain(|(other, _)| other != key);
        header.extend(value.map(|value| (key.to_vec(), value)));
        Envelope::parse(Format::Cose, &cose(&header, &payload(), &chain)).unwrap_err()
    };
    for number in [-8, -257, 5, 0] {
        let error = parse(&integer(1), Some(integer(number)));
        assert!(matches!(error, EnvelopeError::Algorithm { .. }), "{number}");
    }
    for key in [integer(1), integer(2), integer(3), text(SCHEME)] {
        assert!(matches!(parse(&key, None), EnvelopeError::Member { .. }));
    }
    assert!(matches!(parse(&text(TIME), None), EnvelopeError::TimeMissing { .. }));
    for time in [integer(1), tag(0, &text("2026-05-01T00:00:00Z")), tag(1, &text("1"))] {
        let error = parse(&text(TIME), Some(time));
        assert!(matches!(error, EnvelopeError::Member { .. }), "{error}");
    }
    let labels = list(&[text(SCHEME), integer(3)]);
    assert!(matches!(parse(&integer(2), Some(labels)), EnvelopeError::CriticalAbsent { .. }));
    for damaged in [&b""[..], b"\xd2", &tag(17, &list(&[])), &list(&[])] {
        let error = Envelope::parse(Format::Cose, damaged).unwrap_err();
        assert!(matches!(error, EnvelopeError::Cbor { .. }), "{error}");
    }
}

/// Counter signatures in protected headers in counter signatures: other readers follow them.
#[test]
fn an_envelope_that_nests_headers_is_read_without_following_them() {
    let mut nested = map(&[]);
    for _ in 0..3_000 {
        let signature = [writer::byte_string(&nested), map(&[]), writer::byte_string(b"")];
        nested = map(&[(integer(7), list(&signature))]);
    }
    let mut header = cose_header(-7);
    header.push((integer(7), list(&[writer::byte_string(&nested)])));
    let chain = Chain::new();
    let read = intact(Format::Cose, &cose(&header, &payload(), &chain));
    assert_eq!(read.attributes().extended.len(), 1);
}

#[test]
fn formats_have_their_media_types() {
    for format in [Format::Jws, Format::Cose] {
        assert_eq!(Format::of(format.media_type()), Some(format));
    }
    assert_eq!(Format::of("application/json"), None);
}

fn broken(format: Format, bytes: &[u8]) -> IntegrityError {
    Envelope::parse(format, bytes).unwrap().check_integrity().unwrap_err()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn one_changed_byte_never_panics(position: prop::sample::Index, change in 1..=255_u8) {
        // One key for all cases: making chains is slow.
        static CHAIN: std::sync::LazyLock<[Vec<u8>; 2]> = std::sync::LazyLock::new(|| {
            let chain = Chain::new();
            let cose = cose(&cose_header(-7), &payload(), &chain);
            [bytes(&jws(&header("ES256"), &payload(), &chain)), cose]
        });
        for (format, good) in [Format::Jws, Format::Cose].into_iter().zip(CHAIN.iter()) {
            let mut bad = good.clone();
            let place = position.index(bad.len());
            bad[place] ^= change;
            if let Ok(envelope) = Envelope::parse(format, &bad) {
                let _ = envelope.check_integrity();
            }
        }
    }
}
