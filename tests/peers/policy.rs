use std::fs;
use std::path::Path;

use crate::cosign::{NO_ENVELOPE_BY_KEY, NO_SIGNATURE_BY_KEY};
use crate::document::documented;
use crate::finished::Finished;
use crate::image::write;
use crate::key_pair::KeyPair;
use crate::program::Program;

/// A policy of Kyverno's, in the kinds that read what boltseal writes.
#[derive(Clone, Copy)]
pub(crate) enum Policy {
    /// `ClusterPolicy` with `type: SigstoreBundle`, for one predicate type.
    Bundle(&'static str),
    /// The same for any bundle at all: it does not look at the predicate type.
    AnyBundle,
    /// `ClusterPolicy` with `type: Cosign`: legacy signatures.
    ClassicSignature,
    /// `ClusterPolicy` with `type: Cosign`, for one predicate type of legacy attestations.
    ClassicAttestation(&'static str),
    /// `ImageValidatingPolicy`, for one predicate type.
    Validating(&'static str),
    /// The `ImageValidatingPolicy` of docs/compatibility.md.
    Documented,
}

impl Policy {
    /// Applies it with this key to a pod of this image.
    pub(crate) fn apply(self, image: &str, key: &KeyPair) -> Finished {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let place = |name: &str| folder.path().join(name).display().to_string();
        let (policy, pod) = (place("policy.yaml"), place("pod.yaml"));
        write(Path::new(&policy), &self.text(&key.public()));
        write(Path::new(&pod), &POD.replace("IMAGE", image));
        let mut words = vec!["apply", &policy, "--resource", &pod, "--registry"];
        if let Self::Validating(_) | Self::Documented = self {
            // Only then does it say why.
            words.extend(["-v", "4"]);
        }
        Program::peer("kyverno").run(&words)
    }

    /// Asserts that the policy admits this image under our key, and refuses it under another for
    /// the reason that none of what is there is signed by that one.
    #[track_caller]
    pub(crate) fn tells_apart(self, image: &str, ours: &KeyPair, other: &KeyPair) {
        admitted(&self.apply(image, ours));
        self.refuses_by_key(&self.apply(image, other));
    }

    /// Asserts that it refused for the reason that none of what is there is signed by the key.
    #[track_caller]
    pub(crate) fn refuses_by_key(self, finished: &Finished) {
        refused(finished, self.not_by_key());
    }

    /// What Kyverno says where nothing of the kind is signed by the key.
    fn not_by_key(self) -> &'static str {
        match self {
            // Its reader of bundles says the same where there are none.
            Self::Bundle(_) | Self::AnyBundle => NO_BUNDLE,
            Self::ClassicSignature => NO_SIGNATURE_BY_KEY,
            Self::ClassicAttestation(_) | Self::Validating(_) | Self::Documented => {
                NO_ENVELOPE_BY_KEY
            }
        }
    }

    fn text(self, public_key: &str) -> String {
        let key = fs::read_to_string(public_key).expect("the key pair was made");
        let attestors = ATTESTORS.replace("KEY\n", &indented(&key, 8));
        let cluster = |kind: &str, demand: &str| CLUSTER.replace("TYPE", kind) + demand;
        match self {
            Self::Bundle(predicate) => {
                cluster("SigstoreBundle", &attestation(predicate, &attestors))
            }
            Self::ClassicAttestation(predicate) => {
                cluster("Cosign", &attestation(predicate, &attestors))
            }
            Self::AnyBundle => cluster("SigstoreBundle", &indented(&attestors, 6)),
            Self::ClassicSignature => cluster("Cosign", &indented(&attestors, 6)),
            Self::Documented => {
                let text = documented("yaml").replace("registry.example.com/*", "127.0.0.1:*");
                let (before, rest) = text.split_once("-----BEGIN").expect("a key in the policy");
                let (_, after) = rest.split_once("END PUBLIC KEY-----\n").expect("a whole key");
                format!("{}{}{after}", before.trim_end_matches(' '), indented(&key, 10))
            }
            Self::Validating(predicate) => {
                VALIDATING.replace("PREDICATE", predicate).replace("KEY\n", &indented(&key, 10))
            }
        }
    }
}

/// What Kyverno says where it finds no bundle of the type by the key.
pub(crate) const NO_BUNDLE: &str =
    "sigstore bundle verification failed: no matching signatures found";

/// Asserts that a policy was met. One that matched nothing ends with 0 as well, so the count is
/// what tells.
#[track_caller]
pub(crate) fn admitted(finished: &Finished) {
    let counts = Counts::of(finished);
    let met = counts.fail == 0 && counts.error == 0 && counts.pass > 0;
    assert!(met, "{finished:?}");
}

/// Asserts that a policy judged the image and refused it for this reason. A policy that could not
/// be evaluated is counted as an error, and a registry that cannot be reached gives another reason.
#[track_caller]
pub(crate) fn refused(finished: &Finished, reason: &str) {
    let counts = Counts::of(finished);
    let judged = counts.pass == 0 && counts.error == 0 && counts.fail > 0;
    assert!(judged, "{finished:?}");
    finished.clone().exits(1).says(reason);
}

/// What stands in the line `pass: N, fail: N, warn: N, error: N, skip: N`.
struct Counts {
    pass: u32,
    fail: u32,
    error: u32,
}

impl Counts {
    #[track_caller]
    fn of(finished: &Finished) -> Self {
        let line = finished.stdout.lines().find(|line| line.starts_with("pass: "));
        let line = line.unwrap_or_else(|| panic!("no count: {finished:?}"));
        let count = |name: &str| {
            let found = line.split(", ").find_map(|part| part.trim().strip_prefix(name));
            let number = found.and_then(|rest| rest.strip_prefix(": ")?.parse().ok());
            number.unwrap_or_else(|| panic!("no {name} in {line:?}"))
        };
        Self { pass: count("pass"), fail: count("fail"), error: count("error") }
    }
}

fn attestation(predicate: &str, attestors: &str) -> String {
    format!("      attestations:\n      - type: {predicate}\n{}", indented(attestors, 8))
}

/// Every line moved to the right.
fn indented(text: &str, columns: usize) -> String {
    let margin = " ".repeat(columns);
    let lines: Vec<&str> = text.trim_end().lines().collect();
    format!("{margin}{}\n", lines.join(&format!("\n{margin}")))
}

const POD: &str = "apiVersion: v1
kind: Pod
metadata: {name: p, namespace: default}
spec:
  containers:
  - {name: c, image: \"IMAGE\"}
";

/// Both `ignore` lines are needed to stay offline.
const ATTESTORS: &str = "attestors:
- entries:
  - keys:
      publicKeys: |-
KEY
      rekor: {ignoreTlog: true}
      ctlog: {ignoreSCT: true}
";

const CLUSTER: &str = "apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: released}
spec:
  background: false
  webhookConfiguration: {failurePolicy: Fail, timeoutSeconds: 30}
  rules:
  - name: check
    match: {any: [{resources: {kinds: [Pod]}}]}
    verifyImages:
    - imageReferences: [\"127.0.0.1:*\"]
      type: TYPE
      failureAction: Enforce
      mutateDigest: false
      verifyDigest: false
      required: true
";

const VALIDATING: &str = "apiVersion: policies.kyverno.io/v1
kind: ImageValidatingPolicy
metadata: {name: released}
spec:
  validationActions: [Deny]
  webhookConfiguration: {timeoutSeconds: 30}
  matchConstraints:
    resourceRules:
    - {apiGroups: [\"\"], apiVersions: [v1], operations: [CREATE], resources: [pods]}
  matchImageReferences:
  - glob: \"127.0.0.1:*\"
  validationConfigurations: {mutateDigest: false, verifyDigest: false, required: true}
  attestors:
  - name: k
    cosign:
      key:
        data: |
KEY
      ctlog: {insecureIgnoreTlog: true, insecureIgnoreSCT: true}
  attestations:
  - name: a
    intoto: {type: PREDICATE}
  validations:
  - expression: images.containers.map(i, verifyAttestationSignatures(i, attestations.a, [attestors.k])).all(e, e > 0)
    message: no valid attestation
";
