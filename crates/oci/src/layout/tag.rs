//! Tags of a layout: the names of entries in `index.json`.

use boltseal_core::{Descriptor, RawManifest, Tag};
use boltseal_ports::RegistryError;

use super::directory::Directory;
use super::files::Files;
use super::index_json::{INDEX_JSON, IndexJson};
use super::{manifest, trouble};

/// What a name stands for. One name for two digests is a contradiction: another reader of the
/// layout may take the other one.
pub(crate) fn resolve<'a>(
    files: &dyn Files,
    index: &'a IndexJson,
    tag: &Tag,
) -> Result<Option<&'a Descriptor>, RegistryError> {
    let named = index.named(tag);
    let Some(first) = named.first() else {
        return Ok(None);
    };
    match named.iter().find(|it| it.digest != first.digest) {
        None => Ok(Some(first)),
        Some(other) => {
            let expected = format!("one manifest named {:?}", tag.as_str());
            let found = format!("{} and {}", first.digest, other.digest);
            Err(trouble::contradiction(&files.place(INDEX_JSON), expected, found)
                .fix("name the image by its digest"))
        }
    }
}

/// Moves a name to a manifest, which is stored first.
pub(crate) fn put(
    directory: &Directory,
    tag: &Tag,
    raw: &RawManifest,
) -> Result<(), RegistryError> {
    manifest::store(directory, raw)?;
    directory.update_index(|index| index.name(tag, &raw.descriptor()))
}
