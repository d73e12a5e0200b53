//! Notation beside the Notary Project's own libraries: what they sign we verify, what we sign they
//! verify, and both refuse the same.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use boltseal_crypto::notation::{
    Format, Intact, ManifestForm, Revocation, RevocationQuestion, Verdict,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::image::Image;
use crate::notation_bench::{Bench, Both, Config, notation};
use crate::program::Program;
use crate::registry::Registry;
use crate::released::shown;

const KINDS: [&str; 6] = ["p256", "p384", "p521", "rsa2048", "rsa3072", "rsa4096"];
const SUBJECT: &str = "x509.subject: C=US, ST=WA, O=acme";
const PROFILE: &str = "arn:aws:signer:eu-west-1:111122223333:/signing-profiles/Build";

#[test]
fn the_peer_is_the_one_that_is_pinned() {
    let words = Program::peer("notation").run(&["version"]).passes();
    words.says("notation-go v1.3.2").says("notation-core-go v1.3.0");
}

#[test]
fn what_notation_signs_we_verify() {
    for kind in KINDS {
        let bench = Bench::new(kind);
        for format in [Format::Jws, Format::Cose] {
            let sealed = bench.seal(format, &["--expiry", "1h"]);
            bench.agree(format, &sealed, &bench.trusting(SUBJECT), Both::Accept);
        }
    }
}

#[test]
fn what_we_sign_notation_verifies() {
    for kind in KINDS {
        let bench = Bench::new(kind);
        let sealed = bench.sign(Some(SignedDuration::from_hours(1)));
        bench.agree(Format::Jws, sealed.bytes(), &bench.trusting(SUBJECT), Both::Accept);
    }
}

#[test]
fn both_refuse_the_same() {
    let bench = Bench::new("p256");
    let sealed = bench.sign(None);
    let good = sealed.bytes();
    let agree = |bytes: &[u8], config: &Config, both| bench.agree(Format::Jws, bytes, config, both);
    let other = bench.trusting("x509.subject: C=US, ST=WA, O=other");
    agree(good, &other, Both::Refuse("does not match the X.509 trusted identities"));
    let narrow = bench.trusting("x509.subject: C=US, ST=WA, O=acme, CN=cd");
    agree(good, &narrow, Both::Refuse("does not match the X.509 trusted identities"));
    let stranger = Bench::new("p256");
    let untrusted = stranger.trusting(SUBJECT);
    agree(good, &untrusted, Both::Refuse("does not contain any trusted certificate"));
    let authority = [("signingAuthority:acme", &*bench.path("acme-root.pem"))];
    let no_store = bench.config(SUBJECT, "strict", &authority);
    agree(good, &no_store, Both::Refuse("no trusted certificates are found"));
    let expired = bench.seal(Format::Jws, &["--expiry", "1s"]);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    agree(&expired, &bench.trusting(SUBJECT), Both::Refuse("has expired on"));
    let lax = bench.config(SUBJECT, "permissive", &[("ca:acme", &*bench.path("acme-root.pem"))]);
    agree(&expired, &lax, Both::Accept);
}

#[test]
fn both_refuse_what_was_changed() {
    let bench = Bench::new("p256");
    let trusting = bench.trusting(SUBJECT);
    let good: Value = serde_json::from_slice(bench.sign(None).bytes()).expect("JWS is JSON");
    let other = bench.sign(Some(SignedDuration::from_hours(1)));
    let other: Value = serde_json::from_slice(other.bytes()).expect("JWS is JSON");
    for (member, reason) in [("signature", "signature is invalid"), ("header", "certificate")] {
        let mut changed = good.clone();
        changed[member] = other[member].clone();
        if member == "header" {
            changed["header"]["x5c"].as_array_mut().expect("a chain").pop();
        }
        let bytes = serde_json::to_vec(&changed).expect("JSON");
        bench.agree(Format::Jws, &bytes, &trusting, Both::Refuse(reason));
    }
    let text = |member: &str| {
        let text = good[member].as_str().expect("a text");
        String::from_utf8(URL_SAFE_NO_PAD.decode(text).expect("base64url")).expect("JSON")
    };
    for (member, from, to) in [
        ("payload", "\"size\":", "\"size\":1"),
        ("protected", "notary.x509\"", "notary.x509.signingAuthority\""),
        ("protected", "\"ES256\"", "\"none\""),
    ] {
        let replaced = text(member).replacen(from, to, 1);
        assert_ne!(replaced, text(member), "{member}: {from}");
        let mut changed = good.clone();
        changed[member] = json!(URL_SAFE_NO_PAD.encode(replaced));
        let bytes = serde_json::to_vec(&changed).expect("JSON");
        bench.agree(Format::Jws, &bytes, &trusting, Both::Refuse("signature is invalid"));
    }
    let mut cose = bench.seal(Format::Cose, &[]);
    *cose.last_mut().expect("bytes") ^= 1;
    bench.agree(Format::Cose, &cose, &trusting, Both::Refuse("verification error"));
}

