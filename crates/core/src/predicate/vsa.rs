use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Digest, Kind};

/// The level of a release whose gate passed. Never a SLSA level: release verified nobody's
/// provenance.
pub const GATE_PASSED: &str = "BOLTSEAL_GATE_PASSED";

/// A SLSA verification summary v1 (<https://slsa.dev/spec/v1.2/verification_summary>).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Vsa {
    /// Who verified.
    pub verifier: Verifier,
    /// When, RFC 3339, UTC.
    pub time_verified: String,
    /// `oci://HOST/REPO`, compared exactly.
    pub resource_uri: String,
    /// The policy that was applied.
    pub policy: VsaPolicy,
    /// The statements that were judged: this is what says that a set is complete.
    #[serde(default)]
    pub input_attestations: Vec<InputAttestation>,
    /// The verdict.
    pub verification_result: Verdict,
    /// Levels that were reached.
    #[serde(default)]
    pub verified_levels: Vec<String>,
    /// The version of SLSA.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub slsa_version: String,
    /// What was not judged, in words; such as that no scan was judged.
    #[serde(default, rename = "boltseal_notes", skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// Who verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verifier {
    /// A URI.
    pub id: String,
    /// Versions of its parts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub version: BTreeMap<String, String>,
}

/// The policy that was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VsaPolicy {
    /// A URI.
    pub uri: String,
    /// Its digest by algorithm name.
    #[serde(default)]
    pub digest: BTreeMap<String, String>,
}

/// A statement that was judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputAttestation {
    /// Where its carrier can be fetched.
    #[serde(default)]
    pub uri: String,
    /// The digest of the manifest (or legacy layer) that carries it, by algorithm name.
    pub digest: BTreeMap<String, String>,
    /// Its predicate type; other writers do not say.
    #[serde(default, rename = "boltseal_predicateType", skip_serializing_if = "Option::is_none")]
    pub predicate_type: Option<String>,
    /// The digest of the signed statement itself, which is the same wherever it is stored and
    /// however its carrier is annotated.
    #[serde(default, rename = "boltseal_statement", skip_serializing_if = "Option::is_none")]
    pub statement: Option<Digest>,
}

impl InputAttestation {
    /// The statement of `kind` with digest `statement`, whose carrier has the digest `carrier`
    /// in the repository `place` (a URI).
    pub fn of(place: &str, kind: &Kind, carrier: &Digest, statement: &Digest) -> Self {
        let entry = (carrier.algorithm().name().to_owned(), carrier.hex().to_owned());
        Self {
            uri: format!("{place}@{carrier}"),
            digest: BTreeMap::from([entry]),
            predicate_type: Some(kind.predicate_type().to_owned()),
            statement: Some(statement.clone()),
        }
    }

    /// Its kind, where it says.
    pub fn kind(&self) -> Option<Kind> {
        self.predicate_type.as_deref().map(Kind::of_predicate_type)
    }

    /// Whether this names the statement with digest `statement` in the manifest `carrier`.
    pub fn is(&self, carrier: &Digest, statement: &Digest) -> bool {
        if let Some(named) = &self.statement {
            return named == statement;
        }
        let hex = self.digest.get(carrier.algorithm().name());
        hex.is_some_and(|hex| hex == carrier.hex())
    }
}

/// Passed or failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verdict {
    /// The policy was met.
    Passed,
    /// It was not.
    Failed,
}
