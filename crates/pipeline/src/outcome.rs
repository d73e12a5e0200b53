//! How a journey ends.

use boltseal_core::{Exit, Reason, sort_reasons};
use boltseal_verify::{Release, Verified};

/// How a release or a promotion ended. The two good ends hold a proof.
#[derive(Clone, Debug)]
pub enum JourneyOutcome {
    /// Nothing had to be written: all of it was there and verifies.
    AlreadyDone(Verified<Release>),
    /// It was written, fetched back, verified and tagged.
    Done(Verified<Release>),
    /// A dry run came to the point of writing.
    Planned,
    /// Refused, for these reasons, sorted.
    Refused(Vec<Reason>),
    /// It could not be found out, for these reasons, sorted.
    Undetermined(Vec<Reason>),
}

impl JourneyOutcome {
    /// The exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Self::AlreadyDone(_) | Self::Done(_) | Self::Planned => Exit::Proof,
            Self::Refused(reasons) | Self::Undetermined(reasons) => {
                reasons.first().map_or(Exit::Bug, |reason| reason.exit)
            }
        }
    }

    /// Why not; empty for the good ends.
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Refused(reasons) | Self::Undetermined(reasons) => reasons,
            _ => &[],
        }
    }

    /// The proof, where there is one.
    pub const fn proof(&self) -> Option<&Verified<Release>> {
        match self {
            Self::AlreadyDone(proof) | Self::Done(proof) => Some(proof),
            _ => None,
        }
    }
}

/// Why a step did not reach the next one: at least one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    reasons: Vec<Reason>,
}

impl Failure {
    /// A failure for several reasons, which are sorted here.
    pub fn of(mut reasons: Vec<Reason>) -> Self {
        sort_reasons(&mut reasons);
        Self { reasons }
    }

    /// The reasons, sorted.
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    /// Refused or undetermined, by the first reason.
    pub fn into_outcome(self) -> JourneyOutcome {
        match self.reasons.first().map(|reason| reason.exit) {
            Some(Exit::Undetermined | Exit::Unauthorised) => {
                JourneyOutcome::Undetermined(self.reasons)
            }
            _ => JourneyOutcome::Refused(self.reasons),
        }
    }
}

impl<R: Into<Reason>> From<R> for Failure {
    fn from(reason: R) -> Self {
        Self { reasons: vec![reason.into()] }
    }
}
