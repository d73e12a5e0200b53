use std::fmt;
use std::str::FromStr;

use super::Malformed;

/// Where boltseal's own workflows are: a repository at a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pinned {
    /// `OWNER/NAME`.
    pub(crate) repository: String,
    /// Forty hexadecimal digits.
    pub(crate) commit: String,
}

impl Pinned {
    /// What a build that is no release knows: nothing, and it shows.
    pub(crate) fn unknown() -> Self {
        Self { repository: "OWNER/boltseal".to_owned(), commit: "0".repeat(40) }
    }
}

impl FromStr for Pinned {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let refuse = || Malformed::new("OWNER/NAME@COMMIT with a commit of 40 digits", text);
        let (repository, commit) = text.split_once('@').ok_or_else(refuse)?;
        let is_part = |part: &str| {
            part.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        let is_commit = commit.len() == 40
            && commit.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let parts = repository.split('/').count();
        if (2..=20).contains(&parts) && repository.split('/').all(is_part) && is_commit {
            Ok(Self { repository: repository.to_owned(), commit: commit.to_owned() })
        } else {
            Err(refuse())
        }
    }
}

impl fmt::Display for Pinned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.repository, self.commit)
    }
}
