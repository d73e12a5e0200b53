//! Whether an envelope counts: every outcome of a trust policy.

use boltseal_core::Descriptor;
use boltseal_crypto::KeyAlgorithm;
use boltseal_crypto::notation::{
    Accepted, Applicable, Certificate, Check, Circumstances, Doubt, Format, Intact,
    PolicyStatement, Refusal, Revocation, RevocationQuestion, StoreKind, StoreName, Trust,
    TrustPolicy, TrustStoreError, TrustStores, Undetermined, Verdict,
};
use rcgen::{CrlDistributionPoint, DnType};
use serde_json::{Value, json};

use crate::authority::{Chain, authority, extension, leaf};
use crate::writer::{
    EXPIRY, PROFILE, SCHEME, aws_header, bytes, cose, cose_header, header, intact, jws, payload,
    subject,
};

const SUBJECT: &str = "x509.subject: C=US, ST=WA, O=acme";

/// A statement for every repository: strict, `ca:acme`, and our subject, but for `changes`.
pub(crate) fn policy(changes: Value) -> PolicyStatement {
    let mut statement = json!({
        "name": "all", "registryScopes": ["*"], "signatureVerification": {"level": "strict"},
        "trustStores": ["ca:acme"], "trustedIdentities": [SUBJECT],
    });
    if let Value::Object(changes) = changes {
        statement.as_object_mut().unwrap().extend(changes);
    }
    let document = json!({"version": "1.0", "trustPolicies": [statement]});
    let policy = TrustPolicy::parse(&serde_json::to_vec(&document).unwrap()).unwrap();
    match policy.for_repository("registry.test/app").unwrap() {
        Applicable::Check(statement) => (**statement).clone(),
        Applicable::Skip { name } => panic!("{name}"),
    }
}

pub(crate) fn stores(stores: &[(&str, Certificate)]) -> TrustStores {
    let mut all = TrustStores::new();
    for (name, certificate) in stores {
        all.add(&name.parse().unwrap(), vec![certificate.clone()]).unwrap();
    }
    all
}

pub(crate) fn certificate(der: &[u8]) -> Certificate {
    Certificate::from_der(der).unwrap()
}

/// The first of June 2026, with nothing asked about revocation.
pub(crate) fn june() -> Circumstances {
    Circumstances {
        now: "2026-06-01T00:00:00Z".parse().unwrap(),
        revocation: Revocation::NotChecked,
        authority_revocation: Revocation::NotChecked,
    }
}

/// A signature with whom to trust.
struct Case {
    intact: Intact,
    statement: PolicyStatement,
    stores: TrustStores,
}

impl Case {
    /// Our own signature, with this header, and our root trusted.
    fn of(chain: &Chain, header: &Value) -> Self {
        Self {
            intact: intact(Format::Jws, &bytes(&jws(header, &payload(), chain))),
            statement: policy(Value::Null),
            stores: stores(&[("ca:acme", certificate(&chain.root.der))]),
        }
    }

    fn new() -> Self {
        Self::of(&Chain::new(), &header("ES256"))
    }

    /// A signature as AWS Signer makes it, with its root and its profile trusted.
    fn aws(header: &Value) -> Self {
        let chain = Chain::of(KeyAlgorithm::P384);
        let statement = policy(json!({
            "trustStores": ["signingAuthority:aws-signer-ts"], "trustedIdentities": [PROFILE],
        }));
        let stores = stores(&[("signingAuthority:aws-signer-ts", certificate(&chain.root.der))]);
        Self { statement, stores, ..Self::of(&chain, header) }
    }

    fn policy(self, changes: Value) -> Self {
        Self { statement: policy(changes), ..self }
    }

