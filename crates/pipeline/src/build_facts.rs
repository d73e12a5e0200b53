use std::collections::BTreeMap;

use boltseal_core::predicate::Resource;

/// What is known about the run, for the provenance. Only `workflow` comes from an identity that
/// somebody verified; what is only environment stands under `unverified` and is written there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BuildFacts {
    /// What the run built itself (`--binary`, `--rootfs`); none for an image handed over.
    pub built_here: Option<BuiltHere>,
    /// The run's URI, where the environment names one.
    pub invocation_id: Option<String>,
    /// The repository and the ref that the run is for, by a token that its verifier has taken.
    pub workflow: Option<BuildWorkflow>,
    /// What only the environment says: anyone in the job could have set it.
    pub unverified: BTreeMap<String, String>,
}

/// What ran, and for which ref.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildWorkflow {
    /// The repository's URL.
    pub repository: String,
    /// `refs/heads/main`, `refs/tags/v1`.
    pub reference: String,
}

/// What this run made an image of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltHere {
    /// `binary` or `rootfs`.
    pub input: &'static str,
    /// The input with its digest.
    pub resource: Resource,
}
