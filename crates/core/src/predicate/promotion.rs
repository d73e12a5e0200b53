use serde::{Deserialize, Serialize};

use crate::Digest;

/// boltseal's own promotion predicate (`urn:boltseal:promotion:v1`): from where, to where, what
/// was verified before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Promotion {
    /// Where the image was.
    pub from: String,
    /// Where it is now.
    pub to: String,
    /// The tags it was given there.
    #[serde(default)]
    pub tags: Vec<String>,
    /// When, RFC 3339, UTC.
    pub promoted_on: String,
    /// The policy that was applied, as `sha256:<hex>`.
    pub policy: Digest,
    /// The referrer manifests that were verified before and copied.
    pub evidence: Vec<Digest>,
}
