//! Envelopes of both formats, written by other means than the crate's own.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512,
    RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use boltseal_core::Descriptor;
use boltseal_crypto::KeyAlgorithm;
use boltseal_crypto::notation::{Format, Intact};
use serde_json::{Value, json};

use crate::authority::{Chain, Party};

pub(crate) const SCHEME: &str = "io.cncf.notary.signingScheme";
pub(crate) const TIME: &str = "io.cncf.notary.signingTime";
pub(crate) const AUTHENTIC_TIME: &str = "io.cncf.notary.authenticSigningTime";
pub(crate) const EXPIRY: &str = "io.cncf.notary.expiry";
pub(crate) const PAYLOAD: &str = "application/vnd.cncf.notary.payload.v1+json";

/// The artifact that is signed.
pub(crate) fn subject() -> Descriptor {
    Descriptor::of("application/vnd.oci.image.manifest.v1+json", b"an image")
}

pub(crate) fn payload() -> Vec<u8> {
    let Descriptor { media_type, digest, size, .. } = subject();
    let target = json!({"mediaType": media_type, "digest": digest.to_string(), "size": size});
    serde_json::to_vec(&json!({ "targetArtifact": target })).unwrap()
}

/// A protected header of `notary.x509`, signed on the first of May 2026.
pub(crate) fn header(algorithm: &str) -> Value {
    json!({
        "alg": algorithm,
        "cty": PAYLOAD,
        "crit": [SCHEME],
        SCHEME: "notary.x509",
        TIME: "2026-05-01T00:00:00Z",
    })
}

/// A protected header of `notary.x509.signingAuthority`, with AWS Signer's attributes.
pub(crate) fn aws_header() -> Value {
    let [plugin, profile, job] = [
        "io.cncf.notary.verificationPlugin",
        "com.amazonaws.signer.signingProfileVersion",
        "com.amazonaws.signer.signingJob",
    ];
    json!({
        "alg": "ES384",
        "cty": PAYLOAD,
        "crit": [SCHEME, AUTHENTIC_TIME, EXPIRY, plugin, profile, job],
        SCHEME: "notary.x509.signingAuthority",
        AUTHENTIC_TIME: "2026-05-01T00:00:00Z",
        EXPIRY: "2037-01-01T00:00:00Z",
        plugin: "com.amazonaws.signer.notation.plugin",
        profile: format!("{PROFILE}/Ver1"),
        job: "arn:aws:signer:eu-west-1:111122223333:/signing-jobs/0-1",
    })
}

/// The profile in [`aws_header`].
pub(crate) const PROFILE: &str = "arn:aws:signer:eu-west-1:111122223333:/signing-profiles/Build";

/// A JWS envelope.
pub(crate) fn jws(header: &Value, payload: &[u8], chain: &Chain) -> Value {
    let protected = URL_SAFE_NO_PAD.encode(serde_json::to_vec(header).unwrap());
    let payload = URL_SAFE_NO_PAD.encode(payload);
    let signature = sign(&chain.leaf, format!("{protected}.{payload}").as_bytes());
    let certificates: Vec<_> = chain.ders().iter().map(|it| STANDARD.encode(it)).collect();
    json!({
        "payload": payload,
        "protected": protected,
        "header": {"x5c": certificates},
        "signature": URL_SAFE_NO_PAD.encode(signature),
    })
}

pub(crate) fn bytes(envelope: &Value) -> Vec<u8> {
    serde_json::to_vec(envelope).unwrap()
}

/// Signs with the key's own algorithm, ECDSA as r and s, RSA as PSS.
pub(crate) fn sign(party: &Party, message: &[u8]) -> Vec<u8> {
    let random = SystemRandom::new();
    let der = party.pair.serialize_der();
    let padding = match party.key.public_key().algorithm() {
        KeyAlgorithm::Rsa2048 => &RSA_PSS_SHA256,
        KeyAlgorithm::Rsa3072 => &RSA_PSS_SHA384,
        KeyAlgorithm::Rsa4096 => &RSA_PSS_SHA512,
        kind => {
            let algorithm = match kind {
                KeyAlgorithm::P256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
                KeyAlgorithm::P384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
                _ => &ECDSA_P521_SHA512_FIXED_SIGNING,
            };
            let pair = EcdsaKeyPair::from_pkcs8(algorithm, &der).unwrap();
            return pair.sign(&random, message).unwrap().as_ref().to_vec();
        }
    };
    let pair = RsaKeyPair::from_pkcs8(&der).unwrap();
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(padding, &random, message, &mut signature).unwrap();
    signature
}

/// Reads an envelope that must hold together.
pub(crate) fn intact(format: Format, bytes: &[u8]) -> Intact {
    Intact::read(format, bytes).unwrap()
}

/// A head of CBOR with its argument.
fn head(major: u8, argument: u64) -> Vec<u8> {
    let bytes = argument.to_be_bytes();
    match argument {
        0..=23 => vec![major << 5 | bytes[7]],
        24..=0xff => vec![major << 5 | 0x18, bytes[7]],
        0x100..=0xffff => [&[major << 5 | 0x19], &bytes[6..]].concat(),
        _ => [&[major << 5 | 0x1a], &bytes[4..]].concat(),
    }
}

pub(crate) fn integer(number: i64) -> Vec<u8> {
    if number < 0 { head(1, (-1 - number).unsigned_abs()) } else { head(0, number.unsigned_abs()) }
}

pub(crate) fn byte_string(content: &[u8]) -> Vec<u8> {
    [head(2, content.len() as u64), content.to_vec()].concat()
}

pub(crate) fn text(content: &str) -> Vec<u8> {
    [head(3, content.len() as u64), content.as_bytes().to_vec()].concat()
}

pub(crate) fn list(items: &[Vec<u8>]) -> Vec<u8> {
    [head(4, items.len() as u64), items.concat()].concat()
}

pub(crate) fn map(entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let content: Vec<u8> =
        entries.iter().flat_map(|(k, v)| [k.clone(), v.clone()].concat()).collect();
    [head(5, entries.len() as u64), content].concat()
}

pub(crate) fn tag(number: u64, content: &[u8]) -> Vec<u8> {
    [head(6, number), content.to_vec()].concat()
}

/// The entries of a protected COSE header of `notary.x509`, signed on the first of May 2026.
pub(crate) fn cose_header(algorithm: i64) -> Vec<(Vec<u8>, Vec<u8>)> {
    vec![
        (integer(1), integer(algorithm)),
        (integer(2), list(&[text(SCHEME)])),
        (integer(3), text(PAYLOAD)),
        (text(SCHEME), text("notary.x509")),
        (text(TIME), tag(1, &integer(1_777_593_600))),
    ]
}

/// A COSE envelope.
pub(crate) fn cose(header: &[(Vec<u8>, Vec<u8>)], payload: &[u8], chain: &Chain) -> Vec<u8> {
    let protected = byte_string(&map(header));
    let structure =
        list(&[text("Signature1"), protected.clone(), byte_string(b""), byte_string(payload)]);
    let signature = sign(&chain.leaf, &structure);
    let certificates: Vec<_> = chain.ders().iter().map(|it| byte_string(it)).collect();
    let unprotected = map(&[
        (integer(33), list(&certificates)),
        (text("io.cncf.notary.signingAgent"), text("test/1")),
    ]);
    tag(18, &list(&[protected, unprotected, byte_string(payload), byte_string(&signature)]))
}
