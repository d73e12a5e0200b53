//! What `init` writes: found out without asking, made of a few settings, and compared with what is
//! there.

mod aws_names;
mod ci_system;
mod draft;
mod folder;
mod found;
mod git;
mod host;
mod pinned;
mod reading;
mod record;
mod release_ref;
mod settings;
mod source;
mod source_repository;

pub(crate) use ci_system::CiSystem;
pub(crate) use draft::{Draft, drafts, next, warnings};
pub(crate) use folder::{Folder, Replacing};
pub(crate) use found::found;
pub(crate) use settings::Settings;
pub(crate) use source::{Origin, Source};

/// A value that is none, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Malformed(pub(crate) String);

impl Malformed {
    fn new(expected: &str, found: &str) -> Self {
        let shown: String = found.chars().take(120).collect();
        Self(format!("expected {expected}, found {shown:?}"))
    }
}
