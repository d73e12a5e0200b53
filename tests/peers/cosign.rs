use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::finished::Finished;
use crate::image::write;
use crate::key_pair::KeyPair;
use crate::program::Program;

/// One of cosign's generations, called so that it stays offline: by key, with no log.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cosign {
    V24,
    V26,
    V3,
}

/// Which form cosign writes or reads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A Sigstore bundle as a referrer.
    Bundle,
    /// The `.sig` and `.att` tags.
    Legacy,
}

/// A trusted root that trusts no one: for a key nothing else is asked.
pub(crate) const EMPTY_ROOT: &str =
    r#"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}"#;

/// What cosign says of a DSSE envelope that the key did not sign.
pub(crate) const NO_ENVELOPE_BY_KEY: &str =
    "accepted signatures do not match threshold, Found: 0, Expected 1";

/// What cosign says of a legacy signature that the key did not make.
pub(crate) const NO_SIGNATURE_BY_KEY: &str =
    "no matching signatures: invalid signature when validating ASN.1 encoded signature";

/// What cosign says of an image that nobody signed.
pub(crate) const UNSIGNED: &str = "no signatures found";

impl Cosign {
    fn program(self) -> Program {
        Program::peer(match self {
            Self::V24 => "cosign24",
            Self::V26 => "cosign26",
            Self::V3 => "cosign3",
        })
    }

    /// `cosign sign`
    pub(crate) fn sign(self, image: &str, key: &KeyPair, form: Form) {
        let key = key.private();
        let words = [&["sign", "--key", &key], &self.writing(form)[..], &[image]].concat();
        self.program().run(&words).passes();
    }

    /// `cosign attest` of a predicate, under cosign's name for its type or a URI.
    pub(crate) fn attest(self, image: &str, key: &KeyPair, form: Form, what: (&str, &Value)) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("predicate.json");
        write(&file, &what.1.to_string());
        let (key, file) = (key.private(), file.display().to_string());
        let what = ["--type", what.0, "--predicate", &file];
        let words =
            [&["attest", "--key", &key], &self.writing(form)[..], &what[..], &[image]].concat();
        self.program().run(&words).passes();
    }

    /// `cosign verify` of bundles, or of legacy signatures.
    pub(crate) fn verify(self, image: &str, key: &KeyPair, form: Form) -> Finished {
        self.check(&["verify"], image, key, form)
    }

    /// `cosign verify-attestation` of one predicate type.
    pub(crate) fn verify_attestation(
        self,
        image: &str,
        predicate: &str,
        key: &KeyPair,
        form: Form,
    ) -> Finished {
        self.check(&["verify-attestation", "--type", predicate], image, key, form)
    }

    /// The same, with a policy in CUE about what the statement says.
    pub(crate) fn verify_bundle_by(
        self,
        image: &str,
        predicate: &str,
        key: &KeyPair,
        policy: &str,
    ) -> Finished {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("policy.cue");
        write(&file, policy);
        let file = file.display().to_string();
        let what = ["verify-attestation", "--type", predicate, "--policy", &file];
        self.check(&what, image, key, Form::Bundle)
    }

    fn check(self, what: &[&str], image: &str, key: &KeyPair, form: Form) -> Finished {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = trusted_root(folder.path());
        let public = key.public();
        let reading = self.reading(form, &root);
        let words = [what, &["--key", &public], key.hash_words(), &reading, &[image]].concat();
        self.program().run(&words)
    }

    fn writing(self, form: Form) -> Vec<&'static str> {
        let mut words = vec!["--yes", "--tlog-upload=false", "--allow-insecure-registry"];
        if let Self::V3 = self {
            words.push("--use-signing-config=false");
        }
        match (self, form) {
            (Self::V24, _) => {}
            (_, Form::Bundle) => words.push("--new-bundle-format=true"),
            (_, Form::Legacy) => words.push("--new-bundle-format=false"),
        }
        words
    }

    /// The flags that a user gives; docs/compatibility.md lists them. cosign 2.6 fetches a root of
    /// trust unless it is given one, and takes bundles where there are any.
    fn reading(self, form: Form, root: &str) -> Vec<&str> {
        let mut words = vec!["--allow-insecure-registry", "--insecure-ignore-tlog=true"];
        match (self, form) {
            (Self::V26, _) => words.extend(["--trusted-root", root]),
            (Self::V3, Form::Legacy) => words.push("--new-bundle-format=false"),
            (Self::V3, Form::Bundle) | (Self::V24, _) => {}
        }
        words
    }
}

/// The types of what `cosign verify` says it verified, each of them about this digest.
#[track_caller]
pub(crate) fn verified_types(finished: &Finished, digest: &str) -> Vec<String> {
    let verified = finished.json();
    let verified = verified.as_array().expect("cosign prints a list").iter();
    let types = verified.map(|signature| {
        let critical = &signature["critical"];
        assert_eq!(critical["image"]["docker-manifest-digest"], digest, "{signature}");
        critical["type"].as_str().expect("a type is text").to_owned()
    });
    let mut types: Vec<String> = types.collect();
    types.sort();
    types
}

/// The statements that `cosign verify-attestation` says it verified.
#[track_caller]
pub(crate) fn verified_statements(finished: &Finished) -> Vec<Value> {
    let lines = finished.stdout.lines().filter(|line| !line.trim().is_empty());
    let statements = lines.map(|line| {
        let envelope: Value = serde_json::from_str(line).expect("cosign prints JSON");
        let payload = envelope["payload"].as_str().expect("a payload is text");
        let payload = STANDARD.decode(payload).expect("a payload is base64");
        serde_json::from_slice(&payload).expect("a statement is JSON")
    });
    statements.collect()
}

fn trusted_root(folder: &Path) -> String {
    let path = folder.join("trusted_root.json");
    fs::write(&path, EMPTY_ROOT).expect("a writable folder");
    path.display().to_string()
}

/// A SLSA provenance as small as the specification lets it be, under cosign's name for its type.
pub(crate) fn provenance() -> (&'static str, Value) {
    let predicate = json!({
        "buildDefinition": {
            "buildType": "https://example.test/build/v1",
            "externalParameters": {},
            "resolvedDependencies": [],
        },
        "runDetails": { "builder": { "id": "https://example.test/builder" } },
    });
    ("slsaprovenance1", predicate)
}
