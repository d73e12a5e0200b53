//! The subject of a claim.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::descriptor::null_as_default;
use crate::{Annotations, Digest};

/// What a statement is about (in-toto attestation, `ResourceDescriptor`). Only the digest binds;
/// the name is for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The repository's name, where one is given.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Digests by algorithm name, in hexadecimal.
    pub digest: BTreeMap<String, String>,
    /// Signed annotations: for a signature, the repository and the tags of the release.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Annotations::is_empty"
    )]
    pub annotations: Annotations,
}

impl Subject {
    /// A subject with one digest.
    pub fn of(name: &str, digest: &Digest) -> Self {
        let entry = (digest.algorithm().name().to_owned(), digest.hex().to_owned());
        Self {
            name: name.to_owned(),
            digest: BTreeMap::from([entry]),
            annotations: Annotations::new(),
        }
    }

    /// Whether this subject is the content with `digest`.
    pub fn is(&self, digest: &Digest) -> bool {
        self.digest.get(digest.algorithm().name()).is_some_and(|hex| hex == digest.hex())
    }
}
