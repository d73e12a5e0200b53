//! boltseal's own adapters, one by one, under exactly the policy that they print.

use std::sync::Arc;
use std::time::Duration;

use boltseal_aws::{
    Aws, AwsEnvironment, AwsOptions, AwsSigner, EcrHost, EcrRegistry, EcrScanner, InspectorScanner,
    KmsSigner, LivePosture, ManagedSigning, ReleaseScope, RevocationQuery, RoleRequest, ScanAccess,
    Session, posture_policy, release_policy, revoked_entities, session_policy,
};
use boltseal_ci::detect_identity;
use boltseal_core::Severity;
use boltseal_ports::{
    BlobPresence as _, Clock, PostureScope, PostureSource as _, RegistryLogin as _, ScanInput,
    Scanner as _, Signer as _,
};
use boltseal_testkit::cloud::{
    Cloud, EcrRegistry as Settings, Finding, Findings, Options, ScanStep,
};
use boltseal_testkit::image::debian_like;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::account::{REGION, options};
use crate::key::Key;
use crate::openssl;

const NAME: &str = "team/app";

struct Now;

impl Clock for Now {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// What the release in this file touches.
fn scope(cloud: &Cloud, key: &Key) -> ReleaseScope {
    ReleaseScope {
        registry: EcrHost::parse(&cloud.registry_host()).expect("a host of ECR"),
        repository: NAME.to_owned(),
        sources: Vec::new(),
        keys: vec![boltseal_aws::KeyResource::Key(key.arn.parse().expect("an ARN"))],
        profiles: vec![cloud.profile_arn("release").parse().expect("an ARN")],
        scans: vec![ScanAccess::Ecr, ScanAccess::Inspector],
        roles: vec![cloud.role_arn("release").parse().expect("an ARN")],
    }
}

/// A session of a job of GitHub, narrowed to this release.
fn session(cloud: &Cloud, key: &Key) -> Session {
    let variables = cloud.github_job();
    let variable = |name: &str| {
        let found = variables.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone())
    };
    let aws = Aws::new(AwsOptions {
        environment: AwsEnvironment::of(variable).expect("a good environment"),
        user_agent: "test".to_owned(),
        patience: Duration::from_secs(20),
        clock: Arc::new(Now),
    });
    let identity = detect_identity(variable, "BOLTSEAL_ID_TOKEN").expect("a job of GitHub");
    let request = RoleRequest {
        role: cloud.role_arn("release").parse().expect("an ARN"),
        audience: None,
        name: "boltseal-7-2".to_owned(),
        policy: Some(session_policy(&scope(cloud, key)).expect("it fits").json),
        lifetime: Duration::from_hours(1),
    };
    let region = REGION.parse().expect("a region");
    Session::of_role(&aws.expect("a client"), &region, Arc::from(identity), request).expect("one")
}

/// An account whose role may do what is printed for the release, and no more.
fn account(key: &Key, with: Options) -> Cloud {
    let open = Cloud::start(options()).expect("good policies");
    let scope = scope(&open, key);
    let policies = [release_policy(&scope), posture_policy(&scope)];
    let policies = policies.iter().map(boltseal_aws::IamPolicy::to_document).collect();
    Cloud::start(with.release_may(policies)).expect("good policies")
}

