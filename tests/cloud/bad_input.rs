//! What is wrong with a release is said, each thing in its own words, and nothing is pushed.

use boltseal_testkit::cloud::{Claims, EcrRepository, Mutability, Options, Service};
use boltseal_testkit::image::{ImageBuilder, LayerBuilder};
use serde_json::{Value, json};

use crate::account::options;
use crate::finished::Finished;
use crate::job::{AUDIENCE, Job, NAME};
use crate::key::Key;

/// What one case must say.
struct Said<'a> {
    code: i32,
    /// The code of the first reason.
    reason: &'a str,
    /// Words that stand in it.
    words: &'a [&'a str],
}

#[track_caller]
fn says(finished: &Finished, said: &Said<'_>) {
    let document = finished.clone().exits(said.code).json();
    let reason = &document["reasons"][0];
    assert_eq!(reason["code"], said.reason, "{document}");
    for member in ["expected", "found", "where", "fix"] {
        assert!(reason[member].as_str().is_some_and(|it| !it.is_empty()), "{member}: {document}");
    }
    for words in said.words {
        assert!(reason.to_string().contains(words), "{words}: {document}");
    }
    assert_eq!(document["tags"].as_array().map(Vec::len).unwrap_or_default(), 0, "{document}");
}

#[test]
fn an_expired_token() {
    let (job, key) = (Job::new(options()), Key::p256());
    let claims = Claims::gitlab("acme/app", "main").audience(AUDIENCE).expired();
    let finished = job.run(&job.cloud.gitlab_job(&claims), &job.release(&key, &[]));
    says(&finished, &Said { code: 22, reason: "identity-expired", words: &["GitLab"] });
    job.left_nothing();
}

#[test]
fn a_wrong_audience() {
    let (job, key) = (Job::new(options()), Key::p256());
    let words = replaced(job.release(&key, &[]), AUDIENCE, "https://elsewhere.example");
    let finished = job.github(&words);
    says(&finished, &Said { code: 22, reason: "aws-unauthorised", words: &["elsewhere.example"] });
    job.left_nothing();
}

#[test]
fn a_wrong_account() {
    let (job, key) = (Job::new(options()), Key::p256());
    let words = replaced(job.release(&key, &[]), crate::account::ACCOUNT, "999922223333");
    let finished = job.github(&words);
    says(&finished, &Said { code: 22, reason: "aws-account-refused", words: &["999922223333"] });
    job.left_nothing();
}

#[test]
fn a_role_that_does_not_trust_the_job() {
    let (job, key) = (Job::new(options()), Key::p256());
    job.cloud.github().set_claims(Claims::github("acme/app", "feature"));
    let finished = job.github(&job.release(&key, &[]));
    let words = ["repo:acme/app:ref:refs/heads/feature", "token.actions.githubusercontent.com:sub"];
    says(&finished, &Said { code: 22, reason: "aws-unauthorised", words: &words });
    job.left_nothing();
}

#[test]
fn keys_that_cannot_sign() {
    let disabled = Key::p256();
    disabled.disable();
    let leaving = Key::p256();
    leaving.schedule_deletion();
    for (key, words) in [
        (disabled, "state Disabled"),
        (leaving, "state PendingDeletion"),
        (Key::new("RSA_2048", "ENCRYPT_DECRYPT"), "SIGN_VERIFY"),
        (Key::new("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"), "SIGN_VERIFY"),
        (Key::named("alias/nowhere"), "alias/nowhere"),
    ] {
        let job = Job::new(options());
        let finished = job.github(&job.release(&key, &[]));
        assert!([20, 22].contains(&finished.code), "{finished:?}");
        assert!(finished.stdout.contains(words), "{words}: {finished:?}");
        job.left_nothing();
    }
}

#[test]
fn an_alias_of_another_region() {
    let (job, key) = (Job::new(options()), Key::p256());
    let elsewhere = key.uri_in("eu-west-1");
    let words = replaced(job.release(&key, &[]), &key.uri(), &elsewhere);
    let finished = job.github(&words);
    assert!([20, 22].contains(&finished.code), "{finished:?}");
    assert!(finished.stdout.contains("eu-west-1"), "{finished:?}");
    job.left_nothing();
}

#[test]
fn a_throttled_key() {
    let (job, key) = (Job::new(options()), Key::p256());
    // A few times are waited out.
    job.cloud.throttle(Service::Kms, "Sign", 3);
    job.github(&job.release(&key, &[])).exits(0);

    let job = Job::new(options());
    job.cloud.throttle(Service::Kms, "GetPublicKey", u64::MAX);
    let finished = job.github(&job.release(&key, &["--patience", "5"]));
    says(
        &finished,
        &Said { code: 21, reason: "key-unreachable", words: &["Throttling", &key.uri()] },
    );
    job.left_nothing();
}

