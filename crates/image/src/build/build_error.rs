//! Why no image could be made.

use std::io;
use std::path::{Path, PathBuf};

use boltseal_core::{Digest, Exit, Platform, Reason};

use crate::ConfigError;

/// An image that could not be made.
#[derive(Debug, thiserror::Error)]
#[error("{}: expected {}, found {}", place.display(), fault.expected(), fault.found())]
pub struct BuildError {
    /// The file or the directory.
    pub place: PathBuf,
    /// What is wrong with it.
    pub fault: BuildFault,
}

/// What is wrong with the input, or with the place for the image.
#[derive(Debug)]
#[non_exhaustive]
pub enum BuildFault {
    /// A file that is not the archive it should be.
    Archive(String),
    /// A file that grew or shrank while it was read; its size when it was opened.
    Changed(u64),
    /// The configuration in the archive is none.
    Config(ConfigError),
    /// A file or directory that cannot be read or written.
    Io(io::Error),
    /// Nothing says what platform the image is for; what was looked at is this.
    NoPlatform(String),
    /// The directory for the layout is in use; this is in it.
    NotEmpty(String),
    /// The archive holds no image of the name, or several and none was named.
    NotOneImage {
        /// The name, where one was given.
        wanted: Option<String>,
        /// What there is.
        choices: Vec<String>,
    },
    /// The archive holds an OCI image layout, to be read as such.
    OciArchive,
    /// A name that cannot be put into a layer; what a name must be.
    UnfitName(&'static str),
    /// The configuration is not the one that its name says.
    WrongConfig {
        /// The digest in the name.
        expected: Digest,
        /// The digest of the bytes.
        found: Digest,
    },
    /// A layer is not the one that the configuration names.
    WrongDiffId {
        /// The diffID in the configuration.
        expected: Digest,
        /// The digest of the layer's bytes.
        found: Digest,
    },
    /// There are not as many layers as diffIDs.
    WrongLayerCount {
        /// The number of diffIDs.
        expected: usize,
        /// The number of layers.
        found: usize,
    },
    /// The platform asked for is not the one of the executable.
    WrongPlatform {
        /// The platform asked for.
        expected: Box<Platform>,
        /// The platform that its header says.
        found: Box<Platform>,
    },
}

impl BuildFault {
    /// This fault at a place.
    pub(super) fn at(self, place: &Path) -> BuildError {
        BuildError { place: place.to_owned(), fault: self }
    }

    /// What was expected.
    pub fn expected(&self) -> String {
        match self {
            Self::Archive(_) | Self::OciArchive => "a tar file as docker save writes it".to_owned(),
            Self::Changed(size) => format!("a file of {size} bytes"),
            Self::Config(_) => "an image configuration".to_owned(),
            Self::Io(_) => "a file or directory that can be used".to_owned(),
            Self::NoPlatform(_) => "an ELF executable, which says its platform".to_owned(),
            Self::NotEmpty(_) => "an empty directory outside the input".to_owned(),
            Self::NotOneImage { wanted: None, .. } => "one image where none is named".to_owned(),
            Self::NotOneImage { wanted: Some(name), .. } => format!("an image named {name:?}"),
            Self::UnfitName(expected) => (*expected).to_owned(),
            Self::WrongConfig { expected, .. } => format!("a configuration with digest {expected}"),
            Self::WrongDiffId { expected, .. } => format!("a layer with diffID {expected}"),
            Self::WrongLayerCount { expected, .. } => {
                format!("{expected} layers, one for each diffID")
            }
            Self::WrongPlatform { expected, .. } => format!("an executable for {expected}"),
        }
    }

    /// What was found.
    pub fn found(&self) -> String {
        match self {
            Self::Archive(found) | Self::NoPlatform(found) | Self::NotEmpty(found) => found.clone(),
            Self::Changed(_) => "a file that changes while it is read".to_owned(),
            Self::Config(error) => error.to_string(),
            Self::Io(error) => error.to_string(),
            Self::NotOneImage { choices, .. } if choices.is_empty() => "none".to_owned(),
            Self::NotOneImage { choices, .. } => choices.join(", "),
            Self::OciArchive => "an OCI image layout".to_owned(),
            Self::UnfitName(_) => "another".to_owned(),
            Self::WrongConfig { found, .. } | Self::WrongDiffId { found, .. } => found.to_string(),
            Self::WrongLayerCount { found, .. } => found.to_string(),
            Self::WrongPlatform { found, .. } => found.to_string(),
        }
    }

    /// What a run that meets this ends with, and its stable code.
    pub const fn outcome(&self) -> (Exit, &'static str) {
        match self {
            Self::Archive(_) => (Exit::Contradiction, "archive-malformed"),
            Self::Changed(_) => (Exit::Undetermined, "input-changed"),
            Self::Config(_) => (Exit::Contradiction, "config-malformed"),
            Self::Io(_) => (Exit::Undetermined, "input-unreadable"),
            Self::NoPlatform(_) => (Exit::Usage, "platform-unknown"),
            Self::NotEmpty(_) => (Exit::Usage, "output-not-empty"),
            Self::NotOneImage { .. } => (Exit::Usage, "image-ambiguous"),
            Self::OciArchive => (Exit::Usage, "archive-is-oci"),
            Self::UnfitName(_) => (Exit::Usage, "name-unfit"),
            Self::WrongConfig { .. } => (Exit::Contradiction, "config-contradicts"),
            Self::WrongDiffId { .. } => (Exit::Contradiction, "layer-diff-id"),
            Self::WrongLayerCount { .. } => (Exit::Contradiction, "layer-count"),
            Self::WrongPlatform { .. } => (Exit::Usage, "platform-contradicts"),
        }
    }

    /// What would make it pass.
    pub const fn fix(&self) -> &'static str {
        match self {
            Self::Archive(_) => "give the uncompressed tar file that docker save writes",
            Self::Changed(_) => "wait until nothing writes to it, and run again",
            Self::Config(_)
            | Self::WrongConfig { .. }
            | Self::WrongDiffId { .. }
            | Self::WrongLayerCount { .. } => "save the image again: this copy is damaged",
            Self::Io(_) => "check the path, its permissions and the space left on its disk",
            Self::NoPlatform(_) => "say what it is for, such as --platform linux/amd64",
            Self::NotEmpty(_) => "name an empty directory, or one that does not exist",
            Self::NotOneImage { .. } => "name one of them: docker-archive:FILE:NAME",
            Self::OciArchive => "name it oci-archive:FILE",
            Self::UnfitName(_) => "rename the file",
            Self::WrongPlatform { .. } => "build for the platform, or leave --platform out",
        }
    }
}

impl From<BuildError> for Reason {
    fn from(error: BuildError) -> Self {
        let (exit, code) = error.fault.outcome();
        Self::new(exit, code)
            .expected(error.fault.expected())
            .found(error.fault.found())
            .place(error.place.display().to_string())
            .fix(error.fault.fix())
    }
}

/// For `map_err`: a failure of the system at `place`.
pub(super) fn io_at(place: &Path) -> impl Fn(io::Error) -> BuildError {
    move |error| BuildFault::Io(error).at(place)
}
