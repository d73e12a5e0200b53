//! Referrers in a layout.
//!
//! A layout has no Referrers API. Evidence is found where boltseal, oras and others list it, in
//! `index.json` without a name, and under the fallback tag, which copies from registries bring
//! along.

use boltseal_core::{
    Annotations, Descriptor, Digest, Index, MAX_MANIFEST_BYTES, Manifest, Tag, media_type,
};
use boltseal_ports::{Absence, Referrers, RegistryError};
use serde_json::Value;

use super::directory::Directory;
use super::files::{self, Files, blob_name};
use super::index_json::{INDEX_JSON, IndexJson};
use super::{manifest, tag, trouble};

/// The most referrers of one subject.
const LIMIT: usize = 1000;
/// The most bytes of manifests that are read to find them.
const SCAN_LIMIT: u64 = 256 * 1024 * 1024;

/// The manifests that refer to `subject`.
pub(crate) fn list(files: &dyn Files, subject: &Digest) -> Result<Referrers, RegistryError> {
    let index = IndexJson::read(files)?;
    let mut found = scan(files, &index, subject)?;
    for listed in fallback(files, &index, subject)? {
        if !found.iter().any(|it| it.digest == listed.digest) {
            found.push(listed);
        }
    }
    if found.len() > LIMIT {
        let place = files.place(INDEX_JSON);
        let count = found.len();
        return Err(trouble::contradiction(
            &place,
            format!("at most {LIMIT} referrers of {subject}"),
            count.to_string(),
        ));
    }
    Ok(Referrers { descriptors: found, absence: Absence::Proven })
}

/// Lists what is not listed yet, in one write.
pub(crate) fn link(directory: &Directory, added: &[Descriptor]) -> Result<(), RegistryError> {
    directory.update_index(|index| added.iter().for_each(|it| index.list(it)))
}

/// Reads every manifest that is listed: only they say what they refer to.
fn scan(
    files: &dyn Files,
    index: &IndexJson,
    subject: &Digest,
) -> Result<Vec<Descriptor>, RegistryError> {
    let mut found: Vec<Descriptor> = Vec::new();
    let mut read = 0;
    for listed in index.descriptors().filter(|it| is_manifest(it)) {
        let known = found.iter().any(|it| it.digest == listed.digest);
        if known || listed.digest == *subject {
            continue;
        }
        read = listed.size.saturating_add(read);
        if read > SCAN_LIMIT {
            return Err(trouble::too_large(&files.place(INDEX_JSON), SCAN_LIMIT, read));
        }
        let Some(bytes) = files::read(files, &blob_name(&listed.digest), MAX_MANIFEST_BYTES)?
        else {
            // What is gone might have been about this subject: whoever fetches it is told.
            found.extend(listed.artifact_type.is_some().then(|| listed.clone()));
            continue;
        };
        found.extend(as_referrer(listed, &bytes, subject));
    }
    Ok(found)
}

/// The descriptor of a manifest that refers to `subject`. One whose bytes contradict its digest
/// might refer to anything: it is listed as `index.json` has it, and whoever fetches it is told.
fn as_referrer(listed: &Descriptor, bytes: &[u8], subject: &Digest) -> Option<Descriptor> {
    if listed.digest.of_same_kind(bytes) != listed.digest {
        return Some(listed.clone());
    }
    let seen: Value = serde_json::from_slice(bytes).ok()?;
    let refers_to = seen["subject"]["digest"].as_str()?;
    if refers_to != subject.to_string() {
        return None;
    }
    let text = |value: &Value| value.as_str().filter(|it| !it.is_empty()).map(str::to_owned);
    let config_type = || text(&seen["config"]["mediaType"]);
    let mut descriptor = listed.bare();
    descriptor.artifact_type = text(&seen["artifactType"]).or_else(config_type);
    descriptor.annotations = annotations(&seen["annotations"]);
    Some(descriptor)
}

fn annotations(value: &Value) -> Annotations {
    let members = value.as_object().into_iter().flatten();
    members.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

fn is_manifest(descriptor: &Descriptor) -> bool {
    media_type::MANIFESTS.contains(&descriptor.media_type.as_str())
}

/// What the index under the fallback tag lists (distribution-spec, "Referrers Tag Schema").
fn fallback(
    files: &dyn Files,
    index: &IndexJson,
    subject: &Digest,
) -> Result<Vec<Descriptor>, RegistryError> {
    let Ok(name) = Tag::ref_name(&subject.as_tag()) else {
        return Ok(Vec::new());
    };
    if tag::resolve(files, index, &name)?.is_none() {
        return Ok(Vec::new());
    }
    let pick = boltseal_core::Pick::Tag(name);
    let Some(raw) = manifest::fetch(files, &pick)? else {
        return Ok(Vec::new());
    };
    match raw.parse() {
        Ok(Manifest::Index(Index { manifests, .. })) => Ok(manifests),
        Ok(Manifest::Image(_)) => Err(trouble::contradiction(
            &files.place(&blob_name(raw.digest())),
            "an index of referrers under the fallback tag",
            raw.media_type(),
        )),
        Err(error) => Err(trouble::not_a_manifest(&files.place(&blob_name(raw.digest())), &error)),
    }
}
