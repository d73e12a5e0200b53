use std::fs;
use std::path::Path;

use crate::finished::Finished;
use crate::image::write;
use crate::key_pair::KeyPair;
use crate::program::Program;

/// A policy of Kyverno's, in the kinds that read what boltseal writes.
#[derive(Clone, Copy)]
pub(crate) enum Policy {
    /// `ClusterPolicy` with `type: SigstoreBundle`, for one predicate type.
    Bundle(&'static str),
    /// `ClusterPolicy` with `type: Cosign`: legacy signatures.
    ClassicSignature,
    /// `ClusterPolicy` with `type: Cosign`, for one predicate type of legacy attestations.
    ClassicAttestation(&'static str),
    /// `ImageValidatingPolicy`, for one predicate type.
    Validating(&'static str),
}

impl Policy {
    /// Applies it with this key to a pod of this image.
    pub(crate) fn apply(self, image: &str, key: &KeyPair) -> Finished {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let place = |name: &str| folder.path().join(name).display().to_string();
        let (policy, pod) = (place("policy.yaml"), place("pod.yaml"));
        write(Path::new(&policy), &self.text(&key.public()));
        write(Path::new(&pod), &POD.replace("IMAGE", image));
        Program::peer("kyverno").run(&["apply", &policy, "--resource", &pod, "--registry"])
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
            Self::ClassicSignature => cluster("Cosign", &indented(&attestors, 6)),
            Self::Validating(predicate) => {
                VALIDATING.replace("PREDICATE", predicate).replace("KEY\n", &indented(&key, 10))
            }
        }
    }
}

/// Asserts that a policy was met. One that matched nothing ends with 0 as well, so the count is
/// what tells.
#[track_caller]
pub(crate) fn admitted(finished: &Finished) {
    let counts = finished.stdout.lines().find(|line| line.starts_with("pass: "));
    let counts = counts.unwrap_or_else(|| panic!("no count: {finished:?}"));
    let met = counts.contains("fail: 0,") && counts.contains("error: 0,");
    assert!(met && !counts.starts_with("pass: 0,"), "{finished:?}");
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
