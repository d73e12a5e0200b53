//! Notation by AWS Signer, and by ECR itself.

use std::fs;

use boltseal_testkit::cloud::{Cloud, EcrRegistry, Options, SigningProfile, Spoiling};
use serde_json::{Value, json};

use crate::account::options;
use crate::finished::Finished;
use crate::job::{Job, NAME};
use crate::key::Key;
use crate::program::Program;

const FORMATS: [&str; 3] = ["--evidence", "bundle,notation", "--signer-profile"];

/// What a release with the profile `release` is asked.
fn words(job: &Job, key: &Key) -> Vec<String> {
    let profile = job.cloud.profile_arn("release");
    job.release(key, &[&FORMATS[..], &[&profile]].concat())
}

/// Whom notation is to trust: a store, its root as PEM, and an identity in it.
struct Trusted<'a> {
    store: &'a str,
    root: &'a str,
    identity: &'a str,
}

impl Trusted<'_> {
    /// Writes notation's folder: `trustpolicy.json` and `truststore`.
    fn write(&self, job: &Job) {
        let folder = job.path().join("config/truststore/x509").join(self.store);
        fs::create_dir_all(&folder).expect("a folder of our own");
        fs::write(folder.join("root.pem"), self.root).expect("a file of our own");
        let policy = json!({"version": "1.0", "trustPolicies": [{"name": "all",
            "registryScopes": ["*"], "signatureVerification": {"level": "strict"},
            "trustStores": [self.store.replace('/', ":")], "trustedIdentities": [self.identity]}]});
        let file = job.path().join("config/trustpolicy.json");
        fs::write(file, policy.to_string()).expect("a file of our own");
    }
}

/// What boltseal says by notation's own policy.
fn verified(job: &Job, trusted: &Trusted<'_>) -> Finished {
    trusted.write(job);
    let tagged = job.tagged("1.0");
    let words = ["verify", &tagged, "--trust-policy", "config/trustpolicy.json"];
    let store = ["--trust-store", "config/truststore", "--region", crate::account::REGION];
    let words = [&words[..], &store, &["--format", "json"]].concat();
    let words: Vec<_> = words.into_iter().map(str::to_owned).collect();
    job.run(&job.cloud.session_variables("release", 3600), &words)
}

/// What notation's own library says of the only envelope in the registry; it plays the plugin of
/// AWS Signer.
fn by_the_library(job: &Job, trusted: &Trusted<'_>) -> Finished {
    trusted.write(job);
    let store = job.cloud.registry().store();
    let image = job.image.raw();
    let envelopes = store.referrers_of(NAME, image.digest()).into_iter().filter_map(|it| {
        let manifest: Value = serde_json::from_slice(&store.manifest(NAME, &it.digest)?).ok()?;
        let layer = &manifest["layers"][0];
        (layer["mediaType"] == "application/jose+json").then_some(())?;
        store.blob(NAME, &layer["digest"].as_str()?.parse().ok()?)
    });
    let envelopes: Vec<_> = envelopes.collect();
    assert_eq!(envelopes.len(), 1, "one envelope");
    fs::write(job.path().join("envelope"), &envelopes[0]).expect("a file of our own");
    let subject = json!({"mediaType": image.media_type(), "digest": image.digest().to_string(),
        "size": image.bytes().len()});
    fs::write(job.path().join("subject.json"), subject.to_string()).expect("a file of our own");
    let words = ["check", "--config", "config", "subject.json", "envelope"];
    Program::peer("notation").run(job.path(), &[], &words)
}

fn calls(cloud: &Cloud, operation: &str) -> usize {
    cloud.calls().iter().filter(|it| it.operation == operation).count()
}

fn notations(document: &Value) -> Vec<&Value> {
    let evidence = document["evidence"].as_array().expect("a list");
    evidence.iter().filter(|piece| piece["format"] == "notation").collect()
}

