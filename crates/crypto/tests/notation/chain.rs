//! The rules for chains of certificates.

use boltseal_crypto::KeyAlgorithm::{Ed25519, P256};
use boltseal_crypto::notation::{Certificate, CertificateChain, CertificateError, ChainError};
use proptest::prelude::*;
use rcgen::{BasicConstraints, ExtendedKeyUsagePurpose as Purpose, IsCa, KeyUsagePurpose as Usage};

use crate::authority::{Chain, Party, authority, extension, leaf};

fn check(ders: &[Vec<u8>]) -> Result<CertificateChain, ChainError> {
    CertificateChain::code_signing(ders)
}

/// What is refused about a chain with this leaf.
fn refused(leaf: rcgen::CertificateParams) -> ChainError {
    check(&Chain::with_leaf(P256, leaf).ders()).unwrap_err()
}

#[test]
fn a_chain_is_read_from_ders_and_pem() {
    let chain = Chain::new();
    let read = check(&chain.ders()).unwrap();
    assert_eq!(read.leaf().subject(), "CN=ci,OU=build,O=acme,ST=WA,C=US");
    assert_eq!(
        (read.root().subject(), read.root().issuer()),
        ("CN=acme root".into(), "CN=acme root".into())
    );
    assert_eq!(read.leaf().spki_der(), chain.leaf.key.public_key().spki_der());
    let [from, to] = read.leaf().validity().map(|time| time.to_string());
    assert_eq!((from.as_str(), to.as_str()), ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"));
    for (time, is_valid) in [
        ("2025-12-31T23:59:59Z", false),
        ("2026-01-01T00:00:00Z", true),
        ("2027-01-01T00:00:00Z", true),
        ("2027-01-01T00:00:01Z", false),
    ] {
        assert_eq!(read.invalid_at(time.parse().unwrap()).is_none(), is_valid, "{time}");
    }
    let pem: String = chain.ders().iter().map(|der| pem(der)).collect();
    assert_eq!(CertificateChain::from_pem(pem.as_bytes()), Ok(read));
    assert_eq!(Certificate::all_from(pem.as_bytes()).unwrap().len(), 3);
}

fn pem(der: &[u8]) -> String {
    use base64::Engine as _;
    let body = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
}

#[test]
fn a_name_of_somebody_elses_is_cut() {
    let mut params = leaf();
    params.distinguished_name.push(rcgen::DnType::CommonName, "x".repeat(5000));
    let chain = Chain::with_leaf(P256, params).checked();
    assert_eq!(chain.leaf().subject().len(), 400);
}

#[test]
fn a_self_signed_leaf_may_stand_alone() {
    let alone = Party::self_signed(P256, leaf());
    let read = check(std::slice::from_ref(&alone.der)).unwrap();
    assert_eq!(read.leaf(), read.root());
    let root = Party::self_signed(P256, authority("root"));
    let error = check(&[root.der]).unwrap_err();
    assert!(matches!(error, ChainError::BasicConstraints { .. }), "{error}");
}

#[test]
fn chains_that_are_not_whole_are_refused() {
    let chain = Chain::new();
    let [leaf, ca, root] = <[Vec<u8>; 3]>::try_from(chain.ders()).unwrap();
    let other = Chain::new();
    assert_eq!(check(&[]), Err(ChainError::Empty));
    for ders in [vec![leaf.clone()], vec![leaf.clone(), ca.clone()]] {
        let error = check(&ders).unwrap_err();
        assert!(matches!(error, ChainError::NotSelfSigned { .. }), "{error}");
    }
    for ders in [
        vec![leaf.clone(), root.clone()],
        vec![ca.clone(), leaf.clone(), root.clone()],
        // Of the same names, but of other keys.
        vec![leaf.clone(), other.ca.der.clone(), other.root.der.clone()],
    ] {
        let error = check(&ders).unwrap_err();
        assert!(matches!(error, ChainError::NotIssued { .. }), "{error}");
    }
    let error = check(&[leaf.clone(), ca.clone(), root.clone(), root.clone()]).unwrap_err();
    assert!(matches!(error, ChainError::SelfSignedInside { .. }), "{error}");
    let error = check(&vec![leaf.clone(); 11]).unwrap_err();
    assert!(matches!(error, ChainError::TooLong { .. }), "{error}");
    let error = check(&[leaf, ca, root[1..].to_vec()]).unwrap_err();
    let unreadable = CertificateError::Unreadable { found: String::new() };
    assert!(
        matches!(&error, ChainError::Certificate { position: 2, error }
            if std::mem::discriminant(error) == std::mem::discriminant(&unreadable)),
        "{error}"
    );
}

/// The right key's signature, under another name.
#[test]
fn an_issuer_must_be_named() {
    let chain = Chain::new();
    let other = authority("other CA");
    let issuer = rcgen::Issuer::from_params(&other, &chain.ca.pair);
    let leaf = leaf().signed_by(&chain.leaf.pair, &issuer).unwrap().der().to_vec();
    let error = check(&[leaf, chain.ca.der, chain.root.der]).unwrap_err();
    assert!(matches!(error, ChainError::NotIssued { .. }), "{error}");
}

/// A certificate that only names itself as its issuer, and was signed by another of that name.
#[test]
fn a_root_must_have_signed_itself() {
    let other = Party::self_signed(P256, authority("root"));
    let root = other.issue(P256, authority("root"));
    let leaf = root.issue(P256, leaf());
    let error = check(&[leaf.der, root.der]).unwrap_err();
    assert!(matches!(error, ChainError::NotSelfSigned { .. }), "{error}");
}

#[test]
fn leaves_that_may_do_more_than_sign_are_refused() {
    let mut ca = leaf();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    assert!(matches!(refused(ca), ChainError::BasicConstraints { .. }));
    let mut none = leaf();
    none.key_usages = Vec::new();
    assert!(matches!(refused(none), ChainError::KeyUsage { .. }));
    for usage in [
        Usage::KeyEncipherment,
        Usage::DataEncipherment,
        Usage::KeyAgreement,
        Usage::KeyCertSign,
        Usage::CrlSign,
        Usage::EncipherOnly,
        Usage::DecipherOnly,
    ] {
        let mut more = leaf();
        more.key_usages.push(usage);
        assert!(matches!(refused(more), ChainError::KeyUsage { .. }), "{usage:?}");
    }
    let mut lax = leaf();
    lax.key_usages = Vec::new();
    lax.custom_extensions = vec![extension(&[2, 5, 29, 15], vec![3, 2, 7, 0x80], false)];
    assert!(matches!(refused(lax.clone()), ChainError::KeyUsage { .. }));
    lax.custom_extensions[0].set_criticality(true);
    assert!(check(&Chain::with_leaf(P256, lax).ders()).is_ok());
    for purpose in [
        Purpose::Any,
        Purpose::ServerAuth,
        Purpose::ClientAuth,
        Purpose::EmailProtection,
        Purpose::TimeStamping,
        Purpose::OcspSigning,
    ] {
        let mut more = leaf();
        more.extended_key_usages.push(purpose.clone());
        assert!(matches!(refused(more), ChainError::ExtendedKeyUsage { .. }), "{purpose:?}");
    }
    let error = check(&Chain::with_leaf(Ed25519, leaf()).ders()).unwrap_err();
    assert!(matches!(error, ChainError::Key { .. }), "{error}");
}

#[test]
fn leaves_that_may_only_sign_are_taken() {
    let taken = |leaf| check(&Chain::with_leaf(P256, leaf).ders()).is_ok();
    let mut explicit = leaf();
    explicit.is_ca = IsCa::ExplicitNoCa;
    let mut plain = leaf();
    plain.extended_key_usages = Vec::new();
    let mut committed = leaf();
    committed.key_usages.push(Usage::ContentCommitment);
    let mut other = leaf();
    other.extended_key_usages.push(Purpose::Other(vec![1, 3, 6, 1, 4, 1, 311, 2]));
    // The specification says to ignore extensions that it does not name, critical or not.
    let mut critical = leaf();
    critical.custom_extensions = vec![extension(&[1, 2, 3, 4], vec![5, 0], true)];
    for (number, leaf) in [explicit, plain, committed, other, critical].into_iter().enumerate() {
        assert!(taken(leaf), "{number}");
    }
}

#[test]
fn authorities_that_are_none_are_refused() {
    let root = Party::self_signed(P256, authority("root"));
    let below = |ca: rcgen::CertificateParams| {
        let ca = root.issue(P256, ca);
        let leaf = ca.issue(P256, leaf());
        check(&[leaf.der, ca.der, root.der.clone()])
    };
    assert!(below(authority("CA")).is_ok());
    let mut none = authority("CA");
    none.is_ca = IsCa::NoCa;
    let mut explicit = authority("CA");
    explicit.is_ca = IsCa::ExplicitNoCa;
    // CA true, not critical.
    let mut lax = none.clone();
    lax.custom_extensions = vec![extension(&[2, 5, 29, 19], vec![0x30, 3, 1, 1, 0xff], false)];
    for (number, ca) in [none, explicit, lax].into_iter().enumerate() {
        let error = below(ca).unwrap_err();
        assert!(matches!(error, ChainError::BasicConstraints { .. }), "{number}: {error}");
    }
    let mut silent = authority("CA");
    silent.key_usages = Vec::new();
    let mut unable = authority("CA");
    unable.key_usages = vec![Usage::DigitalSignature];
    for ca in [silent, unable] {
        let error = below(ca).unwrap_err();
        assert!(matches!(error, ChainError::KeyUsage { .. }), "{error}");
    }
}

#[test]
fn a_path_length_is_kept() {
    let with_limit = |limit: u8| {
        let mut params = authority("root");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(limit));
        let root = Party::self_signed(P256, params);
        let ca = root.issue(P256, authority("CA"));
        let leaf = ca.issue(P256, leaf());
        check(&[leaf.der, ca.der, root.der])
    };
    assert!(with_limit(1).is_ok());
    let error = with_limit(0).unwrap_err();
    assert!(matches!(error, ChainError::PathLength { limit: 0, found: 1, .. }), "{error}");
}

