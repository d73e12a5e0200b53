use boltseal_core::{Digest, Platform, Reason};

use crate::Piece;

/// Everything that was collected about one digest, good or bad.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The digest that was asked for.
    pub subject: Digest,
    /// The platform, for a child of an index.
    pub platform: Option<Platform>,
    /// What was fetched.
    pub pieces: Vec<Piece>,
    /// What was listed and could not be had.
    pub gaps: Vec<Gap>,
    /// Why it is not known whether there is more: the place gave an answer that is none.
    pub absence_unproven: Option<Reason>,
    /// For an index: the evidence of each platform's image.
    pub children: Vec<Self>,
}

impl Evidence {
    /// No evidence yet about `subject`.
    pub const fn none(subject: Digest) -> Self {
        Self {
            subject,
            platform: None,
            pieces: Vec::new(),
            gaps: Vec::new(),
            absence_unproven: None,
            children: Vec::new(),
        }
    }

    /// Whether something that was listed, here or about a child, could not be read. Nothing that
    /// is found elsewhere makes up for it.
    pub fn is_unreadable(&self) -> bool {
        let failed = |gap: &Gap| matches!(gap, Gap::Failed { .. });
        self.gaps.iter().any(failed) || self.children.iter().any(Self::is_unreadable)
    }
}

/// A piece that was listed and could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// It answers 404: absent, and reported.
    Absent {
        /// Its digest.
        carrier: Digest,
        /// Where it was looked for.
        place: String,
    },
    /// It could not be read, or contradicts its digest. It might be a later verdict that failed,
    /// so this always counts (DESIGN.md, 6).
    Failed {
        /// Its digest, where it has one.
        carrier: Option<Digest>,
        /// Why.
        reason: Reason,
    },
}
