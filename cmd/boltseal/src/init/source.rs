use std::collections::BTreeMap;

/// Where a setting is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A flag.
    Flag,
    /// What an earlier run wrote down, or an existing configuration.
    Config,
    /// Variables of the CI system.
    Environment,
    /// The folder `.git`.
    Git,
    /// Which files there are.
    Files,
    /// Nowhere.
    Default,
}

impl Origin {
    /// As results name it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Config => "boltseal.toml",
            Self::Environment => "environment",
            Self::Git => "git",
            Self::Files => "files",
            Self::Default => "default",
        }
    }
}

/// Values by the flags that set them, all from one place.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) origin: Origin,
    values: BTreeMap<&'static str, Vec<String>>,
}

impl Source {
    pub(crate) const fn new(origin: Origin) -> Self {
        Self { origin, values: BTreeMap::new() }
    }

    /// The same with one value more.
    pub(crate) fn add(&mut self, name: &'static str, value: impl Into<String>) {
        self.values.entry(name).or_default().push(value.into());
    }

    /// The same with a value where there is one.
    pub(crate) fn add_some(&mut self, name: &'static str, value: Option<impl Into<String>>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    /// The values of a flag; none where there are none.
    pub(crate) fn values(&self, name: &str) -> Option<&[String]> {
        self.values.get(name).map(Vec::as_slice)
    }
}
