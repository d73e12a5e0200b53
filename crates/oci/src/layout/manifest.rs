//! Manifests of a layout.

use boltseal_core::{
    Descriptor, Digest, MAX_MANIFEST_BYTES, Manifest, ManifestError, Pick, RawManifest,
};
use boltseal_ports::{ManifestRole, RegistryError};

use super::directory::Directory;
use super::files::{self, Files, blob_name};
use super::index_json::IndexJson;
use super::{tag, trouble};

/// The manifest with a digest or under a name. A name whose manifest is not there is a
/// contradiction; a digest that is not there is absent.
pub(crate) fn fetch(files: &dyn Files, pick: &Pick) -> Result<Option<RawManifest>, RegistryError> {
    let index = IndexJson::read(files)?;
    match pick {
        Pick::Digest(digest) => {
            let declared = index.descriptors().find(|it| it.digest == *digest);
            fetch_declared(files, digest, declared)
        }
        Pick::Tag(name) => {
            let Some(listed) = tag::resolve(files, &index, name)? else {
                return Ok(None);
            };
            let found = fetch_declared(files, &listed.digest, Some(listed))?;
            found.map(Some).ok_or_else(|| {
                let place = files.place(&blob_name(&listed.digest));
                let expected =
                    format!("the manifest that index.json names {name:?}", name = name.as_str());
                trouble::contradiction(&place, expected, "no file")
            })
        }
    }
}

fn fetch_declared(
    files: &dyn Files,
    digest: &Digest,
    declared: Option<&Descriptor>,
) -> Result<Option<RawManifest>, RegistryError> {
    let name = blob_name(digest);
    let Some(bytes) = files::read(files, &name, MAX_MANIFEST_BYTES)? else {
        return Ok(None);
    };
    let declared = declared.map(|it| it.media_type.as_str());
    RawManifest::verified(bytes, digest, declared)
        .map(Some)
        .map_err(|error| trouble::not_a_manifest(&files.place(&name), &error))
}

/// Stores a manifest and, unless it is a child of another, lists it: first the file, then the
/// list, so that nothing is ever listed that is not there.
pub(crate) fn push(
    directory: &Directory,
    manifest: &RawManifest,
    role: ManifestRole,
) -> Result<(), RegistryError> {
    let place = directory.place(&blob_name(manifest.digest()));
    let listed = entry(&place, manifest, role)?;
    store(directory, manifest)?;
    match listed {
        None => Ok(()),
        Some(listed) => directory.update_index(|index| index.list(&listed)),
    }
}

/// What stands in `index.json` for a manifest with a role.
pub(crate) fn entry(
    place: &str,
    manifest: &RawManifest,
    role: ManifestRole,
) -> Result<Option<Descriptor>, RegistryError> {
    match role {
        ManifestRole::Child => Ok(None),
        ManifestRole::Root => Ok(Some(manifest.descriptor())),
        ManifestRole::Referrer => {
            described(manifest).map(Some).map_err(|error| trouble::not_a_manifest(place, &error))
        }
    }
}

/// Stores a manifest unless the same bytes are there.
pub(crate) fn store(directory: &Directory, manifest: &RawManifest) -> Result<(), RegistryError> {
    let name = blob_name(manifest.digest());
    let size = manifest.bytes().len() as u64;
    if directory.size(&name) == Some(size) {
        let there = files::read(directory, &name, size)?;
        if there.as_ref() == Some(manifest.bytes()) {
            return Ok(());
        }
    }
    directory.write(&name, manifest.bytes())
}

/// The descriptor under which the Referrers API would list a manifest: with its artifact type
/// and its annotations (distribution-spec, "Listing Referrers").
fn described(manifest: &RawManifest) -> Result<Descriptor, ManifestError> {
    let mut descriptor = manifest.descriptor();
    match manifest.parse()? {
        Manifest::Image(image) => {
            descriptor.artifact_type = Some(image.effective_artifact_type().to_owned());
            descriptor.annotations = image.annotations;
        }
        Manifest::Index(index) => {
            descriptor.artifact_type = index.artifact_type;
            descriptor.annotations = index.annotations;
        }
    }
    Ok(descriptor)
}