#[test]
fn an_immutable_tag_with_another_digest() {
    let repository =
        EcrRepository { mutability: Mutability::Immutable, ..EcrRepository::new(NAME) };
    let options = Options { repositories: vec![repository], ..options() };
    let (job, key) = (Job::new(options), Key::p256());
    let other = ImageBuilder::new().label("other", "1").layer(LayerBuilder::new().dir("x")).build();
    let theirs = other.push_into(job.cloud.registry(), NAME, Some("1.0"));
    let finished = job.github(&job.release(&key, &[]));
    says(&finished, &Said { code: 13, reason: "tag-taken", words: &[&theirs.to_string()] });
    assert_eq!(job.tag("1.0"), Some(theirs));
    assert_eq!(job.cloud.registry().counts().writes, 0);
}

/// It would be refused at the very end, when everything is signed.
#[test]
fn a_moving_tag_that_is_immutable() {
    for (excluded, code) in [("latest", 0), ("sha256-*", 13)] {
        let mutability = Mutability::ImmutableExcept(vec![excluded.to_owned()]);
        let repository = EcrRepository { mutability, ..EcrRepository::new(NAME) };
        let options = Options { repositories: vec![repository], ..options() };
        let (job, key) = (Job::new(options), Key::p256());
        let other =
            ImageBuilder::new().label("other", "1").layer(LayerBuilder::new().dir("x")).build();
        let theirs = other.push_into(job.cloud.registry(), NAME, Some("latest"));
        let finished = job.github(&job.release(&key, &["--moving-tag", "latest"]));
        if code == 0 {
            finished.exits(0);
            assert_eq!(job.tag("latest"), Some(job.image.digest()));
            continue;
        }
        says(&finished, &Said { code, reason: "tag-immutable", words: &[&theirs.to_string()] });
        assert_eq!(job.tag("latest"), Some(theirs));
        assert_eq!(job.cloud.registry().counts().writes, 0);
    }
}

/// ECR takes a hundred of them.
#[test]
fn an_image_with_too_many_referrers() {
    let (job, key) = (Job::new(options()), Key::p256());
    let digest = job.image.push_into(job.cloud.registry(), NAME, None);
    let size = job.image.raw().bytes().len();
    let empty = json!({"mediaType": "application/vnd.oci.empty.v1+json", "size": 2,
        "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"});
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let subject = json!({"mediaType": kind, "digest": digest.to_string(), "size": size});
    for number in 0..96 {
        let manifest = json!({"schemaVersion": 2, "mediaType": kind, "config": empty,
            "artifactType": "application/vnd.example.note", "layers": [empty],
            "subject": subject, "annotations": {"number": number.to_string()}});
        let bytes = manifest.to_string().into_bytes().into();
        job.cloud.registry().store().put_manifest(NAME, bytes, kind);
    }
    let finished = job.github(&job.release(&key, &[]));
    says(&finished, &Said { code: 20, reason: "referrers-full", words: &["96", "100"] });
    assert_eq!(job.cloud.registry().counts().writes, 0);
}

#[test]
fn a_missing_repository() {
    let options = Options { repositories: vec![EcrRepository::new("team/other")], ..options() };
    let (job, key) = (Job::new(options), Key::p256());
    let finished = job.github(&job.release(&key, &[]));
    says(&finished, &Said { code: 20, reason: "repository-absent", words: &[] });
    for words in ["team/app", "create-repository"] {
        assert!(finished.stdout.contains(words), "{words}: {finished:?}");
    }
    job.left_nothing();
}

/// A policy document in the account that is none.
#[test]
fn a_malformed_policy() {
    let job = Job::new(options());
    let folder = job.path().join("documents");
    std::fs::create_dir(&folder).expect("a folder of our own");
    for (name, content) in [
        ("describe-repositories.json", json!({"repositories": [{"repositoryName": NAME}]})),
        ("get-repository-policy.json", json!({"policyText": "{\"Statement\": [{]"})),
    ] {
        std::fs::write(folder.join(name), content.to_string()).expect("a file of our own");
    }
    let words = ["preflight", "--documents", "documents", "--format", "json"];
    let words: Vec<_> = words.map(str::to_owned).to_vec();
    let finished = job.run(&[], &words);
    let document: Value = finished.clone().exits(20).json();
    assert!(document.to_string().contains("get-repository-policy"), "{document}");
}

/// The words with one that is another.
fn replaced(words: Vec<String>, old: &str, new: &str) -> Vec<String> {
    let found = words.iter().any(|it| it == old);
    assert!(found, "{old} is not among {words:?}");
    words.into_iter().map(|it| if it == old { new.to_owned() } else { it }).collect()
}
