//! The action for GitHub, run for real by act on this machine, without containers.

mod act;
mod bad_input;
mod documentation;
mod download;
mod example;
mod hostile;
mod pull_request;
mod release;
mod workflow;

pub(crate) use act::{Act, Ran};
pub(crate) use example::repository as example_repository;
pub(crate) use workflow::TELLING;
