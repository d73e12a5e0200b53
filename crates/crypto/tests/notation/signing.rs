//! Making envelopes.

use boltseal_core::Annotations;
use boltseal_crypto::notation::{
    Algorithm, Format, Payload, SigningError, SigningRequest, SigningTimes,
};
use boltseal_crypto::{KeyAlgorithm, PrivateKey};

use crate::authority::{Chain, Party, leaf};
use crate::judgement::june;
use crate::writer::{intact, sign, subject};

fn times(expiry: Option<&str>) -> SigningTimes {
    let signed_at = june().now.checked_add(jiff::SignedDuration::from_millis(250)).unwrap();
    SigningTimes { signed_at, expiry: expiry.map(|time| time.parse().unwrap()) }
}

fn ours() -> Payload {
    Payload::new(&subject(), Annotations::new()).unwrap()
}

fn request(chain: &Chain, expiry: Option<&str>) -> Result<SigningRequest, SigningError> {
    SigningRequest::new(&ours(), &chain.checked(), chain.leaf.key.public_key(), times(expiry))
}

#[test]
fn what_is_signed_reads_back() {
    for kind in [KeyAlgorithm::P256, KeyAlgorithm::P384, KeyAlgorithm::P521, KeyAlgorithm::Rsa2048]
    {
        let chain = Chain::of(kind);
        let request = request(&chain, Some("2026-07-01T00:00:00Z")).unwrap();
        assert_eq!(Some(request.algorithm()), Algorithm::of(kind));
        let signature = if request.algorithm().is_pss() {
            sign(&chain.leaf, request.message())
        } else {
            chain.leaf.key.sign(request.message()).unwrap()
        };
        let sealed = request.seal(&signature).unwrap();
        let read = intact(Format::Jws, sealed.bytes());
        assert_eq!(read.payload(), &ours());
        assert_eq!(read.chain(), &chain.checked());
        let attributes = read.attributes();
        assert_eq!(attributes.signing_time, june().now);
        assert_eq!(attributes.expiry.unwrap().to_string(), "2026-07-01T00:00:00Z");
        assert!(attributes.extended.is_empty());
        assert!(read.agent().unwrap().starts_with("boltseal/"));
        assert!(!String::from_utf8_lossy(sealed.bytes()).contains("timestampSignature"));
    }
}

#[test]
fn only_the_key_of_the_leaf_signs() {
    let chain = Chain::new();
    let other = PrivateKey::generate(KeyAlgorithm::P256).unwrap();
    let error = SigningRequest::new(&ours(), &chain.checked(), other.public_key(), times(None))
        .unwrap_err();
    assert!(matches!(error, SigningError::OtherKey { .. }), "{error}");
    let request = request(&chain, None).unwrap();
    for bad in
        [other.sign(request.message()).unwrap(), chain.leaf.key.sign(b"other").unwrap(), Vec::new()]
    {
        let error = request.seal(&bad).unwrap_err();
        assert_eq!(error, SigningError::Signature { expected: Algorithm::Es256 });
    }
}

#[test]
fn keys_of_every_kind_sign_and_ed25519_does_not() {
    use KeyAlgorithm::{P256, P384, P521, Rsa2048, Rsa3072, Rsa4096};
    for kind in [P256, P384, P521, Rsa2048, Rsa3072, Rsa4096] {
        let chain = Chain::of(kind);
        let request = request(&chain, None).unwrap();
        let signature = chain.leaf.key.sign_for_notation(request.message()).unwrap();
        request.seal(&signature).unwrap();
    }
    let other = boltseal_crypto::PrivateKey::generate(KeyAlgorithm::Ed25519).unwrap();
    assert!(other.sign_for_notation(b"x").unwrap_err().to_string().contains("Ed25519"));
}

/// What a local RSA key makes when it is not asked for PSS.
#[test]
fn rsa_signatures_of_the_older_kind_are_not_taken() {
    let chain = Chain::of(KeyAlgorithm::Rsa2048);
    let request = request(&chain, None).unwrap();
    assert!(request.algorithm().is_pss());
    let error = request.seal(&chain.leaf.key.sign(request.message()).unwrap()).unwrap_err();
    assert_eq!(error, SigningError::Signature { expected: Algorithm::Ps256 });
}

#[test]
fn nothing_is_signed_out_of_time() {
    for (from, to) in [((2026, 6, 2), (2027, 1, 1)), ((2026, 1, 1), (2026, 5, 31))] {
        let mut params = leaf();
        params.not_before = rcgen::date_time_ymd(from.0, from.1, from.2);
        params.not_after = rcgen::date_time_ymd(to.0, to.1, to.2);
        let chain = Chain::with_leaf(KeyAlgorithm::P256, params);
        let error = request(&chain, None).unwrap_err();
        assert!(matches!(error, SigningError::NotValid { .. }), "{error}");
    }
    let error = request(&Chain::new(), Some("2026-06-01T00:00:00.9Z")).unwrap_err();
    assert!(matches!(error, SigningError::Expiry { .. }), "{error}");
}

#[test]
fn a_self_signed_key_signs() {
    let alone = Party::self_signed(KeyAlgorithm::P256, leaf());
    let chain = boltseal_crypto::notation::CertificateChain::code_signing(&[&alone.der]).unwrap();
    let request =
        SigningRequest::new(&ours(), &chain, alone.key.public_key(), times(None)).unwrap();
    let sealed = request.seal(&alone.key.sign(request.message()).unwrap()).unwrap();
    assert_eq!(sealed.intact().chain(), &chain);
}
