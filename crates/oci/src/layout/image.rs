//! Which image a layout means that holds only one.

use std::collections::{BTreeMap, HashSet};

use boltseal_core::{Descriptor, Digest, Exit, MAX_MANIFEST_BYTES, Reason, Tag, media_type};
use boltseal_ports::RegistryError;
use serde_json::Value;

use super::files::{self, Files, blob_name};
use super::index_json::{IndexJson, name_of};

const IMAGE_CONFIGS: [&str; 2] =
    [media_type::OCI_CONFIG, "application/vnd.docker.container.image.v1+json"];

/// The one image of a layout. Evidence does not count: what has a subject or an artifact type,
/// what is named in the tag schema of referrers and of cosign, what is no image by its
/// configuration or its layers. Nor does a nameless manifest that an index beside it holds, as
/// oras lists them.
pub(crate) fn only(files: &dyn Files) -> Result<Descriptor, OnlyImageError> {
    let index = IndexJson::read(files)?;
    let mut images: BTreeMap<&Digest, Vec<&Descriptor>> = BTreeMap::new();
    let mut children = HashSet::new();
    for listed in index.descriptors() {
        if let Some(held) = held_by_image(files, listed)? {
            images.entry(&listed.digest).or_default().push(listed);
            children.extend(held);
        }
    }
    let is_child = |digest: &Digest| children.contains(&digest.to_string());
    images.retain(|digest, same| !is_child(digest) || same.iter().any(|it| name_of(it).is_some()));
    let place = files.place("");
    match (images.values().next(), images.len()) {
        (Some(same), 1) => Ok(same[0].clone()),
        (None, _) => Err(OnlyImageError::None { place }),
        _ => {
            let choices = images.values().map(|same| choice(same)).collect();
            Err(OnlyImageError::Several { place, choices })
        }
    }
}

/// How an image may be picked: by a name, or, where it has none, by its digest.
fn choice(same: &[&Descriptor]) -> String {
    let name = same.iter().find_map(|it| name_of(it));
    name.map_or_else(|| same[0].digest.to_string(), str::to_owned)
}

/// The digests that an image's index holds, none for a single image; `None` for no image.
fn held_by_image(
    files: &dyn Files,
    listed: &Descriptor,
) -> Result<Option<Vec<String>>, RegistryError> {
    let reserved = name_of(listed)
        .and_then(|name| Tag::ref_name(name).ok())
        .is_some_and(|tag| tag.is_reserved());
    let known = media_type::MANIFESTS.contains(&listed.media_type.as_str());
    if listed.artifact_type.is_some() || reserved || !known {
        return Ok(None);
    }
    let bytes = files::read(files, &blob_name(&listed.digest), MAX_MANIFEST_BYTES)?;
    // What is absent or unreadable counts: whoever asks for it is told what is wrong with it.
    let Some(seen) = bytes.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok()) else {
        return Ok(Some(Vec::new()));
    };
    let held = seen["manifests"].as_array().map_or(&[][..], Vec::as_slice);
    let held = held.iter().filter_map(|it| it["digest"].as_str().map(str::to_owned));
    Ok(looks_like_image(&seen).then(|| held.collect()))
}

fn looks_like_image(manifest: &Value) -> bool {
    if manifest["subject"].is_object() || manifest["artifactType"].is_string() {
        return false;
    }
    let Some(config) = manifest["config"]["mediaType"].as_str() else {
        return manifest["manifests"].is_array();
    };
    let evidence = [media_type::SIMPLE_SIGNING, media_type::DSSE_ENVELOPE];
    let layers = manifest["layers"].as_array().map_or(&[][..], Vec::as_slice);
    let is_evidence =
        |layer: &Value| layer["mediaType"].as_str().is_some_and(|it| evidence.contains(&it));
    let all_evidence = !layers.is_empty() && layers.iter().all(is_evidence);
    IMAGE_CONFIGS.contains(&config) && !all_evidence
}

/// A layout or an archive that does not say by itself which image is meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OnlyImageError {
    /// It holds no image.
    #[error("{place}: expected one image, found none")]
    None {
        /// The layout or the archive.
        place: String,
    },
    /// It could not be read.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// It holds several.
    #[error("{place}: expected one image, found {}", .choices.join(", "))]
    Several {
        /// The layout or the archive.
        place: String,
        /// A name for each image, or its digest where it has none.
        choices: Vec<String>,
    },
}

impl From<OnlyImageError> for Reason {
    fn from(error: OnlyImageError) -> Self {
        let expected = "exactly one image where none is named";
        match error {
            OnlyImageError::None { place } => Self::new(Exit::Usage, "image-missing")
                .expected(expected)
                .found("none")
                .place(place)
                .fix("put an image there first"),
            OnlyImageError::Registry(error) => error.into(),
            OnlyImageError::Several { place, choices } => Self::new(Exit::Usage, "image-ambiguous")
                .expected(expected)
                .found(choices.join(", "))
                .place(place)
                .fix("name one of them after a colon, or its digest after an @"),
        }
    }
}
