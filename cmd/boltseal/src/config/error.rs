use std::path::Path;

use boltseal_core::{Exit, Reason};

/// Which file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// `boltseal.toml`.
    Config,
    /// `policy.toml`.
    Policy,
    /// The cases of `policy test`.
    Cases,
}

impl FileKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Config => "configuration",
            Self::Policy => "policy",
            Self::Cases => "list of cases",
        }
    }

    const fn schema(self) -> &'static str {
        match self {
            Self::Config => "docs/schemas/boltseal.toml.schema.json",
            Self::Policy => "docs/schemas/policy.toml.schema.json",
            Self::Cases => "docs/policy.md",
        }
    }

    /// What is said of a configuration, of a policy, or of cases.
    const fn code(self, [of_config, of_policy, of_cases]: [&'static str; 3]) -> &'static str {
        match self {
            Self::Config => of_config,
            Self::Policy => of_policy,
            Self::Cases => of_cases,
        }
    }
}

/// A configuration or a policy that cannot be used. It ends a run with 20.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConfigError {
    /// A key that nobody knows.
    #[error("{place}: expected a known key, found {found}")]
    UnknownKey {
        /// Which file.
        kind: FileKind,
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
    #[error("{place}: expected a {} file, found {found}", kind.name())]
    Unreadable {
        /// Which file.
        kind: FileKind,
        /// The file.
        place: String,
        /// What the system says.
        found: String,
    },
    /// Not TOML, or a value of another form.
    #[error("{place}: expected a {} in TOML, found {found}", kind.name())]
    Value {
        /// Which file.
        kind: FileKind,
        /// File and line.
        place: String,
        /// What is wrong.
        found: String,
    },
}

impl ConfigError {
    /// The file cannot be read.
    pub(crate) fn unreadable(kind: FileKind, path: &Path, found: String) -> Self {
        Self::Unreadable { kind, place: path.display().to_string(), found }
    }

    /// What the TOML parser refuses, with the line.
    pub(crate) fn value(kind: FileKind, path: &Path, text: &str, error: &toml::de::Error) -> Self {
        let offset = error.span().map_or(0, |span| span.start);
        let found = error.message().to_owned();
        Self::Value { kind, place: place(path, text, offset), found }
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
            ConfigError::UnknownKey { kind, place, found, nearest, known } => {
                let nearest = nearest.map_or_else(
                    || "remove it".to_owned(),
                    |key| format!("did you mean {key}? If not, remove it"),
                );
                Self::new(
                    Exit::Invalid,
                    kind.code(["config-unknown-key", "policy-unknown-key", "cases-unknown-key"]),
                )
                .expected(format!("one of {}", known.join(", ")))
                .found(format!("the unknown key {found}"))
                .place(place)
                .fix(nearest)
            }
            ConfigError::Unreadable { kind, place, found } => Self::new(
                Exit::Invalid,
                kind.code(["config-unreadable", "policy-unreadable", "cases-unreadable"]),
            )
            .expected(format!("a {} file that can be read", kind.name()))
            .found(found)
            .place(place)
            .fix(kind.code([
                "name another file with --config, or leave --config out",
                "name another file with --policy",
                "name another file with --cases",
            ])),
            ConfigError::Value { kind, place, found } => Self::new(
                Exit::Invalid,
                kind.code(["config-invalid", "policy-invalid", "cases-invalid"]),
            )
            .expected(format!("a {} in TOML, as {} has it", kind.name(), kind.schema()))
            .found(found)
            .place(place)
            .fix("correct the line"),
        }
    }
}
