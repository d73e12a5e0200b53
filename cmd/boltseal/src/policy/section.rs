use std::path::PathBuf;

use boltseal_core::{Digest, Severity};
use boltseal_gate::{Limit, MaxAge, Thresholds};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

use crate::argument::{KeySource, Limits};
use crate::config::{text_or_none, texts};

/// `[[signer]]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignerSection {
    /// How the signer is called in results.
    pub(crate) name: String,
    /// Its public key.
    #[serde(with = "text")]
    pub(crate) key: KeySource,
    /// The first moment at which the key counts.
    #[serde(default, deserialize_with = "moment")]
    pub(crate) not_before: Option<Timestamp>,
    /// The last one.
    #[serde(default, deserialize_with = "moment")]
    pub(crate) not_after: Option<Timestamp>,
    /// The images for which it counts after that as well.
    #[serde(default, with = "texts")]
    pub(crate) digests: Vec<Digest>,
}

/// `[source]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SourceSection {
    /// The repository's URL.
    pub(crate) repository: Option<String>,
    /// The refs, of which one must be named.
    pub(crate) refs: Vec<String>,
    /// The builders, of which one must be named.
    pub(crate) builders: Vec<String>,
}

/// `[gate]`: the same names as in boltseal.toml, for scans that were attested. What is left out is
/// not judged again. Unknown keys are found before it is read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ScanSection {
    /// How many findings are allowed.
    #[serde(flatten)]
    pub(crate) limits: Limits,
    /// How old the scan may be.
    #[serde(with = "text_or_none")]
    pub(crate) max_scan_age: Option<MaxAge>,
    /// Findings that somebody answers for.
    pub(crate) waivers: Option<PathBuf>,
}

impl ScanSection {
    /// The limits; unlimited where none is set.
    pub(crate) fn thresholds(&self) -> Thresholds {
        let mut thresholds = Thresholds::default();
        for severity in Severity::ALL {
            thresholds.set(severity, self.limits.of(severity).unwrap_or(Limit::Unlimited));
        }
        thresholds
    }
}

/// A time of TOML with an offset, or the same as a text.
pub(super) fn moment<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Timestamp>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a time such as 2027-01-01T00:00:00Z")]
    enum Written {
        Time(toml::value::Datetime),
        Text(String),
    }
    let text = match Written::deserialize(deserializer)? {
        Written::Time(time) => time.to_string(),
        Written::Text(text) => text,
    };
    let time = text.parse().map_err(|_| {
        let shown: String = text.chars().take(60).collect();
        serde::de::Error::custom(format!(
            "expected a time with an offset such as 2027-01-01T00:00:00Z, found {shown:?}"
        ))
    })?;
    Ok(Some(time))
}

/// A value that is written as text, by the same parser as the flag.
pub(super) mod text {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(crate) fn serialize<T: Display, S: Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