#[test]
fn signatures_with_sha1_are_refused() {
    let recorded: serde_json::Value = serde_json::from_str(include_str!("openssl.json")).unwrap();
    let pem = recorded["old"].as_str().unwrap();
    assert_eq!(Certificate::all_from(pem.as_bytes()).unwrap().len(), 1);
    let error = CertificateChain::from_pem(pem.as_bytes()).unwrap_err();
    assert!(matches!(error, ChainError::SignatureAlgorithm { .. }), "{error}");
}

/// The count of unused bits before the signature is signed by nobody.
#[test]
fn another_spelling_of_a_signature_is_refused() {
    let mut chain = Chain::new().ders();
    let place = chain[0].len() - signature_length(&chain[0]) - 1;
    assert_eq!(chain[0][place], 0);
    chain[0][place] = 1;
    let error = check(&chain).unwrap_err();
    assert!(matches!(error, ChainError::Certificate { .. }), "{error}");
}

/// The length of the ECDSA signature at the end, from its own SEQUENCE.
fn signature_length(der: &[u8]) -> usize {
    let tail = (68..=74).find(|length| {
        let tail = &der[der.len() - length..];
        tail[0] == 0x30 && usize::from(tail[1]) + 2 == *length && tail[2] == 2
    });
    tail.unwrap()
}

#[test]
fn no_bit_of_a_certificate_can_be_flipped() {
    let chain = Chain::new().ders();
    for position in 0..chain[0].len() {
        for bit in 0..8 {
            let mut changed = chain.clone();
            changed[0][position] ^= 1 << bit;
            assert!(check(&changed).is_err(), "bit {bit} of byte {position}");
        }
    }
}

proptest! {
    #[test]
    fn never_panics(der: Vec<u8>) {
        prop_assert!(Certificate::from_der(&der).is_err());
    }
}
