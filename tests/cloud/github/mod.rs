//! The action for GitHub, run for real by act on this machine, without containers.

mod act;
mod bad_input;
mod release;
mod workflow;
