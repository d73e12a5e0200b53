//! AWS Signer, and ECR's own signing with it.

use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use boltseal_core::media_type;
use serde_json::{Value, json};

use super::client::{Answer, Sent, call, send, session};
use crate::cloud::{Cloud, EcrRegistry, Options, ProfileStatus, Service, SigningProfile, Spoiling};

const PROFILE: &str = "arn:aws:signer:us-east-1:111122223333:/signing-profiles/release";
const PAYLOAD: &str = r#"{"targetArtifact":{"digest":"sha256:x"}}"#;

fn sign(cloud: &Cloud, change: (&str, Value)) -> Answer {
    let mut input = json!({
        "profileName": "release",
        "payload": STANDARD.encode(PAYLOAD),
        "payloadFormat": "application/vnd.cncf.notary.payload.v1+json",
    });
    input[change.0] = change.1;
    let body = input.to_string();
    let more = [("Content-Type", "application/json")];
    let target = "/signing-jobs/with-payload";
    let sent = Sent { method: "POST", target, more: &more, body: &body };
    send(cloud, &session(cloud, None), Service::Signer, &sent)
}

fn good(cloud: &Cloud) -> Answer {
    sign(cloud, ("profileOwner", Value::Null))
}

fn envelope(answer: &Answer) -> Value {
    let signature = answer.json()["signature"].as_str().unwrap().to_owned();
    serde_json::from_slice(&STANDARD.decode(signature).unwrap()).unwrap()
}

fn text<'a>(envelope: &'a Value, name: &str) -> &'a str {
    envelope[name].as_str().unwrap()
}

/// Whether the leaf's key, which ends its `SubjectPublicKeyInfo`, made the signature.
fn holds(envelope: &Value) -> bool {
    let leaf = STANDARD.decode(envelope["header"]["x5c"][0].as_str().unwrap()).unwrap();
    let signed = format!("{}.{}", text(envelope, "protected"), text(envelope, "payload"));
    let signature = URL_SAFE_NO_PAD.decode(text(envelope, "signature")).unwrap();
    // A point of P-384, uncompressed, in a bit string.
    let mark = [0x03, 0x62, 0x00, 0x04];
    let at = leaf.windows(4).position(|it| it == mark).unwrap() + 3;
    let key = UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, &leaf[at..at + 97]);
    key.verify(signed.as_bytes(), &signature).is_ok()
}

#[test]
fn an_envelope_holds_what_was_sent_and_is_signed_by_its_leaf() {
    let cloud = Cloud::start(Options::default()).unwrap();
    let answer = good(&cloud);
    let envelope = envelope(&answer);
    assert!(holds(&envelope));
    let decode = |name: &str| URL_SAFE_NO_PAD.decode(text(&envelope, name)).unwrap();
    assert_eq!(decode("payload"), PAYLOAD.as_bytes());
    let protected: Value = serde_json::from_slice(&decode("protected")).unwrap();
    let job = format!(":/signing-jobs/{}", answer.json()["jobId"].as_str().unwrap());
    assert!(text(&protected, "com.amazonaws.signer.signingJob").ends_with(&job));
    let version = text(&protected, "com.amazonaws.signer.signingProfileVersion");
    assert_eq!(version, format!("{PROFILE}/a1B2c3D4e5"));
    let chain = envelope["header"]["x5c"].as_array().unwrap();
    assert_eq!(chain.len(), 3);
    let root: String = cloud.signer_root().lines().filter(|it| !it.starts_with("---")).collect();
    assert_eq!(root, chain[2].as_str().unwrap());
}

#[test]
fn what_cannot_be_signed_is_refused() {
    let mut options = Options::default();
    let status = ProfileStatus::Canceled;
    options.profiles.push(SigningProfile { status, ..SigningProfile::new("old") });
    let cloud = Cloud::start(options).unwrap();
    let long = STANDARD.encode([0; 4097]);
    for (name, value, status) in [
        ("profileName", json!("other"), 404),
        ("profileName", json!("old"), 400),
        ("profileOwner", json!("999922223333"), 404),
        ("payloadFormat", json!("text/plain"), 400),
        ("payload", json!(long), 400),
        ("payload", json!("?"), 400),
        ("payload", json!(""), 400),
    ] {
        assert_eq!(sign(&cloud, (name, value.clone())).status, status, "{name} {value}");
    }
    let nothing = Cloud::start(Options::default().release_may(Vec::new())).unwrap();
    let denied = good(&nothing);
    assert_eq!(denied.status, 403);
    assert!(denied.text.contains(&format!("signer:SignPayload on resource: {PROFILE}")));
}

