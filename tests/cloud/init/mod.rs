//! What `init` writes, as an account and as jobs.

pub(crate) mod jobs;
pub(crate) mod project;
mod rights;

/// The role of the release job of [`crate::job::NAME`].
const ROLE: &str = "boltseal-team-app";
