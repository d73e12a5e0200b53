//! The configuration of an image that boltseal makes.

use boltseal_core::{Descriptor, Digest, Platform, media_type};
use serde::Serialize;

use super::build_error::BuildError;
use super::layer::Layer;
use super::output::{Output, to_json};

/// The time that says that there is none: it would differ from run to run.
const NO_TIME: &str = "1970-01-01T00:00:00Z";

/// An image configuration (image-spec, `config.md`). Members stand in this order in the written
/// bytes.
#[derive(Serialize)]
struct Document<'a> {
    created: &'a str,
    #[serde(flatten)]
    platform: &'a Platform,
    config: Process<'a>,
    rootfs: Rootfs<'a>,
    history: [History<'a>; 1],
}

#[derive(Serialize)]
struct Process<'a> {
    #[serde(rename = "Entrypoint", skip_serializing_if = "Option::is_none")]
    entrypoint: Option<[&'a str; 1]>,
}

#[derive(Serialize)]
struct Rootfs<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    diff_ids: [&'a Digest; 1],
}

#[derive(Serialize)]
struct History<'a> {
    created: &'a str,
    created_by: &'a str,
}

/// What there is to say of an image of one layer.
pub(super) struct Made<'a> {
    /// What it is for.
    pub(super) platform: &'a Platform,
    /// What it starts.
    pub(super) entrypoint: Option<&'a str>,
    /// What its layer was made by, for people.
    pub(super) by: &'a str,
}

/// Ends an image of one layer.
pub(super) fn finish(
    output: &Output,
    layer: &Layer,
    made: &Made<'_>,
) -> Result<Descriptor, BuildError> {
    let config = Document {
        created: NO_TIME,
        platform: made.platform,
        config: Process { entrypoint: made.entrypoint.map(|it| [it]) },
        rootfs: Rootfs { kind: "layers", diff_ids: [&layer.diff_id] },
        history: [History { created: NO_TIME, created_by: made.by }],
    };
    let config = output.put(media_type::OCI_CONFIG, &to_json(&config))?;
    output.finish(&config, std::slice::from_ref(&layer.descriptor))
}
