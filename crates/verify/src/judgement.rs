use boltseal_core::{Digest, Kind, Reason};

use crate::{Format, Release, Verified};

/// What a verification came to, with everything that was looked at.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The outcome.
    pub outcome: Outcome,
    /// Every piece, and what became of it.
    pub evidence: Vec<PieceReport>,
    /// What was required.
    pub required: Vec<Kind>,
    /// What was really checked, in words.
    pub checked: Vec<String>,
    /// The verification summaries about the digest itself, good or bad.
    pub summaries: Vec<SummaryReport>,
}

/// A verification summary, as far as what is stored beside it must agree with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryReport {
    /// The digest of its envelope's compact JSON.
    pub envelope: Digest,
    /// The digest of the policy that it names.
    pub policy: Option<Digest>,
    /// Whether an accepted key signed it and it is in order.
    pub verifies: bool,
}

/// Three outcomes, never two.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Every required kind is there and verifies.
    Verified(Verified<Release>),
    /// Something required is missing, untrusted, or contradicts itself: every reason, sorted.
    Refused(Vec<Reason>),
    /// It could not be found out: every reason, sorted.
    Undetermined(Vec<Reason>),
}

/// One piece of evidence in the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PieceReport {
    /// The digest that it should be about.
    pub subject: Digest,
    /// The digest of its manifest, or of its legacy layer.
    pub carrier: Option<Digest>,
    /// How it is stored, where it was fetched.
    pub format: Option<Format>,
    /// The predicate type that it claims.
    pub predicate_type: Option<String>,
    /// The accepted key that signed it.
    pub signer: Option<String>,
    /// What became of it.
    pub status: Status,
    /// Why, or what is odd about it.
    pub reason: Option<String>,
}

/// What became of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Listed, and not there.
    Absent,
    /// It does not count.
    Refused,
    /// Nobody can say whether it counts: whoever knows did not answer.
    Undetermined,
    /// It could not be read.
    Unreadable,
    /// It verifies.
    Verified,
}

impl Status {
    /// The name in JSON results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Refused => "refused",
            Self::Undetermined => "undetermined",
            Self::Unreadable => "unreadable",
            Self::Verified => "verified",
        }
    }
}
