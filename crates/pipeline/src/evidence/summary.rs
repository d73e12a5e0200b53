//! The verification summary, which a release and a promotion write alike.

use boltseal_core::predicate::{InputAttestation, Verdict, Verifier, Vsa, VsaPolicy};
use boltseal_core::{Digest, Kind, Location, NAMESPACE, own_uri};
use jiff::Timestamp;

use crate::evidence::statement_maker::{seconds, version};

/// A verdict: everything passed. Nothing else is ever signed.
pub(crate) struct Summary<'a> {
    /// Where the image is.
    pub(crate) destination: &'a Location,
    /// When it was judged.
    pub(crate) time: Timestamp,
    /// The digest of the effective policy.
    pub(crate) policy: &'a Digest,
    /// Every statement that was judged: its kind, its carrier and its own digest.
    pub(crate) inputs: Vec<(&'a Kind, &'a Digest, &'a Digest)>,
    /// What the image is good for now.
    pub(crate) levels: Vec<String>,
    /// What a reader should know.
    pub(crate) notes: Vec<String>,
}

impl Summary<'_> {
    pub(crate) fn into_predicate(self) -> Vsa {
        let place = resource_uri(self.destination);
        let input =
            |(kind, carrier, statement)| InputAttestation::of(&place, kind, carrier, statement);
        let inputs = self.inputs.into_iter().map(input).collect();
        let hex = (self.policy.algorithm().name().to_owned(), self.policy.hex().to_owned());
        Vsa {
            verifier: Verifier { id: NAMESPACE.to_owned(), version: version() },
            time_verified: seconds(self.time),
            resource_uri: place,
            policy: VsaPolicy { uri: own_uri("policy"), digest: [hex].into() },
            input_attestations: inputs,
            verification_result: Verdict::Passed,
            verified_levels: self.levels,
            slsa_version: "1.2".to_owned(),
            notes: self.notes,
        }
    }
}

/// `oci://HOST/REPO` for a registry; a layout as its user wrote it.
pub(crate) fn resource_uri(destination: &Location) -> String {
    match destination {
        Location::Registry(repository) => format!("oci://{repository}"),
        other => other.to_string(),
    }
}
