use std::path::Path;

use boltseal_core::{Exit, Reason};

/// A configuration that cannot be used. It ends a run with 20.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConfigError {
    /// A key that nobody knows.
    #[error("{place}: expected a known key, found {found}")]
    UnknownKey {
        /// File and line.
        place: String,
        /// The key, with its section.
        found: String,
        /// The nearest key that is known, where one is near.
        nearest: Option<String>,
        /// All keys that are known there.
        known: Vec<String>,
    },
    /// The file cannot be read.
    #[error("{place}: expected a configuration file, found {found}")]
    Unreadable {
        /// The file.
        place: String,
        /// What the system says.
        found: String,
    },
    /// Not TOML, or a value of another form.
    #[error("{place}: expected a configuration in TOML, found {found}")]
    Value {
        /// File and line.
        place: String,
        /// What is wrong.
        found: String,
    },
}

impl ConfigError {
    /// The file cannot be read.
    pub(crate) fn unreadable(path: &Path, found: String) -> Self {
        Self::Unreadable { place: path.display().to_string(), found }
    }

    /// What the TOML parser refuses, with the line.
    pub(crate) fn value(path: &Path, text: &str, error: &toml::de::Error) -> Self {
        let offset = error.span().map_or(0, |span| span.start);
        Self::Value { place: place(path, text, offset), found: error.message().to_owned() }
    }
}

/// `FILE:LINE` of a byte of the text.
pub(crate) fn place(path: &Path, text: &str, offset: usize) -> String {
    let before = text.as_bytes().iter().take(offset);
    let line = 1 + before.filter(|byte| **byte == b'\n').count();
    format!("{}:{line}", path.display())
}

impl From<ConfigError> for Reason {
    fn from(error: ConfigError) -> Self {
        match error {
            ConfigError::UnknownKey { place, found, nearest, known } => {
                let nearest = nearest.map_or_else(
                    || "remove it".to_owned(),
                    |key| format!("did you mean {key}? If not, remove it"),
                );
                Self::new(Exit::Invalid, "config-unknown-key")
                    .expected(format!("one of {}", known.join(", ")))
                    .found(format!("the unknown key {found}"))
                    .place(place)
                    .fix(nearest)
            }
            ConfigError::Unreadable { place, found } => {
                Self::new(Exit::Invalid, "config-unreadable")
                    .expected("a configuration file that can be read")
                    .found(found)
                    .place(place)
                    .fix("name another file with --config, or leave --config out")
            }
            ConfigError::Value { place, found } => Self::new(Exit::Invalid, "config-invalid")
                .expected(
                    "a configuration in TOML, as docs/schemas/boltseal.toml.schema.json has it",
                )
                .found(found)
                .place(place)
                .fix("correct the line"),
        }
    }
}