/// notation-core-go writes what AWS Signer writes, and notation-go hands it to a plugin that plays
/// AWS Signer's: what the service would be asked is what we would ask it.
#[test]
fn both_verify_what_aws_signer_would_sign() {
    let bench = Bench::new("p384");
    let critical = format!(
        "io.cncf.notary.verificationPlugin=com.amazonaws.signer.notation.plugin \
         com.amazonaws.signer.signingProfileVersion={PROFILE}/Ver1 \
         com.amazonaws.signer.signingJob=arn:aws:signer:eu-west-1:111122223333:/signing-jobs/0-1"
    );
    let words = ["--scheme", "notary.x509.signingAuthority", "--critical", &critical];
    let sealed = bench.seal(Format::Jws, &words);
    let stores = [("signingAuthority:aws-signer-ts", &*bench.path("acme-root.pem"))];
    let trusting = bench.config(PROFILE, "strict", &stores);
    let told = bench.notation(Format::Jws, &sealed, &trusting, &[]).passes();
    let asked: Value =
        told.stdout.lines().find_map(|line| serde_json::from_str(line).ok()).expect("a question");
    let intact = Intact::read(Format::Jws, &sealed).expect("an envelope that holds");
    let RevocationQuestion::AwsSigner(query) = intact.revocation_question() else {
        panic!("AWS Signer has to be asked");
    };
    assert_eq!(asked["hashes"], json!(query.certificate_hashes));
    assert_eq!(asked["profile"], json!(query.profile_version_arn));
    assert_eq!(asked["job"], json!(query.job_arn));
    let time = asked["time"].as_str().and_then(|time| time.parse::<Timestamp>().ok());
    assert_eq!(time, Some(query.signature_timestamp));
    let judge = |revocation| bench.judge(Format::Jws, &sealed, &trusting, revocation);
    assert!(matches!(judge(Revocation::Checked), Verdict::Accepted(_)));
    let revoked = bench.notation(Format::Jws, &sealed, &trusting, &["--revoked"]);
    revoked.refuses("revocation check by verification plugin");
    let what = vec![query.job_arn.clone()];
    assert!(matches!(judge(Revocation::Revoked { what }), Verdict::Refused { .. }));
    assert!(matches!(judge(Revocation::NotChecked), Verdict::Undetermined(_)));
}

/// OpenSSL plays the timestamp authority.
#[test]
fn both_take_the_same_timestamps() {
    let bench = Bench::new("p256");
    let sealed = bench.sign(None);
    let envelope: Value = serde_json::from_slice(sealed.bytes()).expect("JWS is JSON");
    let signature = envelope["signature"].as_str().expect("a text");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    let token = bench.stamp(&signature);
    let attached = |token: &[u8]| {
        let mut envelope = envelope.clone();
        envelope["header"]["io.cncf.notary.timestampSignature"] = json!(STANDARD.encode(token));
        serde_json::to_vec(&envelope).expect("JSON")
    };
    let [root, stamps, other] =
        ["acme-root.pem", "tsa-root.pem", "other-root.pem"].map(|file| bench.path(file));
    let trusting = bench.config(SUBJECT, "strict", &[("ca:acme", &root), ("tsa:ours", &stamps)]);
    let other = bench.config(SUBJECT, "strict", &[("ca:acme", &root), ("tsa:ours", &other)]);
    let agree = |bytes: &[u8], config: &Config, both| bench.agree(Format::Jws, bytes, config, both);
    agree(&attached(&token), &trusting, Both::Accept);
    agree(&attached(&token), &other, Both::Refuse("certificate signed by unknown authority"));
    agree(sealed.bytes(), &trusting, Both::Refuse("no timestamp countersignature"));
    let foreign = bench.stamp(b"another signature");
    agree(&attached(&foreign), &trusting, Both::Refuse("mismatched message"));
}

#[test]
fn a_registry_carries_both_ways() {
    for registry in [Registry::ferro(), Registry::distribution()] {
        let bench = Bench::new("p256");
        let image = Image::small();
        let pinned = image.push(&format!("{}/team/app", registry.host()));
        let trusting = bench.trusting(SUBJECT);
        let verify = || notation(&["verify", "--config", &shown(&trusting.folder), &pinned]);
        verify().refuses("no signature is associated");
        let (key, chain) = (bench.path("acme.key"), bench.path("acme.pem"));
        notation(&["sign", "--key", &key, "--chain", &chain, &pinned]).passes();
        verify().passes();
        Bench::reads(&pinned, Format::Jws);
        for form in [ManifestForm::ArtifactType, ManifestForm::ConfigType] {
            let pinned = image.push(&format!("{}/team/{form:?}", registry.host()).to_lowercase());
            bench.attach(&pinned, form);
            let shown = shown(&trusting.folder);
            notation(&["verify", "--config", &shown, &pinned]).passes();
            Bench::reads(&pinned, Format::Jws);
        }
    }
}

/// notation looks for the older form only, in layouts and where a registry misstates artifact types.
#[test]
fn the_form_decides_where_notation_looks() {
    let (awkward, right) = (Registry::ggcr(), Registry::ferro());
    let bench = Bench::new("p256");
    let image = Image::small();
    let config = shown(&bench.trusting(SUBJECT).folder);
    for form in [ManifestForm::ArtifactType, ManifestForm::ConfigType] {
        let push = |registry: &Registry| {
            let pinned = image.push(&format!("{}/team/{form:?}", registry.host()).to_lowercase());
            bench.attach(&pinned, form);
            pinned
        };
        let listed = notation(&["verify", "--config", &config, &push(&awkward)]);
        let pinned = push(&right);
        let layout = bench.path(&format!("{form:?}"));
        let words = ["cp", "--recursive", "--from-plain-http", "--to-oci-layout", &pinned];
        Program::peer("oras").run(&[&words[..], &[&format!("{layout}:1")]].concat()).passes();
        let words = ["verify", "--config", &config, "--layout", &layout, &pinned];
        for told in [listed, notation(&words)] {
            match form {
                ManifestForm::ArtifactType => told.refuses("no signature is associated"),
                ManifestForm::ConfigType => told.passes(),
            };
        }
    }
}
