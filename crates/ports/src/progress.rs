//! Progress, as events; text is made of them elsewhere.

use std::time::Duration;

use crate::Traffic;

/// Something a journey has to say while it runs. None of it may hold a secret.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Progress {
    /// A step of the journey begins.
    Started {
        /// The step's name, as in DESIGN.md 2.
        step: &'static str,
    },
    /// A step ended well.
    Finished {
        /// The step's name.
        step: &'static str,
        /// How long it took.
        took: Duration,
        /// What it sent and received.
        traffic: Traffic,
    },
    /// Something worth knowing.
    Note(String),
    /// Something that should be looked at, though it changes no outcome.
    Warning(String),
}

/// Takes progress events; called from any thread, and must not block for long.
pub trait Reporter: Send + Sync {
    /// One event.
    fn report(&self, progress: Progress);
}
