//! The fallback index of a subject (distribution-spec, "Referrers Tag Schema").

use boltseal_core::{Descriptor, Digest, Index, Pick, RawManifest, Tag, json, media_type};
use boltseal_ports::{RegistryError, RegistryErrorKind};
use serde_json::{Value, json};
use std::time::Duration;

use super::exchange::Exchange;
use super::{manifest, tag};

/// How many referrers of one subject are listed.
pub(super) const MAX_REFERRERS: usize = 1000;
const ROUNDS: u32 = 5;
/// How many JSON values an index may have: a hundred for each entry.
const MAX_VALUES: usize = 100 * MAX_REFERRERS;

/// What the fallback tag lists.
pub(super) enum Tagged {
    /// The entries of its index; none where there is no such tag.
    Listed(Vec<Descriptor>),
    /// Nothing: it points at something that is no index.
    NoIndex(RegistryError),
}

/// The referrers that the fallback tag lists.
pub(super) async fn list(exchange: &Exchange, subject: &Digest) -> Result<Tagged, RegistryError> {
    let pick = Pick::Tag(fallback_tag(subject));
    Ok(match manifest::fetch(exchange, &pick).await? {
        Some(found) if !found.is_index() => {
            let what = format!("a manifest of type {}", found.media_type());
            Tagged::NoIndex(malformed(exchange, subject, what))
        }
        Some(found) => Tagged::Listed(FallbackIndex::of(&found, exchange, subject)?.listed),
        None => Tagged::Listed(Vec::new()),
    })
}

/// Makes sure that the fallback index lists `added`. Nothing holds two writers apart: what was
/// written is read again, and written again where another writer's index took its place.
pub(super) async fn link(
    exchange: &Exchange,
    subject: &Digest,
    added: &[Descriptor],
) -> Result<(), RegistryError> {
    for round in 0..=ROUNDS {
        let mut index = FallbackIndex::fetch(exchange, subject).await?.unwrap_or_default();
        let lost = index.missing(added);
        if lost.is_empty() {
            return Ok(());
        }
        if round == ROUNDS {
            return Err(lost_entries(exchange, subject, &lost));
        }
        tokio::time::sleep(pause(round)).await;
        index.add(&lost);
        let manifest = index.to_manifest(exchange, subject)?;
        tag::put(exchange, &fallback_tag(subject), &manifest).await?;
    }
    Ok(())
}

/// The index as it was found. Entries of others keep all their members.
#[derive(Debug)]
struct FallbackIndex {
    document: Value,
    listed: Vec<Descriptor>,
}

impl Default for FallbackIndex {
    fn default() -> Self {
        let document = json!({
            "schemaVersion": 2,
            "mediaType": media_type::OCI_INDEX,
            "manifests": [],
        });
        let listed = Vec::new();
        Self { document, listed }
    }
}

impl FallbackIndex {
    async fn fetch(exchange: &Exchange, subject: &Digest) -> Result<Option<Self>, RegistryError> {
        let pick = Pick::Tag(fallback_tag(subject));
        let Some(found) = manifest::fetch(exchange, &pick).await? else {
            return Ok(None);
        };
        Self::of(&found, exchange, subject).map(Some)
    }

    fn of(
        found: &RawManifest,
        exchange: &Exchange,
        subject: &Digest,
    ) -> Result<Self, RegistryError> {
        Self::parse(found).map_err(|problem| malformed(exchange, subject, problem))
    }

    fn parse(manifest: &RawManifest) -> Result<Self, String> {
        if !manifest.is_index() {
            return Err(format!("a manifest of type {}", manifest.media_type()));
        }
        let index: Index = json::parse_as(manifest.bytes()).map_err(|it| it.to_string())?;
        let mut document =
            json::parse_within(manifest.bytes(), MAX_VALUES).map_err(|it| it.to_string())?;
        if index.manifests.len() > MAX_REFERRERS {
            return Err(format!("{} entries", index.manifests.len()));
        }
        document["mediaType"] = media_type::OCI_INDEX.into();
        if document["manifests"].is_null() {
            document["manifests"] = json!([]);
        }
        let listed = index.manifests;
        Ok(Self { document, listed })
    }

