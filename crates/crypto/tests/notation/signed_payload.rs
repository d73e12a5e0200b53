//! Answers of AWS Signer.

use boltseal_core::Annotations;
use boltseal_crypto::KeyAlgorithm;
use boltseal_crypto::notation::{
    IntegrityError, Payload, SignedEnvelope, SignedPayloadError, check_signed_payload,
};
use serde_json::{Value, json};

use crate::authority::Chain;
use crate::judgement::june;
use crate::writer::{
    AUTHENTIC_TIME, EXPIRY, PROFILE, aws_header, bytes, header, jws, payload, subject,
};

fn asked() -> Payload {
    Payload::new(&subject(), Annotations::new()).unwrap()
}

fn check(answer: &[u8]) -> Result<SignedEnvelope, SignedPayloadError> {
    check_signed_payload(answer, &asked(), PROFILE, june().now)
}

fn answer(header: &Value, payload: &[u8]) -> Vec<u8> {
    bytes(&jws(header, payload, &Chain::of(KeyAlgorithm::P384)))
}

#[track_caller]
fn refused(change: impl FnOnce(&mut Value)) -> SignedPayloadError {
    let mut header = aws_header();
    change(&mut header);
    check(&answer(&header, &payload())).unwrap_err()
}

#[test]
fn what_was_asked_for_is_taken_as_it_is() {
    let answer = answer(&aws_header(), &payload());
    let taken = check(&answer).unwrap();
    assert_eq!(taken.bytes(), answer);
    assert_eq!(taken.intact().signing_job().unwrap().profile_arn(), PROFILE);
    // The service may write the members in another order.
    let target: Value = serde_json::from_slice(&payload()).unwrap();
    let target = &target["targetArtifact"];
    let sorted = format!(
        r#"{{"targetArtifact": {{"size": {}, "digest": {}, "mediaType": {}}}}}"#,
        target["size"], target["digest"], target["mediaType"]
    );
    assert!(check(&self::answer(&aws_header(), sorted.as_bytes())).is_ok());
}

#[test]
fn other_payloads_are_refused() {
    let other = Payload::new(
        &boltseal_core::Descriptor::of(&subject().media_type, b"another image"),
        Annotations::new(),
    );
    let annotated = Payload::new(&subject(), Annotations::from([("a".to_owned(), "b".to_owned())]));
    let more = String::from_utf8(payload()).unwrap().replace('{', r#"{"urls":[],"#);
    for payload in [other.unwrap().to_bytes(), annotated.unwrap().to_bytes()] {
        let error = check(&answer(&aws_header(), &payload)).unwrap_err();
        assert_eq!(error, SignedPayloadError::OtherPayload);
    }
    let error = check(&answer(&aws_header(), more.as_bytes())).unwrap_err();
    assert_eq!(error, SignedPayloadError::OtherPayload);
}

#[test]
fn other_signers_are_refused() {
    let other = PROFILE.replace("Build", "Other");
    let error =
        check_signed_payload(&answer(&aws_header(), &payload()), &asked(), &other, june().now);
    assert!(matches!(error, Err(SignedPayloadError::OtherProfile { .. })), "{error:?}");
    let error = check(&bytes(&jws(&header("ES256"), &payload(), &Chain::new()))).unwrap_err();
    assert_eq!(error, SignedPayloadError::NoJob);
    let error = refused(|header| header["io.cncf.notary.verificationPlugin"] = json!("other"));
    assert_eq!(error, SignedPayloadError::NoJob);
}

#[test]
fn answers_out_of_time_are_refused() {
    let error = refused(|header| header[EXPIRY] = json!("2026-06-01T00:00:00Z"));
    assert!(matches!(error, SignedPayloadError::Expired { .. }), "{error}");
    let error = refused(|header| header[AUTHENTIC_TIME] = json!("2025-06-01T00:00:00Z"));
    assert!(matches!(error, SignedPayloadError::NotValid { .. }), "{error}");
    let error = refused(|header| header[AUTHENTIC_TIME] = json!("2026-06-01T00:05:01Z"));
    assert!(matches!(error, SignedPayloadError::Ahead { .. }), "{error}");
    let mut header = aws_header();
    header[AUTHENTIC_TIME] = json!("2026-06-01T00:05:00Z");
    assert!(check(&answer(&header, &payload())).is_ok());
}

#[test]
fn answers_that_do_not_hold_together_are_refused() {
    let mut damaged = jws(&aws_header(), &payload(), &Chain::of(KeyAlgorithm::P384));
    damaged["signature"] = json!("AAAA");
    for bad in [bytes(&damaged), b"{}".to_vec()] {
        let error = check(&bad).unwrap_err();
        assert!(matches!(error, SignedPayloadError::Integrity(_)), "{error}");
    }
    let error = refused(|header| header["alg"] = json!("ES256"));
    let is_it = matches!(error, SignedPayloadError::Integrity(IntegrityError::Algorithm { .. }));
    assert!(is_it, "{error}");
}
