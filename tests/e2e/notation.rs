//! Notation: a signature of the Notary Project beside the statements, and verifying by notation's
//! own trust policy.

use boltseal_testkit::registry::Options;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use serde_json::{Value, json};

use crate::harness::{Run, Sandbox, codes};
use crate::release::Place;
use crate::scene::without_referrers;

const SUBJECT: &str = "x509.subject: C=US, ST=WA, O=acme, CN=ci";
const SIGNED: [&str; 6] =
    ["--scan", "scan.json", "--evidence", "bundle,notation", "--certificate-chain", "acme.pem"];

/// Writes `NAME.key`, its chain `NAME.pem`, and `NAME-root.pem`.
fn authority(sandbox: &Sandbox, name: &str) {
    let pair = || KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let mut root = named("acme root");
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let root = CertifiedIssuer::self_signed(root, pair()).unwrap();
    let mut leaf = named("ci");
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::CodeSigning];
    leaf.is_ca = IsCa::ExplicitNoCa;
    let key = pair();
    let leaf = leaf.signed_by(&key, &root).unwrap();
    sandbox.write(&format!("{name}.key"), key.serialize_pem());
    sandbox.write(&format!("{name}.pem"), leaf.pem() + &root.pem());
    sandbox.write(&format!("{name}-root.pem"), root.pem());
}

fn named(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    for (kind, value) in [
        (DnType::CountryName, "US"),
        (DnType::StateOrProvinceName, "WA"),
        (DnType::OrganizationName, "acme"),
        (DnType::CommonName, common_name),
    ] {
        params.distinguished_name.push(kind, value);
    }
    params
}

/// A place with an authority of the name `acme`, whose key signs, and notation's folders.
fn place(options: Options) -> Place {
    let mut place = Place::new(options);
    authority(&place.sandbox, "acme");
    "acme.key".clone_into(&mut place.key.private);
    let public = ["keys", "public", "--key", "acme.key"];
    let pem = place.sandbox.boltseal(&public).exits(0).stdout;
    place.key.public = place.sandbox.write("acme.pub", pem);
    trust(&place.sandbox, "strict", SUBJECT, "acme");
    place
}

/// Writes `policy.json` and `store`, which trust below the root of `authority`.
fn trust(sandbox: &Sandbox, level: &str, identity: &str, authority: &str) {
    let statement = match level {
        "skip" => json!({"level": "skip"}),
        level => json!({"level": level}),
    };
    let mut policy = json!({"name": "all", "registryScopes": ["*"],
        "signatureVerification": statement});
    if level != "skip" {
        policy["trustStores"] = json!(["ca:acme"]);
        policy["trustedIdentities"] = json!([identity]);
    }
    let document = json!({"version": "1.0", "trustPolicies": [policy]});
    sandbox.write("policy.json", document.to_string());
    let root = sandbox.read(&format!("{authority}-root.pem"));
    sandbox.write("store/x509/ca/acme/root.pem", root);
}

/// Verifies by notation's policy alone.
fn verify(place: &Place, target: &str, more: &[&str]) -> Run {
    let words = ["verify", target, "--trust-policy", "policy.json", "--trust-store", "store"];
    place.sandbox.boltseal(&[&words[..], &["--format", "json"], more].concat())
}

fn pieces<'a>(document: &'a Value, format: &str) -> Vec<&'a Value> {
    let evidence = document["evidence"].as_array().expect("a list");
    evidence.iter().filter(|piece| piece["format"] == format).collect()
}

#[test]
fn a_release_is_signed_for_notation_and_finished_after_that() {
    for options in [Options::default(), without_referrers()] {
        let place = place(options);
        let released = place.release("1.0", &SIGNED).exits(0).json();
        assert_eq!(released["outcome"], "released");
        assert_eq!(pieces(&released, "bundle").len(), 5);
        assert_eq!(pieces(&released, "notation").len(), 1, "{released}");
        let verified = verify(&place, &place.to("1.0"), &[]).exits(0).json();
        let found = pieces(&verified, "notation");
        assert_eq!(found[0]["status"], "verified");
        assert_eq!(found[0]["digest"], pieces(&released, "notation")[0]["digest"]);
        place.verify(&place.to("1.0"), &[]).exits(0);

        place.server.reset_recording();
        let again = place.release("1.0", &SIGNED).exits(0).json();
        assert_eq!(again["outcome"], "already-released");
        assert_eq!(pieces(&again, "notation")[0]["adopted"], true);
        assert_eq!(place.server.counts().writes, 0, "a finished release writes nothing");
    }
}

