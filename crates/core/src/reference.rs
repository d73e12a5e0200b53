//! References into a registry.

use std::fmt;
use std::str::FromStr;

use crate::{Digest, DigestError, Repository, RepositoryError, Tag, TagError};

/// A repository and something in it. Only a pinned reference may be signed, verified or promoted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// By digest: always the same content.
    Pinned(Repository, Digest),
    /// By tag: whatever the tag points at now.
    Tagged(Repository, Tag),
    /// Neither: the repository alone.
    Bare(Repository),
}

impl Reference {
    /// The repository.
    pub const fn repository(&self) -> &Repository {
        match self {
            Self::Pinned(repository, _) | Self::Tagged(repository, _) | Self::Bare(repository) => {
                repository
            }
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pinned(repository, digest) => write!(f, "{repository}@{digest}"),
            Self::Tagged(repository, tag) => write!(f, "{repository}:{tag}"),
            Self::Bare(repository) => write!(f, "{repository}"),
        }
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    /// `HOST/REPO`, `HOST/REPO:TAG` or `HOST/REPO@DIGEST`. A tag before a digest
    /// (`HOST/REPO:TAG@DIGEST`) is dropped: the digest says all.
    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        if let Some((name, digest)) = text.split_once('@') {
            let name = split_tag(name).map_or(name, |(repository, _)| repository);
            return Ok(Self::Pinned(name.parse()?, digest.parse()?));
        }
        match split_tag(text) {
            Some((repository, tag)) => Ok(Self::Tagged(repository.parse()?, tag.parse()?)),
            None => Ok(Self::Bare(text.parse()?)),
        }
    }
}

/// Splits at the colon of a tag, which comes after the last slash; one before it is a port's.
fn split_tag(text: &str) -> Option<(&str, &str)> {
    let slash = text.rfind('/')?;
    let colon = slash + text[slash..].find(':')?;
    Some((&text[..colon], &text[colon + 1..]))
}

/// A text that is no reference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// The digest is malformed.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// The repository is malformed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// The tag is malformed.
    #[error(transparent)]
    Tag(#[from] TagError),
}
