use boltseal_core::{Digest, Tag};

/// A tag that now points at the release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagMove {
    /// The tag.
    pub tag: Tag,
    /// What it pointed at before, where it was there.
    pub before: Option<Digest>,
}
