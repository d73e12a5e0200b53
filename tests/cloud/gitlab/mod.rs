//! The component for GitLab, run for real by gitlab-ci-local's shell executor on this machine.

mod bad_input;
mod component;
mod download;
mod interpolation;
mod pipeline;
mod posix;
mod release;
mod reports;
mod runner;

pub(crate) use runner::Runner;
