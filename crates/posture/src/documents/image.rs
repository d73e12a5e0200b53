use jiff::Timestamp;
use serde::Deserialize;

use super::reader::time;

/// `describe-images`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Images {
    pub(crate) image_details: Vec<ImageDetail>,
    /// Further pages were not read.
    #[serde(alias = "NextToken")]
    pub(crate) next_token: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImageDetail {
    pub(crate) image_digest: String,
    #[serde(default)]
    pub(crate) image_tags: Vec<String>,
    #[serde(default, deserialize_with = "time::maybe")]
    pub(crate) image_pushed_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "time::maybe")]
    pub(crate) last_recorded_pull_time: Option<Timestamp>,
    pub(crate) artifact_media_type: Option<String>,
    pub(crate) subject_manifest_digest: Option<String>,
    pub(crate) image_status: Option<String>,
}