#[test]
fn notation_is_added_to_a_release_that_has_none() {
    let place = place(Options::default());
    place.release("1.0", &SIGNED[..2]).exits(0);
    verify(&place, &place.to("1.0"), &[]).exits(11);
    let added = place.release("1.0", &SIGNED).exits(0).json();
    assert_eq!(added["outcome"], "released");
    assert!(pieces(&added, "bundle").iter().all(|piece| piece["adopted"] == true));
    verify(&place, &place.to("1.0"), &[]).exits(0);
}

#[test]
fn what_cannot_be_signed_is_refused_before_anything_is_written() {
    let place = place(Options::default());
    authority(&place.sandbox, "other");
    place.sandbox.write("none.pem", "no chain");
    let with = |formats: &str, chain: &str| {
        let words = ["--scan", "scan.json", "--evidence", formats, "--certificate-chain", chain];
        place.release("1.0", &words)
    };
    let mismatch = with("bundle,notation", "other.pem").exits(20).json();
    assert_eq!(codes(&mismatch), ["certificate-key-mismatch"]);
    assert_eq!(
        codes(&with("bundle,notation", "none.pem").exits(20).json()),
        ["certificate-chain-invalid"]
    );
    with("notation", "acme.pem").exits(2).complains("--evidence bundle,notation");
    with("bundle", "acme.pem").exits(2).complains("--evidence bundle,notation");
    let nobody = ["--scan", "scan.json", "--evidence", "bundle,notation"];
    place.release("1.0", &nobody).exits(2).complains("--signer-profile");
    assert_eq!(place.server.counts().writes, 0);
}

#[test]
fn untrusted_unsaid_and_unreadable_are_told_apart() {
    let place = place(Options::default());
    place.release("1.0", &SIGNED).exits(0);
    authority(&place.sandbox, "other");
    let refused = |level: &str, identity: &str, root: &str, exit: i32| {
        trust(&place.sandbox, level, identity, root);
        let document = verify(&place, &place.to("1.0"), &[]).exits(exit).json();
        codes(&document).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let other = "x509.subject: C=US, ST=WA, O=other";
    assert!(refused("strict", other, "acme", 11).contains(&"notation-identity-untrusted".into()));
    assert!(refused("strict", SUBJECT, "other", 11).contains(&"notation-root-untrusted".into()));
    assert!(refused("audit", SUBJECT, "other", 11).contains(&"notation-signer-untrusted".into()));
    assert_eq!(refused("skip", SUBJECT, "acme", 20), ["trust-policy-skips"]);
    std::fs::remove_dir_all(place.sandbox.path("store")).unwrap();
    trust(&place.sandbox, "strict", SUBJECT, "acme");
    std::fs::rename(place.sandbox.path("store/x509/ca/acme"), place.sandbox.path("gone")).unwrap();
    let gone = verify(&place, &place.to("1.0"), &[]).exits(20).json();
    assert_eq!(codes(&gone), ["trust-store-invalid"]);
}

/// Invariant 13: a Notation signature that does not count blocks nobody whose key does.
#[test]
fn what_is_not_required_changes_nothing() {
    let place = place(Options::default());
    place.release("1.0", &SIGNED).exits(0);
    authority(&place.sandbox, "other");
    trust(&place.sandbox, "strict", SUBJECT, "other");
    let words = ["--trust-policy", "policy.json", "--trust-store", "store"];
    let verified = place.verify(&place.to("1.0"), &words).exits(0).json();
    assert_eq!(pieces(&verified, "notation")[0]["status"], "refused");
}

#[test]
fn a_promotion_takes_the_signatures_that_count_along() {
    let place = place(Options::default());
    place.release("1.0", &SIGNED).exits(0);
    let promote = |to: &str, more: &[&str]| {
        let (from, key) = (place.to("1.0"), &*place.key.public);
        let words = ["promote", &from, to, "--key", key, "--promotion-key", "acme.key"];
        place.sandbox.boltseal(&[&words[..], &["--format", "json"], more].concat())
    };
    let without = promote("oci:without:1.0", &[]).exits(0).json();
    assert!(without["warnings"].to_string().contains("--trust-policy"), "{without}");
    let scope = ["--trust-scope", "registry.test/app"];
    verify(&place, "oci:without:1.0", &scope).exits(11);
    let words = ["--trust-policy", "policy.json", "--trust-store", "store"];
    let with = promote("oci:with:1.0", &words).exits(0).json();
    assert_eq!(pieces(&with, "notation").len(), 1, "{with}");
    verify(&place, "oci:with:1.0", &scope).exits(0);
    verify(&place, "oci:with:1.0", &[]).exits(2).complains("--trust-scope");
}
