//! `boltseal.toml`: what to release, where to, and what the gate allows.
//!
//! Read by release, gate and preflight only. Paths in it are taken from the folder that it lies in. A key
//! that nobody knows is an error, with its line and the nearest key there is.

mod error;
mod keys;
mod section;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use boltseal_core::{Location, Target};
use boltseal_pipeline::Failure;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::argument::{BaselineSource, KeySource, ScanSource};
use crate::file;

pub(crate) use error::{ConfigError, FileKind, place};
pub(crate) use keys::Known;
pub(crate) use section::{
    GateSection, PostureSection, ReleaseSection, SbomSection, text_or_none, texts,
};

/// The file that is read where none is named.
pub(crate) const DEFAULT_FILE: &str = "boltseal.toml";

/// A configuration is written by people.
const MAX_CONFIG_BYTES: u64 = 1 << 20;

/// The whole file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// What `release` does.
    pub(crate) release: ReleaseSection,
    /// What the gate allows.
    pub(crate) gate: GateSection,
    /// What the posture of the repository is judged against.
    pub(crate) posture: PostureSection,
    /// How the SBOM is made.
    pub(crate) sbom: SbomSection,
}

impl Config {
    /// Reads a file that was named.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let (_, config): (_, Self) = read_toml(path, FileKind::Config, &keys::KNOWN)?;
        Ok(config.below(path.parent().unwrap_or(Path::new(""))))
    }

    /// Reads `./boltseal.toml` where it is there.
    pub(crate) fn read_default() -> Result<Self, Failure> {
        let path = Path::new(DEFAULT_FILE);
        match path.symlink_metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            _ => Self::read(path),
        }
    }

    #[cfg(test)]
    fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        parse_toml(path, text, FileKind::Config, &keys::KNOWN)
    }

    /// The same, with relative paths taken from `folder`.
    fn below(mut self, folder: &Path) -> Self {
        let release = self.release;
        self.release = ReleaseSection {
            to: release.to.map(|target| target_below(target, folder)),
            certificate_chain: release.certificate_chain.map(|path| folder.join(path)),
            keys: release.keys.into_iter().map(|key| KeySource::below(key, folder)).collect(),
            scan: release.scan.into_iter().map(|scan| ScanSource::below(scan, folder)).collect(),
            ..release
        };
        self.gate.waivers = self.gate.waivers.map(|path| folder.join(path));
        self.gate.baseline = self.gate.baseline.map(|baseline| match baseline {
            BaselineSource::Release(target) => {
                BaselineSource::Release(target_below(target, folder))
            }
            other @ BaselineSource::PreviousRelease => other,
        });
        self
    }
}

/// The text of a file that was named, and what it says. Its keys are all known ones.
pub(crate) fn read_toml<T: DeserializeOwned>(
    path: &Path,
    kind: FileKind,
    known: &Known,
) -> Result<(String, T), ConfigError> {
    let unreadable = |found: String| ConfigError::unreadable(kind, path, found);
    let bytes = file::read(path, MAX_CONFIG_BYTES).map_err(|it| unreadable(it.to_string()))?;
    let text = std::str::from_utf8(&bytes).map_err(|it| unreadable(it.to_string()))?;
    Ok((text.to_owned(), parse_toml(path, text, kind, known)?))
}

/// What a text says.
pub(crate) fn parse_toml<T: DeserializeOwned>(
    path: &Path,
    text: &str,
    kind: FileKind,
    known: &Known,
) -> Result<T, ConfigError> {
    keys::check(kind, path, text, known)?;
    toml::from_str(text).map_err(|error| ConfigError::value(kind, path, text, &error))
}

/// The same target; a relative path in it is taken from `folder`.
pub(crate) fn target_below(target: Target, folder: &Path) -> Target {
    let join = |path: PathBuf| folder.join(path);
    let location = match target.location {
        Location::Layout(path) => Location::Layout(join(path)),
        Location::OciArchive(path) => Location::OciArchive(join(path)),
        Location::DockerArchive(path) => Location::DockerArchive(join(path)),
        Location::Evidence(path) => Location::Evidence(join(path)),
        other @ Location::Registry(_) => other,
    };
    Target { location, pick: target.pick }
}

#[cfg(test)]
mod tests {
    use boltseal_core::{Exit, Reason};

    use super::*;

    const FULL: &str = r#"
[release]
to = "oci:out:1.2"
tags = ["1.2"]
moving_tags = ["latest"]
keys = ["release.key", "env://KEY"]
scan = ["trivy.json"]
evidence = ["bundle", "legacy"]

[gate]
max_critical = 0
max_medium = "unlimited"
max_scan_age = "2d"
waivers = "waivers.toml"

[sbom]
spec_version = "1.6"
"#;

    fn parse(text: &str) -> Result<Config, Reason> {
        Config::parse(Path::new("ci/boltseal.toml"), text).map_err(Reason::from)
    }

    #[test]
    fn paths_are_taken_from_the_files_folder() {
        let config = parse(FULL).unwrap().below(Path::new("ci"));
        assert_eq!(config.release.to.unwrap().to_string(), "oci:ci/out:1.2");
        let keys: Vec<String> = config.release.keys.iter().map(ToString::to_string).collect();
        assert_eq!(keys, ["ci/release.key", "env://KEY"]);
        assert_eq!(config.release.scan[0].to_string(), "ci/trivy.json");
        assert_eq!(config.gate.waivers.unwrap(), Path::new("ci/waivers.toml"));
        assert_eq!(config.gate.max_scan_age.unwrap().to_string(), "2d");
    }

    #[test]
    fn an_empty_file_says_nothing() {
        assert_eq!(parse("").unwrap(), Config::default());
    }

    #[test]
    fn an_unknown_key_has_its_line_and_the_nearest_known_one() {
        let reason = parse("[gate]\nmax_critcal = 0\n").unwrap_err();
        assert_eq!((reason.exit, reason.code), (Exit::Invalid, "config-unknown-key"));
        assert_eq!(reason.place, "ci/boltseal.toml:2");
        assert!(reason.found.contains("max_critcal"), "{reason:?}");
        assert!(reason.fix.contains("max_critical"), "{reason:?}");
        let reason = parse("\n[gates]\n").unwrap_err();
        assert_eq!(reason.place, "ci/boltseal.toml:2");
        assert!(reason.fix.contains("gate"), "{reason:?}");
    }

    #[test]
    fn a_wrong_value_has_its_line() {
        for text in [
            "[gate]\nmax_critical = -1\n",
            "[gate]\nmax_scan_age = \"soon\"\n",
            "[release]\nto = \"app\"\n",
            "[release]\nmoving_tags = \"latest\"\n",
            "[sbom]\nspec_version = \"2.0\"\n",
            "[sbom\n",
        ] {
            let reason = parse(text).unwrap_err();
            assert_eq!((reason.exit, reason.code), (Exit::Invalid, "config-invalid"), "{text}");
            assert!(reason.place.starts_with("ci/boltseal.toml:"), "{text}: {reason:?}");
        }
    }
}
