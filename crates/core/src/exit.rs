//! Exit codes: a public interface (DESIGN.md, 6).

/// What a run ends with. The numbers are stable; all others are reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Exit {
    /// 0: holds a proof.
    Proof,
    /// 1: a bug in boltseal.
    Bug,
    /// 2: the command line or the request is wrong.
    Usage,
    /// 10: the gate refused.
    Gate,
    /// 11: a required kind of evidence has candidates, and none passes.
    Untrusted,
    /// 12: a required kind of evidence has no candidate.
    Missing,
    /// 13: the tag is held by another digest.
    TagTaken,
    /// 20: a policy, trust root, report or configuration is invalid.
    Invalid,
    /// 21: could not find out.
    Undetermined,
    /// 22: not authorised.
    Unauthorised,
    /// 30: content contradicts its digest or the specification.
    Contradiction,
    /// 130: interrupted.
    Interrupted,
}

impl Exit {
    /// With several reasons the exit code is the first of these that applies.
    pub const PRECEDENCE: [Self; 9] = [
        Self::Usage,
        Self::Invalid,
        Self::Unauthorised,
        Self::Undetermined,
        Self::Contradiction,
        Self::TagTaken,
        Self::Untrusted,
        Self::Missing,
        Self::Gate,
    ];

    /// Every code, in the order of the numbers.
    pub const ALL: [Self; 12] = [
        Self::Proof,
        Self::Bug,
        Self::Usage,
        Self::Gate,
        Self::Untrusted,
        Self::Missing,
        Self::TagTaken,
        Self::Invalid,
        Self::Undetermined,
        Self::Unauthorised,
        Self::Contradiction,
        Self::Interrupted,
    ];

    /// What it tells a user, as a phrase.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Proof => "it holds a proof",
            Self::Bug => "a bug of boltseal, which says where to report it",
            Self::Usage => "the command line or the request is wrong",
            Self::Gate => "the gate refused",
            Self::Untrusted => "evidence of a required kind is there, and none of it passes",
            Self::Missing => "evidence of a required kind is not there",
            Self::TagTaken => "the tag is held by another digest",
            Self::Invalid => "a policy, key, report or configuration is invalid",
            Self::Undetermined => "it could not be found out",
            Self::Unauthorised => "not authorised",
            Self::Contradiction => "content contradicts its digest or its specification",
            Self::Interrupted => "interrupted",
        }
    }

    /// The process exit code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Proof => 0,
            Self::Bug => 1,
            Self::Usage => 2,
            Self::Gate => 10,
            Self::Untrusted => 11,
            Self::Missing => 12,
            Self::TagTaken => 13,
            Self::Invalid => 20,
            Self::Undetermined => 21,
            Self::Unauthorised => 22,
            Self::Contradiction => 30,
            Self::Interrupted => 130,
        }
    }

    /// Where this code stands in [`Exit::PRECEDENCE`]; a bug comes before everything.
    pub fn rank(self) -> usize {
        Self::PRECEDENCE.iter().position(|exit| *exit == self).map_or(0, |at| at + 1)
    }
}
