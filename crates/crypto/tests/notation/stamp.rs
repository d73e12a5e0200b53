//! Timestamps over signatures.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use boltseal_crypto::notation::{
    ChainError, Circumstances, Format, Intact, PolicyStatement, Refusal, Revocation,
    RevocationQuestion, TimestampError, Trust, TrustStores, Undetermined, Verdict,
};
use proptest::prelude::*;
use rcgen::{CrlDistributionPoint, ExtendedKeyUsagePurpose, KeyUsagePurpose};
use serde_json::json;

use crate::authority::{self, Chain, Party, purposes};
use crate::judgement::{certificate, june, policy, stores};
use crate::stamper::{SHA_256, Spec, Stamper};
use crate::writer::{bytes, header, intact, jws, payload, subject};

/// A signature that can be stamped, and a policy that wants it stamped.
struct Stamped {
    envelope: serde_json::Value,
    signature: Vec<u8>,
    stamper: Stamper,
    stores: TrustStores,
    statement: PolicyStatement,
}

impl Stamped {
    fn new() -> Self {
        Self::by(Stamper::new())
    }

    fn by(stamper: Stamper) -> Self {
        let chain = Chain::new();
        let envelope = jws(&header("ES256"), &payload(), &chain);
        let text = envelope["signature"].as_str().unwrap();
        let signature = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).unwrap();
        let root = certificate(&chain.root.der);
        let stores = stores(&[("ca:acme", root), ("tsa:stamp", stamper.root())]);
        Self { envelope, signature, stamper, stores, statement: wanting("always") }
    }

    fn spec(&self) -> Spec {
        self.stamper.spec(&self.signature)
    }

    fn intact(&self, token: &[u8]) -> Intact {
        let mut envelope = self.envelope.clone();
        envelope["header"]["io.cncf.notary.timestampSignature"] = json!(STANDARD.encode(token));
        intact(Format::Jws, &bytes(&envelope))
    }

    fn trust(&self) -> Trust<'_> {
        Trust { statement: &self.statement, stores: &self.stores }
    }

    fn judge(&self, token: &[u8], circumstances: &Circumstances) -> Verdict {
        self.intact(token).judge(&subject(), self.trust(), circumstances)
    }

    #[track_caller]
    fn refused(&self, token: &[u8]) -> Refusal {
        match self.judge(token, &june()) {
            Verdict::Refused { reasons, .. } if reasons.len() == 1 => reasons[0].clone(),
            other => panic!("{other:?}"),
        }
    }

    /// What is wrong with the token that this change makes.
    #[track_caller]
    fn wrong(&self, change: impl FnOnce(&mut Spec)) -> TimestampError {
        let mut spec = self.spec();
        change(&mut spec);
        match self.refused(&self.stamper.stamp(&spec)) {
            Refusal::Timestamp(error) => error,
            other => panic!("{other}"),
        }
    }
}

fn wanting(when: &str) -> PolicyStatement {
    policy(json!({
        "signatureVerification": {"level": "strict", "verifyTimestamp": when},
        "trustStores": ["ca:acme", "tsa:stamp"],
    }))
}

fn in_2028() -> Circumstances {
    Circumstances { now: "2028-01-01T00:00:00Z".parse().unwrap(), ..june() }
}

#[test]
fn a_timestamp_keeps_a_signature_good_after_its_certificate() {
    let stamped = Stamped::new();
    let token = stamped.stamper.stamp(&stamped.spec());
    for circumstances in [june(), in_2028()] {
        let verdict = stamped.judge(&token, &circumstances);
        let Verdict::Accepted(accepted) = verdict else { panic!("{verdict:?}") };
        let time = accepted.signer().timestamp.unwrap();
        assert_eq!(time.to_string(), "2026-05-01T00:00:00Z");
    }
}

#[test]
fn a_policy_may_want_a_timestamp_only_when_it_is_needed() {
    let mut stamped = Stamped::new();
    let plain = intact(Format::Jws, &bytes(&stamped.envelope));
    let judge = |stamped: &Stamped, circumstances: &Circumstances| {
        plain.judge(&subject(), stamped.trust(), circumstances)
    };
    let missing = |verdict: Verdict| match verdict {
        Verdict::Refused { reasons, .. } => {
            matches!(reasons[..], [Refusal::TimestampMissing { .. }])
        }
        _ => false,
    };
    assert!(missing(judge(&stamped, &june())));
    stamped.statement = wanting("afterCertExpiry");
    assert!(matches!(judge(&stamped, &june()), Verdict::Accepted(_)));
    assert!(missing(judge(&stamped, &in_2028())));
    let token = stamped.stamper.stamp(&stamped.spec());
    assert!(matches!(stamped.judge(&token, &in_2028()), Verdict::Accepted(_)));
    // Nobody looks at a bad one while it is not needed.
    assert!(matches!(stamped.judge(b"bad", &june()), Verdict::Accepted(_)));
}

