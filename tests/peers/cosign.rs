use std::fs;
use std::path::Path;

use crate::finished::Finished;
use crate::image::write;
use crate::key_pair::KeyPair;
use crate::program::Program;

/// One of cosign's generations, called so that it stays offline: by key, with no log.
#[derive(Clone, Copy)]
pub(crate) enum Cosign {
    V24,
    V26,
    V3,
}

/// Which form cosign writes.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    /// A Sigstore bundle as a referrer.
    Bundle,
    /// The `.sig` and `.att` tags.
    Legacy,
}

/// A trusted root that trusts no one: for a key nothing else is asked.
const EMPTY_ROOT: &str =
    r#"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}"#;

/// The builder that the provenance names.
pub(crate) const BUILDER: &str = "https://example.test/builder";

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

    /// `cosign attest` of a SLSA provenance.
    pub(crate) fn attest(self, image: &str, key: &KeyPair, form: Form) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let predicate = folder.path().join("slsa.json");
        write(&predicate, &provenance());
        let (key, predicate) = (key.private(), predicate.display().to_string());
        let what = ["--type", "slsaprovenance1", "--predicate", &predicate];
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

    fn check(self, what: &[&str], image: &str, key: &KeyPair, form: Form) -> Finished {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = trusted_root(folder.path());
        let key = key.public();
        let words = [what, &["--key", &key], &self.reading(form, &root), &[image]].concat();
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

    fn reading(self, form: Form, root: &str) -> Vec<&str> {
        let offline = match self {
            Self::V3 => "--private-infrastructure",
            Self::V24 | Self::V26 => "--insecure-ignore-tlog=true",
        };
        let mut words = vec!["--allow-insecure-registry", offline];
        match (self, form) {
            (Self::V26, Form::Bundle) => {
                words.extend(["--new-bundle-format", "--trusted-root", root]);
            }
            (Self::V3, Form::Legacy) => words.push("--new-bundle-format=false"),
            _ => {}
        }
        words
    }
}

fn trusted_root(folder: &Path) -> String {
    let path = folder.join("trusted_root.json");
    fs::write(&path, EMPTY_ROOT).expect("a writable folder");
    path.display().to_string()
}

fn provenance() -> String {
    serde_json::json!({
        "buildDefinition": {
            "buildType": "https://example.test/build/v1",
            "externalParameters": {},
            "resolvedDependencies": [],
        },
        "runDetails": { "builder": { "id": BUILDER } },
    })
    .to_string()
}