    /// What of `added` is not listed, or listed without its artifact type: readers choose by it.
    fn missing<'a>(&self, added: &'a [Descriptor]) -> Vec<&'a Descriptor> {
        let listed = |ours: &Descriptor| {
            self.listed
                .iter()
                .any(|it| it.digest == ours.digest && it.artifact_type == ours.artifact_type)
        };
        added.iter().filter(|ours| !listed(ours)).collect()
    }

    /// Adds entries, each instead of any other of the same digest.
    fn add(&mut self, entries: &[&Descriptor]) {
        let ours = |digest: &str| entries.iter().any(|it| it.digest.to_string() == digest);
        let Some(list) = self.document["manifests"].as_array_mut() else {
            unreachable!("parse and default make a list of it");
        };
        list.retain(|entry| !entry["digest"].as_str().is_some_and(ours));
        list.extend(entries.iter().map(|entry| json!(entry)));
    }

    fn to_manifest(
        &self,
        exchange: &Exchange,
        subject: &Digest,
    ) -> Result<RawManifest, RegistryError> {
        let count = self.document["manifests"].as_array().map_or(0, Vec::len);
        if count > MAX_REFERRERS {
            return Err(malformed(exchange, subject, format!("{count} entries")));
        }
        let bytes = self.document.to_string().into_bytes().into();
        RawManifest::new(bytes, Some(media_type::OCI_INDEX))
            .map_err(|error| malformed(exchange, subject, error.to_string()))
    }
}

/// The algorithm and 64 digits of the digest.
fn fallback_tag(subject: &Digest) -> Tag {
    let name = format!("{}-{}", subject.algorithm().name(), &subject.hex()[..64]);
    name.parse().expect("an algorithm's name, a hyphen and hexadecimal digits make a tag")
}

fn malformed(exchange: &Exchange, subject: &Digest, found: String) -> RegistryError {
    let tag = fallback_tag(subject);
    let place = exchange.endpoint.manifest(tag.as_str()).to_string();
    RegistryError::new(RegistryErrorKind::Malformed, place)
        .expected(format!("an OCI index of at most {MAX_REFERRERS} referrers of {subject}"))
        .found(found)
        .fix(format!(
            "point the tag {tag} at an empty OCI index, or remove the tag alone and not what it \
             points at, which may be the image itself; then attach again"
        ))
}

fn lost_entries(exchange: &Exchange, subject: &Digest, lost: &[&Descriptor]) -> RegistryError {
    let place = exchange.endpoint.manifest(fallback_tag(subject).as_str());
    let digests: Vec<_> = lost.iter().map(|it| it.digest.to_string()).collect();
    RegistryError::new(RegistryErrorKind::Unreachable, place.to_string())
        .expected("a fallback index that keeps its entries")
        .found(format!("fallback index entries lost after {ROUNDS} writes: {}", digests.join(", ")))
        .fix("run again when no other job attaches to this image")
}

fn pause(round: u32) -> Duration {
    if round == 0 {
        return Duration::ZERO;
    }
    (Duration::from_millis(100) * 2_u32.pow(round)).mul_f64(fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn entry(content: &str, artifact_type: Option<&str>) -> Descriptor {
        let mut descriptor = Descriptor::of(media_type::OCI_MANIFEST, content.as_bytes());
        descriptor.artifact_type = artifact_type.map(str::to_owned);
        descriptor
    }

    fn parsed(document: &Value) -> Result<FallbackIndex, String> {
        let bytes = Bytes::from(document.to_string());
        FallbackIndex::parse(&RawManifest::new(bytes, None).unwrap())
    }

    #[test]
    fn keeps_what_others_wrote() {
        let theirs = json!({
            "mediaType": media_type::OCI_MANIFEST,
            "digest": Digest::sha256_of(b"theirs").to_string(),
            "size": 6,
            "data": "dGhlaXJz",
            "x-unknown": {"a": [1, null]},
        });
        let document = json!({
            "schemaVersion": 2,
            "manifests": [theirs],
            "annotations": {"k": "v"},
        });
        let mut index = parsed(&document).unwrap();
        let ours = entry("ours", Some("t"));
        assert_eq!(index.missing(std::slice::from_ref(&ours)), [&ours]);
        index.add(&[&ours]);
        assert_eq!(index.document["manifests"][0], theirs);
        assert_eq!(index.document["manifests"][1]["artifactType"], "t");
        assert_eq!(index.document["annotations"], document["annotations"]);
        let again = parsed(&index.document).unwrap();
        assert!(again.missing(&[ours]).is_empty());
    }

    #[test]
    fn repairs_an_entry_without_its_type() {
        let mut index = FallbackIndex::default();
        index.add(&[&entry("ours", None)]);
        let mut index = parsed(&index.document).unwrap();
        let ours = entry("ours", Some("t"));
        assert_eq!(index.missing(std::slice::from_ref(&ours)).len(), 1);
        index.add(&[&ours]);
        assert_eq!(index.document["manifests"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn refuses_what_is_no_index() {
        let image = json!({
            "schemaVersion": 2,
            "config": entry("c", None),
            "layers": [],
        });
        assert!(parsed(&image).unwrap_err().contains("image.manifest"));
    }

    #[test]
    fn cuts_long_digests() {
        let long: Digest = format!("sha512:{}", "a".repeat(128)).parse().unwrap();
        assert_eq!(fallback_tag(&long).as_str().len(), 7 + 64);
    }
}
