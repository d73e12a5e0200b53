use std::path::PathBuf;

use boltseal_core::{Tag, Target};
use boltseal_gate::MaxAge;
use boltseal_image::cyclonedx::SpecVersion;
use boltseal_posture::Allowed;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::argument::{
    BaselineSource, EvidenceFormat, KeySource, Limits, PostureLevel, PostureMode, ScanSource,
};

/// `[release]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ReleaseSection {
    /// `--to`.
    #[serde(with = "text_or_none")]
    pub(crate) to: Option<Target>,
    /// `--tag`.
    #[serde(with = "texts")]
    pub(crate) tags: Vec<Tag>,
    /// `--moving-tag`.
    #[serde(with = "texts")]
    pub(crate) moving_tags: Vec<Tag>,
    /// `--key`.
    #[serde(with = "texts")]
    pub(crate) keys: Vec<KeySource>,
    /// `--scan`.
    #[serde(with = "texts")]
    pub(crate) scan: Vec<ScanSource>,
    /// `--evidence`.
    #[serde(with = "texts")]
    pub(crate) evidence: Vec<EvidenceFormat>,
    /// `--certificate-chain`.
    pub(crate) certificate_chain: Option<PathBuf>,
    /// `--signer-profile`.
    pub(crate) signer_profile: Option<String>,
}

/// `[gate]`. Unknown keys are found before it is read; what is flattened cannot deny them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct GateSection {
    /// `--max-critical` and the others.
    #[serde(flatten)]
    pub(crate) limits: Limits,
    /// `--max-scan-age`.
    #[serde(with = "text_or_none")]
    pub(crate) max_scan_age: Option<MaxAge>,
    /// `--waivers`.
    pub(crate) waivers: Option<PathBuf>,
    /// `--baseline`.
    #[serde(with = "text_or_none")]
    pub(crate) baseline: Option<BaselineSource>,
}

/// `[posture]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PostureSection {
    /// `--posture`.
    #[serde(with = "text_or_none")]
    pub(crate) mode: Option<PostureMode>,
    /// `--posture-level`.
    #[serde(with = "text_or_none")]
    pub(crate) level: Option<PostureLevel>,
    /// `--allow-push`.
    #[serde(with = "texts")]
    pub(crate) allow_push: Vec<Allowed>,
    /// `--allow-public-pull`.
    pub(crate) allow_public_pull: Option<bool>,
    /// `--attest-posture`.
    pub(crate) attest: Option<bool>,
}

/// `[sbom]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SbomSection {
    /// `--spec-version`.
    #[serde(with = "text_or_none")]
    pub(crate) spec_version: Option<SpecVersion>,
}

/// A value that is written as text, by the same parser as the flag.
pub(crate) mod text_or_none {
    use super::{Deserialize, Deserializer, Serialize, Serializer};
    use std::fmt::Display;
    use std::str::FromStr;

    #[expect(clippy::ref_option, reason = "the signature that serde wants")]
    pub(crate) fn serialize<T, S>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error>
    where
        T: Display,
        S: Serializer,
    {
        value.as_ref().map(ToString::to_string).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Some).map_err(serde::de::Error::custom)
    }
}

/// A list of values that are written as texts.
pub(crate) mod texts {
    use super::{Deserialize, Deserializer, Serializer};
    use std::fmt::Display;
    use std::str::FromStr;

    pub(crate) fn serialize<T, S>(values: &[T], serializer: S) -> Result<S::Ok, S::Error>
    where
        T: Display,
        S: Serializer,
    {
        serializer.collect_seq(values.iter().map(ToString::to_string))
    }

    pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let parsed = texts.iter().map(|text| text.parse().map_err(serde::de::Error::custom));
        parsed.collect()
    }
}
