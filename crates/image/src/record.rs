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
#[derive(Clone, Debug)]
pub(crate) struct Findings {
    pub(crate) os: Option<OsRelease>,
    pub(crate) packages: Vec<Installed>,
    pub(crate) problems: Vec<String>,
    /// How many packages and problems there is room for.
    room: usize,
    is_full: bool,
}

/// Characters of a problem that are kept: it may quote what the file says.
const MAX_PROBLEM: usize = 300;

impl Findings {
    /// Room for `room` packages and problems.
    pub(crate) const fn within(room: usize) -> Self {
        Self { os: None, packages: Vec::new(), problems: Vec::new(), room, is_full: false }
    }

    /// Whether the file turned out to say nothing at all.
    pub(crate) const fn is_empty(&self) -> bool {
        self.os.is_none() && self.packages.is_empty() && self.problems.is_empty()
    }

    /// How many packages and problems there are; `None` where there was no room for all.
    pub(crate) const fn count(&self) -> Option<usize> {
        if self.is_full { None } else { Some(self.packages.len() + self.problems.len()) }
    }

    /// Adds a package; one whose texts are too long to be true is a problem instead.
    pub(crate) fn add(&mut self, package: Installed) {
        match package.overlong() {
            Some(what) => self.problem(format!("a package with a {what} over {MAX_TEXT} bytes")),
            None if self.has_room() => self.packages.push(package),
            None => {}
        }
    }

    /// Adds a problem, cut at a few hundred characters.
    pub(crate) fn problem(&mut self, text: impl Into<String>) {
        if self.has_room() {
            let text: String = text.into();
            self.problems.push(text.chars().take(MAX_PROBLEM).collect());
        }
    }

    fn has_room(&mut self) -> bool {
        let has_room = self.packages.len() + self.problems.len() < self.room;
        self.is_full |= !has_room;
        has_room
    }
}

impl Extend<Installed> for Findings {
    fn extend<I: IntoIterator<Item = Installed>>(&mut self, packages: I) {
        for package in packages {
            self.add(package);
        }
    }
}

#[cfg(test)]
impl Default for Findings {
    fn default() -> Self {
        Self::within(1000)
    }
}

/// Bytes in any text of a package.
const MAX_TEXT: usize = 1024;

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

    /// What of it is longer than [`MAX_TEXT`].
    fn overlong(&self) -> Option<&'static str> {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let source =
            self.source.as_ref().map_or(0, |(name, version)| name.len().max(version.len()));
        [
            ("name", self.name.len()),
            ("version", self.version.len()),
            ("architecture", length(&self.architecture)),
            ("source", source),
            ("licence", length(&self.licence)),
        ]
        .into_iter()
        .find_map(|(what, length)| (length > MAX_TEXT).then_some(what))
    }
}