#[test]
fn timestamps_that_say_something_else_are_refused() {
    let stamped = Stamped::new();
    let error = stamped.wrong(|spec| spec.message = b"another signature".to_vec());
    assert_eq!(error, TimestampError::OtherMessage);
    assert_eq!(stamped.wrong(|spec| spec.imprint_hash = "1.3.14.3.2.26"), TimestampError::Hash);
    for time in ["20260501Z", "2026-05-01T00:00:00Z"] {
        let error = stamped.wrong(|spec| spec.time = time.to_owned());
        assert!(matches!(error, TimestampError::Unreadable { .. }), "{error}");
    }
    let error = stamped.wrong(|spec| spec.content_type = SHA_256);
    assert!(matches!(error, TimestampError::Signature { .. }), "{error}");
    let error = stamped.wrong(|spec| spec.other_content = Some(b"other".to_vec()));
    assert!(matches!(error, TimestampError::Signature { .. }), "{error}");
    let error = stamped.wrong(|spec| spec.signing_time = Some("190101000000Z"));
    assert!(matches!(error, TimestampError::Signature { .. }), "{error}");
    let mut spec = stamped.spec();
    spec.signing_time = Some("260501000000Z");
    let verdict = stamped.judge(&stamped.stamper.stamp(&spec), &june());
    assert!(matches!(verdict, Verdict::Accepted(_)), "{verdict:?}");
}

#[test]
fn timestamps_that_are_none_are_refused() {
    let stamped = Stamped::new();
    let token = stamped.stamper.stamp(&stamped.spec());
    for bad in [&b""[..], b"\x30\x00", &token[1..], &[&token[..], b"\0"].concat()] {
        let refusal = stamped.refused(bad);
        let unreadable = matches!(refusal, Refusal::Timestamp(TimestampError::Unreadable { .. }));
        assert!(unreadable, "{refusal}");
    }
    let refusal = stamped.refused(&vec![0; 256 * 1024 + 1]);
    assert!(matches!(refusal, Refusal::Timestamp(TimestampError::TooLarge { .. })), "{refusal}");
}

#[test]
fn authorities_that_are_not_trusted_are_refused() {
    let mut stamped = Stamped::new();
    let other = Stamper::new();
    let foreign = other.stamp(&other.spec(&stamped.signature));
    let refusal = stamped.refused(&foreign);
    assert!(matches!(refusal, Refusal::Timestamp(TimestampError::Untrusted { .. })), "{refusal}");
    // The name of a trusted authority on somebody else's signature.
    let mut forged = other.spec(&stamped.signature);
    forged.certificates = stamped.spec().certificates;
    forged.named = stamped.stamper.leaf.der.clone();
    let refusal = stamped.refused(&other.stamp(&forged));
    assert!(matches!(refusal, Refusal::Timestamp(TimestampError::Signature { .. })), "{refusal}");
    let error = stamped.wrong(|spec| spec.certificates.pop().map_or((), drop));
    assert_eq!(error, TimestampError::SigningCertificate);
    // Before the authority's certificate was valid.
    let error = stamped.wrong(|spec| spec.time = "20190501000000Z".to_owned());
    assert!(matches!(error, TimestampError::Untrusted { .. }), "{error}");
    stamped.stores = TrustStores::new();
    let verdict = stamped.judge(&foreign, &june());
    let Verdict::Refused { reasons, .. } = verdict else { panic!("{verdict:?}") };
    let both = matches!(reasons[..], [Refusal::StoreMissing { .. }, Refusal::StoreMissing { .. }]);
    assert!(both, "{reasons:?}");
}

#[test]
fn authorities_that_may_do_more_than_stamp_are_refused() {
    let refusal = |params: rcgen::CertificateParams| {
        let stamped = Stamped::by(Stamper::with_leaf(params));
        match stamped.refused(&stamped.stamper.stamp(&stamped.spec())) {
            Refusal::Timestamp(error) => error,
            other => panic!("{other}"),
        }
    };
    let mut lax = authority::stamper();
    lax.custom_extensions = vec![purposes(&[8], false)];
    let mut more = authority::stamper();
    more.custom_extensions = vec![purposes(&[8, 3], true)];
    let mut bare = authority::stamper();
    bare.custom_extensions = Vec::new();
    for params in [lax, more, bare] {
        let error = refusal(params);
        let is_it = matches!(error, TimestampError::Chain(ChainError::ExtendedKeyUsage { .. }));
        assert!(is_it, "{error}");
    }
    let mut encrypting = authority::stamper();
    encrypting.key_usages.push(KeyUsagePurpose::KeyEncipherment);
    let error = refusal(encrypting);
    assert!(matches!(error, TimestampError::Chain(ChainError::KeyUsage { .. })), "{error}");
    let mut signing = authority::stamper();
    signing.custom_extensions = Vec::new();
    signing.extended_key_usages = vec![ExtendedKeyUsagePurpose::CodeSigning];
    assert!(matches!(refusal(signing), TimestampError::Untrusted { .. }));
}

