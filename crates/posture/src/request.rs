use boltseal_core::{Digest, Severity};
use jiff::Timestamp;

use crate::Allowed;

/// What posture is judged against.
#[derive(Clone, Debug)]
pub struct Request {
    /// The repository's name, where the documents are about several.
    pub repository: Option<String>,
    /// The tags that the release fixes.
    pub tags: Vec<String>,
    /// The tags that the release moves.
    pub moving_tags: Vec<String>,
    /// The digest of a release that is there already.
    pub digest: Option<Digest>,
    /// The role of the CI whose trust is judged: its name or its ARN.
    pub role: Option<String>,
    /// Subjects of tokens to try against the role's trust, beside those made up here.
    pub subjects: Vec<String>,
    /// Who may push.
    pub allow_push: Vec<Allowed>,
    /// Whether everyone may pull.
    pub public_pull: PublicPull,
    /// Whether evidence is written under tags.
    pub evidence: EvidenceTags,
    /// Findings as bad as this, or worse, refuse.
    pub refuse_at: Severity,
    /// The present time.
    pub now: Timestamp,
}

/// Whether a repository that everyone may pull from is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PublicPull {
    /// It is.
    #[default]
    Refused,
    /// It is meant to be public.
    Allowed,
}

/// Whether evidence is written under tags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EvidenceTags {
    /// It is not: bundles and Notation's signatures are referrers.
    #[default]
    Unused,
    /// It is: cosign's older formats, or a registry without the Referrers API.
    Written,
}

impl Request {
    /// A request that allows nothing and names nothing.
    pub const fn new(now: Timestamp) -> Self {
        Self {
            repository: None,
            tags: Vec::new(),
            moving_tags: Vec::new(),
            digest: None,
            role: None,
            subjects: Vec::new(),
            allow_push: Vec::new(),
            public_pull: PublicPull::Refused,
            evidence: EvidenceTags::Unused,
            refuse_at: Severity::Critical,
            now,
        }
    }
}
