//! Against the testkit's account, which checks every signature and evaluates every policy: what
//! the policies say is enough for what the adapters do.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;
use std::time::Duration;

use boltseal_aws::{
    AccountId, Arn, Aws, AwsEnvironment, AwsErrorKind, AwsOptions, AwsSigner, EcrHost, EcrRegistry,
    EcrScanner, IamPolicy, InspectorScanner, LivePosture, ManagedSigning, ReleaseScope,
    RevocationQuery, RoleRequest, ScanAccess, Session, posture_policy, release_policy,
    revoked_entities, session_name, session_policy,
};
use boltseal_ci::{GITLAB_TOKEN_VARIABLE, Run, detect_identity};
use boltseal_core::Digest;
use boltseal_ports::{
    AccountDetails, BlobPresence, Clock, IdentityProvider, Meter, PostureDepth, PostureScope,
    PostureSource, RegistryLogin, ScanErrorKind, ScanInput, Scanner,
};
use boltseal_testkit::cloud::{Claims, Cloud, Options, Service};
use jiff::Timestamp;
use serde_json::{Value, json};

const REPOSITORY: &str = "team/app";

struct Now;

impl Clock for Now {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A job that reads these variables.
struct Job(Vec<(String, String)>);

impl Job {
    fn variable(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
    }

    fn aws(&self) -> Aws {
        let environment = AwsEnvironment::of(|name| self.variable(name)).unwrap();
        Aws::new(AwsOptions {
            environment,
            user_agent: "test".to_owned(),
            patience: Duration::from_secs(30),
            clock: Arc::new(Now),
        })
        .unwrap()
    }

    fn identity(&self) -> Arc<dyn IdentityProvider> {
        Arc::from(detect_identity(|name| self.variable(name), GITLAB_TOKEN_VARIABLE).unwrap())
    }

    fn session(&self, cloud: &Cloud, policy: Option<String>) -> Session {
        let run = Run::detect(|name| self.variable(name)).unwrap();
        let request = RoleRequest {
            role: cloud.role_arn("release").parse().unwrap(),
            audience: None,
            name: session_name(run.label().as_deref()),
            policy,
            lifetime: Duration::from_hours(1),
        };
        let region = host(cloud).region;
        Session::of_role(&self.aws(), &region, self.identity(), request).unwrap()
    }
}

fn host(cloud: &Cloud) -> EcrHost {
    EcrHost::parse(&cloud.registry_host()).unwrap()
}

fn scope(cloud: &Cloud) -> ReleaseScope {
    ReleaseScope {
        registry: host(cloud),
        repository: REPOSITORY.to_owned(),
        sources: Vec::new(),
        keys: Vec::new(),
        profiles: vec![cloud.profile_arn("release").parse().unwrap()],
        scans: vec![ScanAccess::Ecr, ScanAccess::Inspector],
        roles: vec![cloud.role_arn("release").parse().unwrap()],
    }
}

fn value(policy: &IamPolicy) -> Value {
    policy.to_document()
}

/// A cloud whose role may do what these policies say.
fn cloud_with(policies: impl Fn(&ReleaseScope) -> Vec<IamPolicy>) -> Cloud {
    let scope = scope(&Cloud::start(Options::default()).unwrap());
    let policies = policies(&scope).iter().map(value).collect();
    Cloud::start(Options::default().release_may(policies)).unwrap()
}

fn sbom() -> Vec<u8> {
    let sbom = json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": [
        {"type": "library", "bom-ref": "zlib", "name": "zlib", "version": "1.3",
            "purl": "pkg:deb/debian/zlib@1.3?distro=debian-12"}]});
    sbom.to_string().into_bytes()
}

fn digest() -> Digest {
    Digest::sha256_of(b"not pushed")
}