#[test]
fn an_authority_may_stand_below_another() {
    let mut authority = Stamper::new();
    let between = authority
        .root
        .issue(boltseal_crypto::KeyAlgorithm::P384, crate::authority::authority("between"));
    let leaf: Party =
        between.issue(boltseal_crypto::KeyAlgorithm::P256, crate::authority::stamper());
    authority.leaf = leaf;
    let stamped = Stamped::by(authority);
    let mut spec = stamped.spec();
    let error = stamped.wrong(|_| ());
    assert!(matches!(error, TimestampError::Untrusted { .. }), "{error}");
    spec.certificates.push(between.der);
    let verdict = stamped.judge(&stamped.stamper.stamp(&spec), &june());
    assert!(matches!(verdict, Verdict::Accepted(_)), "{verdict:?}");
}

#[test]
fn a_timestamp_must_surely_lie_within_the_certificates() {
    let stamped = Stamped::new();
    let judge = |time: &str, seconds: u8, policy: &'static str| {
        let mut spec = stamped.spec();
        (spec.time, spec.seconds_of_accuracy, spec.policy) = (time.to_owned(), seconds, policy);
        stamped.judge(&stamped.stamper.stamp(&spec), &june())
    };
    let (own, baseline) = ("1.2.3.4", "0.4.0.2023.1.1");
    for (time, seconds, policy, holds) in [
        ("20260101000000Z", 0, own, true),
        ("20251231235959Z", 0, own, false),
        ("20260101000001Z", 1, own, true),
        ("20260101000001Z", 2, own, false),
        ("20260101000000Z", 0, baseline, false),
        ("20260101000000.5Z", 0, own, true),
        ("20270101000000Z", 0, own, true),
        ("20270101000000Z", 1, own, false),
    ] {
        match judge(time, seconds, policy) {
            Verdict::Accepted(_) => assert!(holds, "{time} {seconds} {policy}"),
            Verdict::Refused { reasons, .. } => {
                assert!(!holds, "{time} {seconds} {policy}: {reasons:?}");
                assert!(matches!(reasons[..], [Refusal::TimestampOutside { .. }]), "{reasons:?}");
            }
            other @ Verdict::Undetermined(_) => panic!("{other:?}"),
        }
    }
}

#[test]
fn an_authority_that_may_be_revoked_has_to_be_asked_about() {
    let mut params = authority::stamper();
    let uris = vec!["http://127.0.0.1/crl".to_owned()];
    params.crl_distribution_points = vec![CrlDistributionPoint { uris }];
    let stamped = Stamped::by(Stamper::with_leaf(params));
    let token = stamped.stamper.stamp(&stamped.spec());
    let question = stamped.intact(&token).authority_question(stamped.trust(), june().now);
    assert_eq!(question, RevocationQuestion::Certificates(vec!["CN=acme timestamps".to_owned()]));
    let answered = |authority_revocation| {
        stamped.judge(&token, &Circumstances { authority_revocation, ..june() })
    };
    let verdict = answered(Revocation::NotChecked);
    let Verdict::Undetermined(reasons) = verdict else { panic!("{verdict:?}") };
    assert!(matches!(reasons[..], [Undetermined::AuthorityRevocation { .. }]));
    assert!(matches!(answered(Revocation::Checked), Verdict::Accepted(_)));
    let verdict = answered(Revocation::Revoked { what: vec!["CN=acme timestamps".to_owned()] });
    let Verdict::Refused { reasons, .. } = verdict else { panic!("{verdict:?}") };
    assert!(matches!(reasons[..], [Refusal::AuthorityRevoked { .. }]));
    let nothing = stamped.intact(b"bad").authority_question(stamped.trust(), june().now);
    assert_eq!(nothing, RevocationQuestion::Nothing);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn one_changed_byte_of_a_token_never_panics(
        position: prop::sample::Index,
        change in 1..=255_u8,
    ) {
        static GOOD: std::sync::LazyLock<(Stamped, Vec<u8>)> = std::sync::LazyLock::new(|| {
            let stamped = Stamped::new();
            let token = stamped.stamper.stamp(&stamped.spec());
            (stamped, token)
        });
        let (stamped, token) = &*GOOD;
        let mut bad = token.clone();
        let place = position.index(bad.len());
        bad[place] ^= change;
        let _ = stamped.judge(&bad, &june());
    }
}
