use std::path::PathBuf;
use std::str::FromStr;

use boltseal_core::{Exit, Platform, Reason, json};
use serde_json::Value;

use crate::file;

/// A `CycloneDX` document of a large image has some 20 MiB.
const MAX_SBOM_BYTES: u64 = 128 << 20;

/// One `--sbom`: a document, and for an index the platform that it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SbomSource {
    /// The platform, in front of `=`.
    pub(crate) platform: Option<Platform>,
    /// The file.
    pub(crate) file: PathBuf,
}

impl SbomSource {
    /// Reads strict JSON that says it is `CycloneDX`.
    pub(crate) fn read(&self) -> Result<Value, Reason> {
        let invalid = |found: String| {
            Reason::new(Exit::Invalid, "sbom-invalid")
                .expected("a CycloneDX document in JSON (\"bomFormat\": \"CycloneDX\")")
                .found(found)
                .place(self.file.display().to_string())
                .fix("give a CycloneDX document, or leave --sbom out: boltseal makes one")
        };
        let bytes =
            file::read(&self.file, MAX_SBOM_BYTES).map_err(|error| invalid(error.to_string()))?;
        let value = json::parse(&bytes).map_err(|error| invalid(error.to_string()))?;
        match value.get("bomFormat").and_then(Value::as_str) {
            Some("CycloneDX") => Ok(value),
            Some(other) => Err(invalid(format!("bomFormat {other:?}"))),
            None if value.get("spdxVersion").is_some() => {
                Err(invalid("an SPDX document".to_owned()))
            }
            None => Err(invalid("no bomFormat".to_owned())),
        }
    }
}

impl FromStr for SbomSource {
    type Err = std::convert::Infallible;

    /// `FILE` or `OS/ARCH[/VARIANT]=FILE`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = text.split_once('=').and_then(|(platform, file)| {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '/';
            let platform = platform.chars().all(plain).then(|| platform.parse().ok())??;
            Some((platform, file))
        });
        Ok(match named {
            Some((platform, file)) => Self { platform: Some(platform), file: file.into() },
            None => Self { platform: None, file: text.into() },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_stands_in_front() {
        let parse = |text: &str| text.parse::<SbomSource>().unwrap();
        let named = parse("linux/arm64/v8=a.json");
        assert_eq!(named.platform.unwrap().to_string(), "linux/arm64/v8");
        assert_eq!(named.file, PathBuf::from("a.json"));
        for plain in ["a.json", "./a/b=c.json", "name=x"] {
            assert_eq!(parse(plain), SbomSource { platform: None, file: plain.into() });
        }
    }

    #[test]
    fn only_cyclonedx_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        let read = |text: &str| {
            let file = dir.path().join("s.json");
            std::fs::write(&file, text).unwrap();
            SbomSource { platform: None, file }.read()
        };
        assert!(read(r#"{"bomFormat":"CycloneDX"}"#).is_ok());
        for bad in [
            "",
            "{}",
            r#"{"bomFormat":"CycloneDX","bomFormat":"CycloneDX"}"#,
            r#"{"bomFormat":"X"}"#,
            r#"{"spdxVersion":"SPDX-2.3"}"#,
        ] {
            let reason = read(bad).unwrap_err();
            assert_eq!((reason.exit, reason.code), (Exit::Invalid, "sbom-invalid"), "{bad}");
        }
    }
}