#[test]
fn an_envelope_can_be_spoilt() {
    let cloud = Cloud::start(Options::default()).unwrap();
    cloud.spoil_envelopes(Some(Spoiling::BadSignature));
    assert!(!holds(&envelope(&good(&cloud))));
    cloud.spoil_envelopes(Some(Spoiling::OtherPayload));
    let other = envelope(&good(&cloud));
    assert!(holds(&other) && text(&other, "payload") != URL_SAFE_NO_PAD.encode(PAYLOAD));
    cloud.spoil_envelopes(Some(Spoiling::NoRoot));
    let short = envelope(&good(&cloud));
    assert_eq!(short["header"]["x5c"].as_array().map(Vec::len), Some(2));
}

#[test]
fn what_is_revoked_is_told() {
    let cloud = Cloud::start(Options::default()).unwrap();
    let ask = |job: &str, hash: &str| {
        let version = crate::registry::encode(&format!("{PROFILE}/a1B2c3D4e5"));
        let target = format!(
            "/revocations?certificateHashes={hash}&jobArn={job}&\
             platformId=Notation-OCI-SHA384-ECDSA&profileVersionArn={version}&\
             signatureTimestamp=2026-01-01T00%3A00%3A00Z"
        );
        let sent = Sent { method: "GET", target: &target, more: &[], body: "" };
        send(&cloud, &session(&cloud, None), Service::Signer, &sent)
    };
    let hash = "ab".repeat(96);
    assert_eq!(ask("job", &hash).json()["revokedEntities"], json!([]));
    cloud.revoke("job");
    assert_eq!(ask("job", &hash).json()["revokedEntities"], json!(["job"]));
    cloud.revoke(&hash);
    assert_eq!(ask("other", &hash).json()["revokedEntities"], json!([hash]));
    assert_eq!(ask("job", "ab").status, 400);
}

#[test]
fn a_registry_that_signs_by_itself_does_so_after_a_while() {
    let rules = |filter: &str| {
        vec![json!({"signingProfileArn": PROFILE,
            "repositoryFilters": [{"filter": filter, "filterType": "WILDCARD_MATCH"}]})]
    };
    let start = |filter: &str, options: Options| {
        let registry = EcrRegistry { signing_rules: rules(filter), ..EcrRegistry::default() };
        Cloud::start(Options { registry, ..options }).unwrap()
    };
    let ask = |cloud: &Cloud| {
        let store = cloud.registry().store();
        let image = store.put_manifest("team/app", "{}".into(), media_type::OCI_MANIFEST);
        let input = json!({"repositoryName": "team/app", "imageId": {"imageDigest": image}});
        let operation = (Service::Ecr, "DescribeImageSigningStatus");
        let answer = call(cloud, &session(cloud, None), operation, &input).json();
        (answer["signingStatuses"].clone(), store.referrers_of("team/app", &image))
    };
    let cloud = start("team/*", Options::default());
    assert_eq!(ask(&cloud).0[0]["status"], "IN_PROGRESS");
    let (statuses, referrers) = ask(&cloud);
    assert_eq!(statuses, json!([{"signingProfileArn": PROFILE, "status": "COMPLETE"}]));
    assert_eq!(ask(&cloud).1.len(), 1, "once");
    let kind = referrers[0].artifact_type.as_deref();
    assert_eq!(kind, Some("application/vnd.cncf.notary.signature"));

    assert_eq!(ask(&start("other/*", Options::default())).0, json!([]));

    let may = json!({"Statement": [{"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}]});
    let cloud = start("*", Options::default().release_may(vec![may]));
    ask(&cloud);
    let (statuses, referrers) = ask(&cloud);
    assert_eq!(statuses[0]["status"], "FAILED");
    let reason = statuses[0]["failureReason"].as_str().unwrap();
    assert!(reason.contains("signer:SignPayload") && referrers.is_empty(), "{reason}");
}
