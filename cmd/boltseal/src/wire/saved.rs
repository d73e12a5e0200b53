//! What `docker save` of Docker 25 and later wrote: an OCI layout, and beside it a `manifest.json`
//! with the names that its user knows.

use boltseal_core::{Digest, Manifest, Pick, RawManifest, json};
use boltseal_oci::archive::Archive;
use boltseal_pipeline::Failure;
use boltseal_ports::{Registry as _, RegistryError, RegistryErrorKind};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Both files list images only.
const MAX_LIST_BYTES: u64 = 4 << 20;

/// One image of `manifest.json`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Saved {
    config: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Index {
    manifests: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    digest: Digest,
}

/// The manifest of the image that was saved as `name`, found by its configuration.
pub(crate) async fn find(archive: &Archive, name: &str) -> Result<Option<RawManifest>, Failure> {
    let saved: Vec<Saved> = read(archive, "manifest.json")?;
    let wanted = [name.to_owned(), format!("{name}:latest")];
    let is_named = |it: &&Saved| it.repo_tags.iter().flatten().any(|tag| wanted.contains(tag));
    let Some(saved) = saved.iter().find(is_named) else { return Ok(None) };
    let index: Index = read(archive, "index.json")?;
    for listed in index.manifests {
        if let Some(found) = with_config(archive, listed.digest, &saved.config).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The manifest itself, or the child of an index, whose configuration is this member. An index in
/// an index is no image.
async fn with_config(
    archive: &Archive,
    digest: Digest,
    config: &str,
) -> Result<Option<RawManifest>, Failure> {
    let Some(raw) = archive.fetch_manifest(&Pick::Digest(digest)).await? else { return Ok(None) };
    let Ok(Manifest::Index(index)) = raw.parse() else {
        return Ok(Some(raw).filter(|raw| has_config(raw, config)));
    };
    for child in index.images() {
        let child = archive.fetch_manifest(&Pick::Digest(child.digest.clone())).await?;
        if let Some(child) = child.filter(|child| has_config(child, config)) {
            return Ok(Some(child));
        }
    }
    Ok(None)
}

fn has_config(raw: &RawManifest, config: &str) -> bool {
    match raw.parse() {
        Ok(Manifest::Image(image)) => config.ends_with(image.config.digest.hex()),
        _ => false,
    }
}

fn read<T: DeserializeOwned>(archive: &Archive, name: &str) -> Result<T, Failure> {
    let malformed = |found: String| {
        RegistryError::new(RegistryErrorKind::Malformed, format!("{}/{name}", archive.location()))
            .expected("the list that docker save writes")
            .found(found)
            .fix("save the image again")
    };
    let bytes = archive.member(name, MAX_LIST_BYTES)?;
    let bytes = bytes.ok_or_else(|| malformed("no such member".to_owned()))?;
    Ok(json::parse_as(&bytes).map_err(|error| malformed(error.to_string()))?)
}