#[test]
fn a_profile_of_aws_signer_signs_and_may_be_revoked() {
    let (job, key) = (Job::new(options()), Key::p256());
    let released = job.github(&words(&job, &key)).exits(0).json();
    assert_eq!(notations(&released).len(), 1, "{released}");
    assert_eq!(calls(&job.cloud, "SignPayload"), 1);
    let profile = job.cloud.profile_arn("release");
    let (store, root) = ("signingAuthority/aws", job.cloud.signer_root());
    let trusted = Trusted { store, root, identity: &profile };
    let found = verified(&job, &trusted).exits(0).json();
    assert_eq!(notations(&found)[0]["status"], "verified", "{found}");
    by_the_library(&job, &trusted).exits(0);

    job.cloud.reset_recording();
    let again = job.github(&words(&job, &key)).exits(0).json();
    assert_eq!(again["outcome"], "already-released");
    assert_eq!(job.cloud.registry().counts().writes, 0);

    let version = SigningProfile::new("release").version;
    job.cloud.revoke(&format!("{profile}/{version}"));
    verified(&job, &trusted).exits(11);
}

/// ECR takes its time.
#[test]
fn ecr_signs_by_itself_and_nobody_signs_twice() {
    let profile = Cloud::start(options()).expect("good policies").profile_arn("release");
    let rules = vec![json!({"signingProfileArn": profile})];
    let registry = EcrRegistry { signing_rules: rules, ..EcrRegistry::default() };
    let (job, key) = (Job::new(Options { registry, ..options() }), Key::p256());
    job.cloud.delay_signing(2);
    let released = job.github(&words(&job, &key)).exits(0).json();
    assert_eq!(notations(&released).len(), 1, "{released}");
    let store = job.cloud.registry().store();
    let referrers = store.referrers_of(NAME, &job.image.digest());
    assert_eq!(referrers.len(), 6, "five statements and one signature");
    let (store, root) = ("signingAuthority/aws", job.cloud.signer_root());
    let trusted = Trusted { store, root, identity: &profile };
    verified(&job, &trusted).exits(0);
    by_the_library(&job, &trusted).exits(0);
}

/// An envelope that does not hold what was asked for is not attached, and nothing is tagged.
#[test]
fn what_aws_signer_should_not_have_answered_is_refused() {
    for spoiling in [Spoiling::BadSignature, Spoiling::OtherPayload] {
        let (job, key) = (Job::new(options()), Key::p256());
        job.cloud.spoil_envelopes(Some(spoiling));
        let refused = job.github(&words(&job, &key));
        assert_ne!(refused.code, 0, "{refused:?}");
        assert_eq!(job.tag("1.0"), None);
    }
}

/// A key of KMS with the certificate that an authority gave it.
#[test]
fn a_key_of_kms_signs_with_its_certificate_chain() {
    let (job, key, other) = (Job::new(options()), Key::p256(), Key::p256());
    let root = certified(&job, &key);
    let chain = ["--evidence", "bundle,notation", "--certificate-chain", "chain.pem"];
    // A chain that ends in another key is refused before anything is written.
    job.github(&job.release(&other, &chain)).exits(20);
    job.left_nothing();
    job.github(&job.release(&key, &chain)).exits(0);
    let identity = "x509.subject: C=US, ST=WA, O=acme";
    let trusted = Trusted { store: "ca/acme", root: &root, identity };
    verified(&job, &trusted).exits(0);
    by_the_library(&job, &trusted).exits(0);
}

/// Writes `chain.pem` for the key, and answers the root.
fn certified(job: &Job, key: &Key) -> String {
    let write = |name: &str, content: &str| {
        fs::write(job.path().join(name), content).expect("a file of our own");
    };
    write("kms.pub", &key.public());
    write(
        "leaf.ext",
        "basicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature\n\
         extendedKeyUsage=codeSigning\n",
    );
    let openssl = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        Program::on_path("openssl").run(job.path(), &[], &words).exits(0);
    };
    let fresh = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    openssl(&format!(
        "req -x509 {fresh} -keyout root.key -out root.pem -days 30 -subj /C=US/ST=WA/O=acme/CN=root \
         -addext keyUsage=critical,keyCertSign"
    ));
    openssl(&format!("req {fresh} -keyout spare.key -out ci.csr -subj /C=US/ST=WA/O=acme/CN=ci"));
    openssl(
        "x509 -req -in ci.csr -force_pubkey kms.pub -CA root.pem -CAkey root.key -set_serial 2 \
         -days 30 -extfile leaf.ext -out leaf.pem",
    );
    let read = |name: &str| fs::read_to_string(job.path().join(name)).expect("openssl's file");
    write("chain.pem", &(read("leaf.pem") + &read("root.pem")));
    read("root.pem")
}