fn denied(cloud: &Cloud) -> Vec<String> {
    let uses = cloud.permissions().into_iter().filter(|it| !it.allowed);
    uses.map(|it| format!("{} on {}", it.action, it.resource)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_registry_and_the_key() {
    let key = Key::p256();
    let cloud = account(&key, options());
    let session = session(&cloud, &key);
    let host = EcrHost::parse(&cloud.registry_host()).expect("a host of ECR");
    let registry = EcrRegistry::new(&session, &host, NAME);
    let login = registry.login().await.expect("a login");
    assert_eq!(login.username, "AWS");
    let image = debian_like();
    image.push_into(cloud.registry(), NAME, None);
    let layers: Vec<_> = cloud.registry().store().blobs(NAME);
    let absent = boltseal_core::Digest::sha256_of(b"absent");
    let asked = [&layers[..], std::slice::from_ref(&absent)].concat();
    let present = registry.present(&asked).await.expect("an answer");
    assert_eq!(present.into_iter().collect::<Vec<_>>(), layers);
    registry.facts().await.expect("the settings of the repository");
    assert!(registry.pushed_at(&image.digest()).await.expect("an answer").is_some());

    let uri = key.uri().parse().expect("a key's URI");
    let by_alias = KmsSigner::new(&session, &uri, Some(&REGION.parse().expect("a region")));
    let refused = by_alias.expect("a signer").sign(b"message").await;
    refused.expect("the key's ARN is allowed, by whatever name it is asked for");
    let uri = format!("awskms:///{}", key.arn).parse().expect("a key's URI");
    let signer = KmsSigner::new(&session, &uri, None).expect("a signer");
    let signature = signer.sign(b"message").await.expect("a signature");
    assert!(openssl::verifies(&key.public(), "-sha256", b"message", &signature));
    assert_eq!(denied(&cloud), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scanners() {
    let key = Key::p256();
    let cloud = account(&key, options());
    let session = session(&cloud, &key);
    let host = EcrHost::parse(&cloud.registry_host()).expect("a host of ECR");
    let registry = EcrRegistry::new(&session, &host, NAME);
    let digest = debian_like().push_into(cloud.registry(), NAME, None);
    let found = Finding::new("CVE-2026-1", Severity::High, "libc6", "2.36");
    let findings = Findings::new(vec![found; 150]);
    cloud.script_scan(NAME, vec![ScanStep::NotStarted, ScanStep::Finished(findings)]);
    let scanner = EcrScanner::new(&session, &registry);
    scanner.start(&digest).await.expect("a scan that begins");
    let report = scanner.report(ScanInput::Pushed(&digest)).await.expect("a report");
    let report: Value = serde_json::from_slice(&report.bytes).expect("JSON");
    let pages = report.as_array().expect("pages").iter();
    let listed = pages.filter_map(|it| it["imageScanFindings"]["findings"].as_array());
    assert_eq!(listed.map(Vec::len).sum::<usize>(), 150);

    cloud.know("CVE-2026-2", "libc6", Severity::Critical);
    let inventory = json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [
        {"type": "library", "bom-ref": "a", "name": "libc6", "version": "2.36",
            "purl": "pkg:deb/debian/libc6@2.36"}]});
    let inspector = InspectorScanner::new(&session, &REGION.parse().expect("a region"));
    let bytes = inventory.to_string().into_bytes();
    let report = inspector.report(ScanInput::Sbom(&bytes)).await.expect("a report");
    assert!(String::from_utf8_lossy(&report.bytes).contains("CVE-2026-2"));
    assert_eq!(denied(&cloud), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_by_profile() {
    let key = Key::p256();
    let profile = Cloud::start(options()).expect("good policies").profile_arn("release");
    let rules = vec![json!({"signingProfileArn": profile})];
    let registry = Settings { signing_rules: rules, ..Settings::default() };
    let cloud = account(&key, Options { registry, ..options() });
    let session = session(&cloud, &key);
    let signer = AwsSigner::new(&session, &profile.parse().expect("an ARN")).expect("a signer");
    let answer = signer.sign_payload(br#"{"targetArtifact":{}}"#).await.expect("an envelope");
    assert!(answer.envelope.starts_with(b"{"));

    let host = EcrHost::parse(&cloud.registry_host()).expect("a host of ECR");
    let registry = EcrRegistry::new(&session, &host, NAME);
    let managed = ManagedSigning::new(&session, &registry);
    let profiles = managed.profiles().await.expect("a configuration");
    assert_eq!(profiles.iter().map(ToString::to_string).collect::<Vec<_>>(), [&*profile]);
    let digest = debian_like().push_into(cloud.registry(), NAME, None);
    for _ in 0..2 {
        managed.status(&digest).await.expect("a status");
    }
    assert_eq!(cloud.registry().store().referrers_of(NAME, &digest).len(), 1);
    assert_eq!(denied(&cloud), [""; 0]);

    let query = RevocationQuery {
        signed_at: Timestamp::now(),
        profile_version: format!("{profile}/a1B2c3D4e5").parse().expect("an ARN"),
        job: answer.job.parse().unwrap_or_else(|_| profile.parse().expect("an ARN")),
        certificate_hashes: vec!["ab".repeat(96)],
    };
    // A release may not ask that; a verification with its own credentials may.
    assert!(revoked_entities(&session, &query).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_document_of_posture() {
    let key = Key::p256();
    let cloud = account(&key, options());
    let session = session(&cloud, &key);
    let host = EcrHost::parse(&cloud.registry_host()).expect("a host of ECR");
    let documents = LivePosture::new(&session, &host)
        .documents(&PostureScope {
            repository: NAME.to_owned(),
            keys: vec![key.arn.clone()],
            roles: vec![cloud.role_arn("release")],
            ..PostureScope::default()
        })
        .await;
    assert!(documents.len() >= 8, "{documents:?}");
    for document in &documents {
        if let Err(refusal) = &document.answer {
            assert!(refusal.code.ends_with("NotFoundException"), "{document:?}");
        }
    }
    assert_eq!(denied(&cloud), [""; 0]);
}
