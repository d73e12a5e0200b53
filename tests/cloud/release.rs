//! Whole releases, from a job's token to the tag.

use std::fs;

use boltseal_testkit::cloud::{EcrRegistry, ScanStep, ScanType};
use boltseal_testkit::cloud::{Finding, Findings, Options};
use serde_json::{Value, json};

use crate::account::{ACCOUNT, options};
use crate::bundle::Signed;
use crate::cosign::Cosign;
use crate::finished::Finished;
use crate::job::{Job, NAME};
use crate::key::Key;
use boltseal_core::Severity;

const ALL: &str = "signature,provenance,sbom,vuln,vsa";

/// The predicate types of a whole set, sorted.
const KINDS: [&str; 5] = [
    "https://cosign.sigstore.dev/attestation/vuln/v1",
    "https://cyclonedx.org/bom",
    "https://sigstore.dev/cosign/sign/v1",
    "https://slsa.dev/provenance/v1",
    "https://slsa.dev/verification_summary/v1",
];

#[test]
fn a_job_of_github_releases() {
    let (job, key) = (Job::new(options()), Key::p256());
    let released = job.github(&job.release(&key, &[])).exits(0).json();
    let calls = job.cloud.calls();
    released_whole(&job, &key, &released);
    let external = &released["provenance"]["buildDefinition"]["externalParameters"];
    let workflow = json!({"repository": "https://github.com/acme/app", "ref": "refs/heads/main"});
    assert_eq!(external["workflow"], workflow);
    assert_source_can_be_demanded(&job);
    let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/release/boltseal-7-2");
    let named = calls.iter().filter_map(|it| it.session.as_ref());
    assert!(named.clone().count() > 0 && named.clone().all(|it| *it == session), "{calls:?}");
}

#[test]
fn a_job_of_gitlab_releases() {
    let (job, key) = (Job::new(options()), Key::p256());
    let released = job.gitlab(&job.release(&key, &[])).exits(0).json();
    released_whole(&job, &key, &released);
}

#[test]
fn a_finished_release_is_found_finished() {
    let (job, key) = (Job::new(options()), Key::p256());
    job.github(&job.release(&key, &[])).exits(0);
    job.cloud.reset_recording();
    let again = job.github(&job.release(&key, &[])).exits(0).json();
    assert_eq!(again["outcome"], "already-released");
    assert_eq!(job.cloud.registry().counts().writes, 0);
    let signed = job.cloud.calls().into_iter().filter(|it| it.operation == "Sign").count();
    assert_eq!(signed, 0, "nothing is signed again");
}

#[test]
fn keys_of_every_kind_sign() {
    for (spec, hash) in
        [("ECC_NIST_P384", "-sha384"), ("ECC_NIST_P521", "-sha512"), ("RSA_3072", "-sha256")]
    {
        let (job, key) = (Job::new(options()), Key::new(spec, "SIGN_VERIFY"));
        job.github(&job.release(&key, &[])).exits(0);
        signed_by(&job, &key, hash);
    }
}

/// A policy that names the source that the token named is met, and one with another is not.
fn assert_source_can_be_demanded(job: &Job) {
    for (repository, code) in [("https://github.com/acme/app", 0), ("https://github.com/x/y", 11)] {
        let policy = format!(
            "require = [\"provenance\"]\n[[signer]]\nname = \"ci\"\nkey = \"key.pub\"\n\
             [source]\nrepository = \"{repository}\"\nrefs = [\"refs/heads/main\"]\n"
        );
        fs::write(job.path().join("policy.toml"), policy).expect("a file in the job's folder");
        let words = ["verify", &job.tagged("1.0"), "--policy", "policy.toml"].map(str::to_owned);
        job.run(&job.cloud.session_variables("release", 3600), &words).exits(code);
    }
}

/// All five pieces, each signed by the key of KMS by openssl's word; boltseal and cosign agree.
fn released_whole(job: &Job, key: &Key, released: &Value) {
    assert_eq!(released["outcome"], "released", "{released}");
    assert_eq!(job.tag("1.0"), Some(job.image.digest()));
    signed_by(job, key, "-sha256");
    verified(job, key).exits(0);
    accepted_by_cosign(job, key);
}

fn signed_by(job: &Job, key: &Key, hash: &str) {
    let signed = Signed::about(&job.cloud.registry().store(), NAME, &job.image.digest());
    let mut kinds: Vec<_> = signed.iter().map(|it| it.predicate_type.as_str()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, KINDS);
    let (public, other) = (key.public(), Key::p256().public());
    for one in &signed {
        assert!(one.is_by(&public, hash), "{}", one.predicate_type);
        assert!(!one.is_by(&other, hash), "{}", one.predicate_type);
    }
}

/// `boltseal verify` with the public key alone.
fn verified(job: &Job, key: &Key) -> Finished {
    fs::write(job.path().join("key.pub"), key.public()).expect("a file in the job's folder");
    let tagged = job.tagged("1.0");
    let words = ["verify", &tagged, "--key", "key.pub", "--require", ALL, "--format", "json"];
    let words: Vec<_> = words.map(str::to_owned).to_vec();
    job.run(&job.cloud.session_variables("release", 3600), &words)
}

fn accepted_by_cosign(job: &Job, key: &Key) {
    let cosign = Cosign::new(&job.cloud);
    cosign.verify(key, NAME, &job.image.digest()).exits(0);
    let refused = cosign.verify(&Key::p256(), NAME, &job.image.digest());
    assert_ne!(refused.code, 0, "another key is not taken");
}

/// ECR's own scan, which has no answer at first, then an unfinished one, then one that says it is
/// finished and is not; what it finds in the end decides.
#[test]
fn the_scan_of_ecr_is_waited_for() {
    let rule = json!({
        "scanFrequency": "SCAN_ON_PUSH",
        "repositoryFilters": [{"filter": "team/*", "filterType": "WILDCARD"}],
    });
    let (scan_type, scanning_rules) = (ScanType::Enhanced, vec![rule]);
    let registry = EcrRegistry { scan_type, scanning_rules, ..EcrRegistry::default() };
    for (severity, code) in [(Severity::Low, 0), (Severity::Critical, 10)] {
        let (job, key) =
            (Job::new(Options { registry: registry.clone(), ..options() }), Key::p256());
        let found = Finding::new("CVE-2026-1", severity, "libc6", "2.36-9");
        job.cloud.script_scan(
            NAME,
            vec![
                ScanStep::NotFound,
                ScanStep::Status("PENDING".to_owned()),
                ScanStep::FinishedTooEarly,
                ScanStep::Finished(Findings::new(vec![found])),
            ],
        );
        let released = job.github(&job.release_gated(&key, &["--scan", "ecr"])).exits(code).json();
        assert_eq!(released["pushed"], true, "{released}");
        assert_eq!(job.tag("1.0").is_some(), code == 0);
        let evidence = Signed::about(&job.cloud.registry().store(), NAME, &job.image.digest());
        assert_eq!(evidence.len(), if code == 0 { 5 } else { 0 });
    }
}

/// Inspector's scan of the inventory refuses before anything is pushed.
#[test]
fn the_scan_of_inspector_comes_before_the_push() {
    let (job, key) = (Job::new(options()), Key::p256());
    let words = job.release_gated(&key, &["--scan", "inspector"]);
    job.github(&words).exits(0);

    let job = Job::new(options());
    job.cloud.know("CVE-2026-1", "libc6", Severity::Critical);
    let refused = job.github(&job.release_gated(&key, &["--scan", "inspector"])).exits(10).json();
    assert_eq!(refused["pushed"], false, "{refused}");
    job.left_nothing();
}