/// Every call of a release, but those of KMS, which is an emulator's.
async fn release(cloud: &Cloud, session: &Session) {
    let host = host(cloud);
    let account: AccountId = host.account.clone();
    session.guard(&[account]).await.unwrap();
    let registry = EcrRegistry::new(session, &host, REPOSITORY);
    assert_eq!(registry.login().await.unwrap().username, "AWS");
    assert!(registry.present(&[digest()]).await.unwrap().is_empty());
    assert!(registry.facts().await.unwrap().arn.ends_with(REPOSITORY));
    let scanner = EcrScanner::new(session, &registry);
    assert!(scanner.promise().await.unwrap().is_some());
    let error = scanner.report(ScanInput::Pushed(&digest())).await.unwrap_err();
    assert_eq!(error.kind, ScanErrorKind::Invalid, "{error:?}");
    let error = scanner.start(&digest()).await.unwrap_err();
    assert_eq!(error.kind, ScanErrorKind::Invalid, "{error:?}");
    assert_eq!(registry.pushed_at(&digest()).await.unwrap(), None);
    let inspector = InspectorScanner::new(session, &host.region);
    let report = inspector.report(ScanInput::Sbom(&sbom())).await.unwrap();
    assert!(String::from_utf8(report.bytes).unwrap().contains("CycloneDX"));
    let signing = ManagedSigning::new(session, &registry);
    assert!(signing.profiles().await.unwrap().is_empty());
    let profile: Arn = cloud.profile_arn("release").parse().unwrap();
    let signed = AwsSigner::new(session, &profile).unwrap().sign_payload(b"{}").await.unwrap();
    let envelope: Value = serde_json::from_slice(&signed.envelope).unwrap();
    assert!(envelope["header"]["x5c"].is_array());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_release_policy_is_enough_for_a_job_of_github() {
    let cloud = cloud_with(|scope| vec![release_policy(scope)]);
    let policy = session_policy(&scope(&cloud)).unwrap();
    let session = Job(cloud.github_job()).session(&cloud, Some(policy.json));
    release(&cloud, &session).await;
    let denied: Vec<_> = cloud.permissions().into_iter().filter(|it| !it.allowed).collect();
    assert!(denied.is_empty(), "{denied:?}");
    let mut named = cloud.calls().into_iter().filter_map(|it| it.session);
    assert!(named.next_back().unwrap().ends_with("assumed-role/release/boltseal-7-2"));
    // Whatever each service was asked, it was counted, the token's issuer apart.
    assert_eq!(session.aws().traffic().requests(), cloud.calls().len() as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_policy_narrows_a_role_that_may_do_everything() {
    let cloud = Cloud::start(Options::default()).unwrap();
    let mut scope = scope(&cloud);
    scope.scans.clear();
    let policy = session_policy(&scope).unwrap();
    let session = Job(cloud.github_job()).session(&cloud, Some(policy.json));
    let inspector = InspectorScanner::new(&session, &host(&cloud).region);
    let error = inspector.report(ScanInput::Sbom(&sbom())).await.unwrap_err();
    assert_eq!(error.kind, ScanErrorKind::Unauthorised);
    assert!(error.fix.contains("inspector-scan:ScanSbom"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_posture_policy_is_enough_for_every_document_that_the_account_serves() {
    let cloud = cloud_with(|scope| vec![posture_policy(scope)]);
    let session = Job(cloud.github_job()).session(&cloud, None);
    let scope = PostureScope {
        repository: REPOSITORY.to_owned(),
        roles: vec![cloud.role_arn("release")],
        depth: PostureDepth::Release,
        account: AccountDetails::Skip,
        ..PostureScope::default()
    };
    let documents = LivePosture::new(&session, &host(&cloud)).documents(&scope).await;
    let denied: Vec<_> = cloud.permissions().into_iter().filter(|it| !it.allowed).collect();
    assert!(denied.is_empty(), "{denied:?}");
    let role = documents.iter().find(|it| it.name == "get-role").unwrap();
    let role: Value = serde_json::from_slice(role.answer.as_ref().unwrap()).unwrap();
    assert!(role["Role"]["AssumeRolePolicyDocument"]["Statement"].is_array(), "{role}");
    let repository = documents.iter().find(|it| it.name == "describe-repositories").unwrap();
    assert!(repository.answer.is_ok(), "{repository:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_gitlab_is_believed_too_and_another_branch_is_not() {
    let cloud = Cloud::start(Options::default()).unwrap();
    let job = |branch: &str| {
        let claims = Claims::gitlab("acme/app", branch).audience("sts.amazonaws.com");
        Job(cloud.gitlab_job(&claims))
    };
    let session = job("main").session(&cloud, None);
    session.guard(&[]).await.unwrap();
    let error = job("dev").session(&cloud, None).guard(&[]).await.unwrap_err();
    assert_eq!(error.kind, AwsErrorKind::Unauthorised);
    assert!(error.found.contains("ref:dev"), "{error:?}");
    let shown = format!("{error:?} {session:?}");
    for secret in cloud.secrets() {
        assert!(!shown.contains(&secret));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_in_the_middle_is_begun_again() {
    let options = Options { session_lifetime: Some(Duration::from_mins(1)), ..Options::default() };
    let cloud = Cloud::start(options).unwrap();
    let session = Job(cloud.github_job()).session(&cloud, None);
    let registry = EcrRegistry::new(&session, &host(&cloud), REPOSITORY);
    registry.login().await.unwrap();
    cloud.expire_sessions();
    registry.login().await.unwrap();
    let calls = cloud.calls();
    let assumed = calls.iter().filter(|it| it.service == Service::Sts).count();
    assert_eq!(assumed, 2, "{calls:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_revoked_is_told_by_name() {
    let cloud = Cloud::start(Options::default()).unwrap();
    let session = Job(cloud.github_job()).session(&cloud, None);
    let profile: Arn = cloud.profile_arn("release").parse().unwrap();
    let signer = AwsSigner::new(&session, &profile).unwrap();
    let job = signer.sign_payload(b"{}").await.unwrap().job;
    let region = host(&cloud).region;
    let job = format!("arn:aws:signer:{region}:{}:/signing-jobs/{job}", profile.account);
    let query = RevocationQuery {
        signed_at: Timestamp::now(),
        profile_version: format!("{profile}/a1B2c3D4e5").parse().unwrap(),
        job: job.parse().unwrap(),
        certificate_hashes: vec!["a".repeat(192)],
    };
    assert!(revoked_entities(&session, &query).await.unwrap().is_empty());
    cloud.revoke(&job);
    assert_eq!(revoked_entities(&session, &query).await.unwrap(), [job]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_service_is_asked_again() {
    let cloud = Cloud::start(Options::default()).unwrap();
    let session = Job(cloud.github_job()).session(&cloud, None);
    cloud.throttle(Service::Ecr, "GetAuthorizationToken", 2);
    let registry = EcrRegistry::new(&session, &host(&cloud), REPOSITORY);
    registry.login().await.unwrap();
    let logins = cloud.calls().into_iter().filter(|it| it.operation == "GetAuthorizationToken");
    assert_eq!(logins.count(), 3);
}
