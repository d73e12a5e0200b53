//! What the files of a layer say.

use boltseal_core::{Ecosystem, OsRelease};

/// What a record says.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// A symbolic link where a record should be, to this path.
    Link(Vec<u8>),
    Read(Findings),
}

/// What one file says: what it installs, and what in it could not be read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Findings {
    pub(crate) os: Option<OsRelease>,
    pub(crate) packages: Vec<Installed>,
    pub(crate) problems: Vec<String>,
}

impl Findings {
    /// Whether the file turned out to say nothing at all.
    pub(crate) const fn is_empty(&self) -> bool {
        self.os.is_none() && self.packages.is_empty() && self.problems.is_empty()
    }

    pub(crate) fn problem(&mut self, text: impl Into<String>) {
        self.problems.push(text.into());
    }
}

/// One installed package, as its record describes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Installed {
    pub(crate) ecosystem: Ecosystem,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) architecture: Option<String>,
    pub(crate) source: Option<(String, String)>,
    pub(crate) licence: Option<String>,
}

impl Installed {
    /// A package of which no more than name and version are known.
    pub(crate) fn new(ecosystem: Ecosystem, name: &str, version: &str) -> Self {
        Self {
            ecosystem,
            name: name.to_owned(),
            version: version.to_owned(),
            architecture: None,
            source: None,
            licence: None,
        }
    }
}