    fn trust(&self) -> Trust<'_> {
        Trust { statement: &self.statement, stores: &self.stores }
    }

    fn judge(&self, circumstances: &Circumstances) -> Verdict {
        self.intact.judge(&subject(), self.trust(), circumstances)
    }

    #[track_caller]
    fn accepted(&self, circumstances: &Circumstances) -> Accepted {
        match self.judge(circumstances) {
            Verdict::Accepted(accepted) => *accepted,
            other => panic!("{other:?}"),
        }
    }

    /// The only reason why it is refused.
    #[track_caller]
    fn refused(&self, circumstances: &Circumstances) -> Refusal {
        match self.judge(circumstances) {
            Verdict::Refused { reasons, undetermined } => {
                let ([reason], []) = (&reasons[..], &undetermined[..]) else {
                    panic!("{reasons:?} {undetermined:?}");
                };
                reason.clone()
            }
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    fn undetermined(&self, circumstances: &Circumstances) -> Undetermined {
        match self.judge(circumstances) {
            Verdict::Undetermined(reasons) if reasons.len() == 1 => reasons[0].clone(),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_signature_of_a_trusted_publisher_counts() {
    let chain = Chain::new();
    let case = Case::of(&chain, &header("ES256"));
    let other = intact(Format::Cose, &cose(&cose_header(-7), &payload(), &chain));
    for intact in [case.intact.clone(), other] {
        let accepted = Case { intact, ..Case::of(&chain, &header("ES256")) }.accepted(&june());
        assert!(accepted.is_authentic() && accepted.logged().is_empty());
        let signer = accepted.signer();
        assert_eq!(signer.identity.as_deref(), Some(SUBJECT));
        assert_eq!(signer.subject, "CN=ci,OU=build,O=acme,ST=WA,C=US");
        assert_eq!((signer.root.as_str(), signer.thumbprints.len()), ("CN=acme root", 3));
        assert_eq!((signer.timestamp, signer.expiry, signer.job.clone()), (None, None, None));
    }
}

#[test]
fn any_certificate_of_the_chain_may_be_the_trusted_one() {
    let chain = Chain::new();
    let mut case = Case::of(&chain, &header("ES256"));
    case.stores = stores(&[("ca:acme", certificate(&chain.ca.der))]);
    assert!(case.accepted(&june()).is_authentic());
}

#[test]
fn another_artifact_is_refused_at_every_level() {
    let other = Descriptor::of(&subject().media_type, b"another image");
    for level in ["strict", "permissive", "audit"] {
        let case = Case::new().policy(json!({"signatureVerification": {"level": level}}));
        let verdict = case.intact.judge(&other, case.trust(), &june());
        let Verdict::Refused { reasons, .. } = verdict else { panic!("{verdict:?}") };
        assert!(matches!(reasons[..], [Refusal::OtherArtifact { .. }]), "{reasons:?}");
    }
}

#[test]
fn strangers_are_refused() {
    let mut stranger = Case::new();
    stranger.stores = stores(&[("ca:acme", certificate(&Chain::new().root.der))]);
    assert!(matches!(stranger.refused(&june()), Refusal::Untrusted { .. }));
    let mut missing = Case::new();
    missing.stores = TrustStores::new();
    assert!(matches!(missing.refused(&june()), Refusal::StoreMissing { .. }));
    // The right root, but in a store for others.
    let chain = Chain::new();
    let mut other = Case::of(&chain, &header("ES256"))
        .policy(json!({"trustStores": ["signingAuthority:acme", "tsa:acme"]}));
    let root = certificate(&chain.root.der);
    other.stores = stores(&[("signingAuthority:acme", root.clone())]);
    // A `tsa` store is named, so that a timestamp is wanted as well.
    let verdict = other.judge(&june());
    let Verdict::Refused { reasons, .. } = verdict else { panic!("{verdict:?}") };
    assert!(
        matches!(reasons[..], [Refusal::NoStore { .. }, Refusal::TimestampMissing { .. }]),
        "{reasons:?}"
    );
}

#[test]
fn other_identities_are_refused() {
    for identity in ["x509.subject: C=US, ST=WA, O=other", PROFILE] {
        let case = Case::new().policy(json!({ "trustedIdentities": [identity] }));
        assert!(matches!(case.refused(&june()), Refusal::Identity { .. }), "{identity}");
    }
    let several = json!(["x509.subject: C=US, ST=WA, O=other", SUBJECT]);
    let case = Case::new().policy(json!({ "trustedIdentities": several }));
    assert_eq!(case.accepted(&june()).signer().identity.as_deref(), Some(SUBJECT));
    let case = Case::new().policy(json!({"trustedIdentities": ["*"]}));
    assert_eq!(case.accepted(&june()).signer().identity.as_deref(), Some("*"));
}

#[test]
fn a_subject_that_cannot_be_compared_is_refused() {
    let mut params = leaf();
    params.distinguished_name.remove(DnType::StateOrProvinceName);
    let chain = Chain::with_leaf(KeyAlgorithm::P256, params);
    let case = Case::of(&chain, &header("ES256"));
    assert!(matches!(case.refused(&june()), Refusal::Subject { .. }));
    let wild = case.policy(json!({"trustedIdentities": ["*"]}));
    assert!(wild.accepted(&june()).is_authentic());
}

#[test]
fn an_expired_signature_is_refused_from_its_expiry_on() {
    let mut header = header("ES256");
    header[EXPIRY] = json!("2026-06-01T00:00:00Z");
    header["crit"] = json!([SCHEME, EXPIRY]);
    let case = Case::of(&Chain::new(), &header);
    let before = Circumstances { now: "2026-05-31T23:59:59Z".parse().unwrap(), ..june() };
    assert!(case.accepted(&before).signer().expiry.is_some());
    assert!(matches!(case.refused(&june()), Refusal::Expired { .. }));
    let lax = case.policy(json!({"signatureVerification":
        {"level": "strict", "override": {"expiry": "log"}}}));
    let accepted = lax.accepted(&june());
    assert_eq!(accepted.logged().len(), 1);
    assert_eq!(accepted.logged()[0].check, Check::Expiry);
    assert!(accepted.is_authentic());
}

#[test]
fn without_a_timestamp_certificates_must_be_valid_now() {
    let case = Case::new();
    for now in ["2025-12-31T00:00:00Z", "2027-01-02T00:00:00Z"] {
        let later = Circumstances { now: now.parse().unwrap(), ..june() };
        assert!(matches!(case.refused(&later), Refusal::NotValidNow { .. }), "{now}");
    }
    let later = Circumstances { now: "2027-01-02T00:00:00Z".parse().unwrap(), ..june() };
    let lax = case.policy(json!({"signatureVerification": {"level": "permissive"}}));
    assert!(matches!(
        lax.accepted(&later).logged()[0].doubt,
        Doubt::Refused(Refusal::NotValidNow { .. })
    ));
}

#[test]
fn under_audit_anybody_may_have_signed() {
    let mut stranger = Case::new();
    stranger.stores = stores(&[("ca:acme", certificate(&Chain::new().root.der))]);
    let case = stranger.policy(json!({"signatureVerification": {"level": "audit"}}));
    let accepted = case.accepted(&june());
    assert!(!accepted.is_authentic());
    assert!(matches!(accepted.logged()[0].doubt, Doubt::Refused(Refusal::Untrusted { .. })));
}

#[test]
fn critical_attributes_that_nobody_knows_are_refused() {
    let mut header = header("ES256");
    header["com.example.rule"] = json!("7");
    let case = Case::of(&Chain::new(), &header);
    assert!(case.accepted(&june()).is_authentic());
    header["crit"] = json!([SCHEME, "com.example.rule"]);
    let case = Case::of(&Chain::new(), &header);
    assert!(matches!(case.refused(&june()), Refusal::UnknownCriticalAttribute { .. }));
    let audit = case.policy(json!({"signatureVerification": {"level": "audit"}}));
    assert!(matches!(audit.refused(&june()), Refusal::UnknownCriticalAttribute { .. }));
}

/// A chain whose leaf names a CRL.
fn revocable() -> Chain {
    let mut params = leaf();
    let uris = vec!["http://127.0.0.1/crl".to_owned()];
    params.crl_distribution_points = vec![CrlDistributionPoint { uris }];
    Chain::with_leaf(KeyAlgorithm::P256, params)
}

#[test]
fn what_may_be_revoked_has_to_be_asked() {
    let case = Case::of(&revocable(), &header("ES256"));
    let subject = "CN=ci,OU=build,O=acme,ST=WA,C=US".to_owned();
    let question = RevocationQuestion::Certificates(vec![subject]);
    assert_eq!(case.intact.revocation_question(), question);
    assert!(matches!(case.undetermined(&june()), Undetermined::Revocation { .. }));
    let answer = |revocation| Circumstances { revocation, ..june() };
    let broken = answer(Revocation::CouldNotFindOut { why: "no network".to_owned() });
    assert_eq!(case.undetermined(&broken), Undetermined::Revocation { why: "no network".into() });
    assert!(case.accepted(&answer(Revocation::Checked)).logged().is_empty());
    let revoked = answer(Revocation::Revoked { what: vec!["CN=ci".to_owned()] });
    assert!(matches!(case.refused(&revoked), Refusal::Revoked { .. }));
    let with = |action: &str| {
        let over = json!({"level": "strict", "override": {"revocation": action}});
        Case::of(&revocable(), &header("ES256")).policy(json!({ "signatureVerification": over }))
    };
    let other = Case { stores: TrustStores::new(), ..with("skip") };
    assert!(matches!(other.refused(&revoked), Refusal::StoreMissing { .. }));
    assert_eq!(with("log").accepted(&june()).logged().len(), 1);
    assert_eq!(with("skip").accepted(&revoked).logged().len(), 0);
}

#[test]
fn what_cannot_be_revoked_needs_no_answer() {
    let case = Case::new();
    assert_eq!(case.intact.revocation_question(), RevocationQuestion::Nothing);
    let broken = Revocation::CouldNotFindOut { why: "no network".to_owned() };
    let circumstances = Circumstances { revocation: broken, ..june() };
    assert!(case.accepted(&circumstances).logged().is_empty());
    // Where to fetch the issuer's certificate is no place to ask about revocation; OCSP is.
    let access = |method: u8| {
        let content =
            [&[0x30, 14, 0x30, 12, 6, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, method][..], &[0x86, 0]]
                .concat();
        let mut params = leaf();
        params.custom_extensions = vec![extension(&[1, 3, 6, 1, 5, 5, 7, 1, 1], content, false)];
        Case::of(&Chain::with_leaf(KeyAlgorithm::P256, params), &header("ES256"))
    };
    assert_eq!(access(2).intact.revocation_question(), RevocationQuestion::Nothing);
    assert_ne!(access(1).intact.revocation_question(), RevocationQuestion::Nothing);
}

#[test]
fn a_signature_of_aws_signer_counts_when_it_is_not_revoked() {
    let case = Case::aws(&aws_header());
    let RevocationQuestion::AwsSigner(query) = case.intact.revocation_question() else {
        panic!("AWS Signer has to be asked");
    };
    assert_eq!(query.profile_version_arn, format!("{PROFILE}/Ver1"));
    assert_eq!(
        (query.region.as_str(), query.platform_id),
        ("eu-west-1", "Notation-OCI-SHA384-ECDSA")
    );
    let hashes: Vec<&str> = query.certificate_hashes.iter().map(String::as_str).collect();
    let [leaf, ca, root] = hashes[..] else { panic!("{hashes:?}") };
    assert_eq!((leaf.len(), &leaf[96..], &ca[96..]), (192, &ca[..96], &root[..96]));
    assert_eq!(root[..96], root[96..]);
    assert!(matches!(case.undetermined(&june()), Undetermined::Revocation { .. }));
    let checked = Circumstances { revocation: Revocation::Checked, ..june() };
    let accepted = case.accepted(&checked);
    assert_eq!(accepted.signer().identity.as_deref(), Some(PROFILE));
    let job = accepted.signer().job.clone().unwrap();
    assert_eq!(job.profile_arn(), PROFILE);
    // The leaf has expired since, but the authority says that it signed in time.
    let late = Circumstances { now: "2028-01-01T00:00:00Z".parse().unwrap(), ..checked };
    assert!(case.accepted(&late).is_authentic());
}

/// The time of an authority is authentic by itself.
#[test]
fn an_authority_needs_no_timestamp() {
    let checked = Circumstances { revocation: Revocation::Checked, ..june() };
    let case = Case::aws(&aws_header()).policy(json!({
        "trustStores": ["signingAuthority:aws-signer-ts", "tsa:stamp"],
        "trustedIdentities": [PROFILE],
    }));
    assert_eq!(case.accepted(&checked).signer().timestamp, None);
}

#[test]
fn other_profiles_of_aws_signer_are_refused() {
    let checked = Circumstances { revocation: Revocation::Checked, ..june() };
    for identity in [&PROFILE.replace("Build", "Other"), "*", SUBJECT] {
        let case = Case::aws(&aws_header()).policy(json!({
            "trustStores": ["signingAuthority:aws-signer-ts"], "trustedIdentities": [identity],
        }));
        assert!(matches!(case.refused(&checked), Refusal::Identity { .. }), "{identity}");
    }
}

#[test]
fn an_authority_that_signed_out_of_time_is_refused() {
    let mut header = aws_header();
    header["io.cncf.notary.authenticSigningTime"] = json!("2025-05-01T00:00:00Z");
    let checked = Circumstances { revocation: Revocation::Checked, ..june() };
    let case = Case::aws(&header);
    assert!(matches!(case.refused(&checked), Refusal::NotValidWhenSigned { .. }));
}

#[test]
fn plugins_are_played_or_named() {
    let checked = Circumstances { revocation: Revocation::Checked, ..june() };
    let plugin = "io.cncf.notary.verificationPlugin";
    let mut header = aws_header();
    header[plugin] = json!("com.example.plugin");
    let mut case = Case::aws(&header).policy(json!({
        "trustStores": ["signingAuthority:aws-signer-ts"], "trustedIdentities": ["*"],
    }));
    assert!(matches!(case.undetermined(&checked), Undetermined::Plugin { .. }));
    // A stranger's signature is refused, whatever plugin it asks for.
    case.stores =
        stores(&[("signingAuthority:aws-signer-ts", certificate(&Chain::new().root.der))]);
    let verdict = case.judge(&checked);
    assert!(matches!(verdict, Verdict::Refused { .. }), "{verdict:?}");
    let newer = "io.cncf.notary.verificationPluginMinVersion";
    let mut header = aws_header();
    header[newer] = json!("1.0.351");
    header["crit"].as_array_mut().unwrap().push(json!(newer));
    let case = Case::aws(&header).policy(json!({
        "trustStores": ["signingAuthority:aws-signer-ts"], "trustedIdentities": ["*"],
    }));
    assert!(matches!(case.undetermined(&checked), Undetermined::PluginVersion { .. }));
    let mut header = aws_header();
    header["com.amazonaws.signer.signingJob"] = json!("");
    let case = Case::aws(&header).policy(json!({
        "trustStores": ["signingAuthority:aws-signer-ts"], "trustedIdentities": ["*"],
    }));
    assert!(matches!(case.refused(&checked), Refusal::Attribute { .. }));
}

#[test]
fn aws_signers_plugin_is_not_played_for_publishers() {
    let mut header = aws_header();
    header["alg"] = json!("ES256");
    let time = header["io.cncf.notary.authenticSigningTime"].take();
    header.as_object_mut().unwrap().remove("io.cncf.notary.authenticSigningTime");
    header["io.cncf.notary.signingTime"] = time;
    header[SCHEME] = json!("notary.x509");
    let critical = header["crit"].as_array_mut().unwrap();
    critical.retain(|name| name != "io.cncf.notary.authenticSigningTime");
    let case = Case::of(&Chain::new(), &header);
    assert!(matches!(case.refused(&june()), Refusal::PluginScheme { .. }));
}

#[test]
fn every_reason_is_told() {
    let mut header = header("ES256");
    header[EXPIRY] = json!("2026-05-02T00:00:00Z");
    header["crit"] = json!([SCHEME, EXPIRY]);
    let mut case = Case::of(&revocable(), &header);
    case.stores = stores(&[("ca:acme", certificate(&Chain::new().root.der))]);
    case.statement = policy(json!({"trustedIdentities": ["x509.subject: C=DE, ST=BE, O=other"]}));
    let late = Circumstances { now: "2028-01-01T00:00:00Z".parse().unwrap(), ..june() };
    let verdict = case.judge(&late);
    let Verdict::Refused { reasons, undetermined } = verdict else { panic!("{verdict:?}") };
    let codes: Vec<&str> = reasons.iter().map(Refusal::code).collect();
    let expected = [
        "notation-root-untrusted",
        "notation-identity-untrusted",
        "notation-expired",
        "notation-certificate-not-valid",
    ];
    assert_eq!(codes, expected);
    let codes: Vec<&str> = undetermined.iter().map(Undetermined::code).collect();
    assert_eq!(codes, ["notation-revocation-unknown"]);
}

#[test]
fn stores_take_only_what_can_be_trusted() {
    let chain = Chain::new();
    let mut stores = TrustStores::new();
    let [ca, tsa] = ["ca:acme", "tsa:acme"].map(|name| name.parse::<StoreName>().unwrap());
    assert_eq!((ca.kind(), ca.name()), (StoreKind::Ca, "acme"));
    let mut add = |store: &StoreName, der: &[u8]| stores.add(store, vec![certificate(der)]);
    assert_eq!(add(&ca, &chain.root.der), Ok(()));
    assert_eq!(add(&ca, &chain.ca.der), Ok(()));
    assert_eq!(add(&tsa, &chain.root.der), Ok(()));
    for (store, der) in [(&ca, &chain.leaf.der), (&tsa, &chain.leaf.der), (&tsa, &chain.ca.der)] {
        let error = add(store, der).unwrap_err();
        assert!(matches!(error, TrustStoreError::Unsuitable { .. }), "{error}");
    }
    let alone = crate::authority::Party::self_signed(KeyAlgorithm::P256, leaf());
    assert_eq!(add(&ca, &alone.der), Ok(()));
    assert!(add(&tsa, &alone.der).is_err());
    let error = stores.add(&ca, Vec::new()).unwrap_err();
    assert!(matches!(error, TrustStoreError::Empty { .. }), "{error}");
    let root = crate::authority::Party::self_signed(KeyAlgorithm::P256, authority("root"));
    let error = stores.add(&ca, vec![certificate(&root.der); 1001]).unwrap_err();
    assert!(matches!(error, TrustStoreError::TooMany { .. }), "{error}");
}
