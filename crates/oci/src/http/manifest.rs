//! Manifests by digest and by tag (distribution-spec, "Pulling manifests", "Pushing manifests").

use boltseal_core::{MAX_MANIFEST_BYTES, ManifestError, Pick, RawManifest, Tag, media_type};
use boltseal_ports::{RegistryError, RegistryErrorKind};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Method, StatusCode};

use super::access::Access;
use super::answer::Answer;
use super::exchange::{Exchange, Request};
use super::shape;

const LIMIT: usize = 4 * 1024 * 1024;
const _: () = assert!(LIMIT as u64 == MAX_MANIFEST_BYTES);

/// Fetches a manifest.
///
/// Absent is a 404 with any body but an HTML page: registries answer JSON, plain text, XML and
/// nothing at all, but a page comes from something that stands in the registry's place, and what
/// that says proves nothing. A release would move a fixed tag on the strength of it.
pub(super) async fn fetch(
    exchange: &Exchange,
    pick: &Pick,
) -> Result<Option<RawManifest>, RegistryError> {
    let reference = match pick {
        Pick::Digest(digest) => digest.to_string(),
        Pick::Tag(tag) => checked(exchange, tag)?.to_string(),
    };
    let url = exchange.endpoint.manifest(&reference);
    let request = Request::new(Method::GET, url, Access::Pull)
        .header(ACCEPT, &media_type::MANIFESTS.join(", "))
        .limit(LIMIT);
    let answer = exchange.call(&request).await?;
    if is_absence(&answer) {
        return Ok(None);
    }
    read(&answer, pick).map(Some)
}

/// Stores a manifest under its digest, which the registry must then name too where it names one.
pub(super) async fn push(exchange: &Exchange, manifest: &RawManifest) -> Result<(), RegistryError> {
    let answer = put(exchange, &manifest.digest().to_string(), manifest).await?;
    stored(&answer, manifest)
}

/// Sends a manifest to `reference`.
pub(super) async fn put(
    exchange: &Exchange,
    reference: &str,
    manifest: &RawManifest,
) -> Result<Answer, RegistryError> {
    let url = exchange.endpoint.manifest(reference);
    let request = Request::new(Method::PUT, url, Access::Push)
        .header(CONTENT_TYPE, manifest.media_type())
        .body(manifest.bytes().clone());
    exchange.call(&request).await
}

/// Whether the answer to a `PUT` says that this manifest is stored.
pub(super) fn stored(answer: &Answer, manifest: &RawManifest) -> Result<(), RegistryError> {
    if answer.status != StatusCode::CREATED {
        return Err(shape::explain(answer, manifest, answer.rejected("201 Created")));
    }
    answer.check_digest(manifest.digest())
}

/// Whether an answer proves that there is no such thing.
pub(super) fn is_absence(answer: &Answer) -> bool {
    answer.status == StatusCode::NOT_FOUND && !answer.is_html()
}

/// The tag, which in a registry has a narrower grammar than a layout's reference name.
pub(super) fn checked<'a>(exchange: &Exchange, tag: &'a Tag) -> Result<&'a str, RegistryError> {
    tag.as_str().parse::<Tag>().map_err(|error| {
        RegistryError::new(RegistryErrorKind::Rejected, exchange.endpoint.path())
            .expected("a tag that distribution-spec allows")
            .found(error.to_string())
            .fix("name another tag")
    })?;
    Ok(tag.as_str())
}

fn read(answer: &Answer, pick: &Pick) -> Result<RawManifest, RegistryError> {
    let expected = match pick {
        Pick::Digest(digest) => format!("the manifest {digest}"),
        Pick::Tag(tag) => format!("the manifest of tag {tag}"),
    };
    let content_type = answer.content_type();
    // Bytes with the digest asked for are what was stored, under whatever type: whoever pushed
    // them may have chosen one, and must not make others' verifications fail by it.
    let is_it =
        matches!(pick, Pick::Digest(digest) if digest.of_same_kind(&answer.body) == *digest);
    let may_be_it = !answer.body.is_empty() && may_hold_json(&content_type);
    if answer.status != StatusCode::OK || !is_it && !may_be_it {
        return Err(answer.unreadable(&expected).found(described(answer)));
    }
    if answer.overflows {
        return Err(answer
            .error(RegistryErrorKind::Malformed)
            .expected(format!("a manifest of at most {LIMIT} bytes"))
            .found("a longer one")
            .fix("nothing in it can be used; release the image again"));
    }
    let bytes = answer.body.clone();
    let manifest = match pick {
        Pick::Digest(digest) => RawManifest::verified(bytes, digest, Some(&content_type)),
        Pick::Tag(_) => RawManifest::new(bytes, Some(&content_type)),
    };
    let manifest = manifest.map_err(|error| misread(answer, pick, &error).expected(expected))?;
    answer.check_digest(manifest.digest())?;
    Ok(manifest)
}

/// Bytes that are no manifest. By tag, and under a type that promises none, they may be anything
/// that stands in the registry's place.
fn misread(answer: &Answer, pick: &Pick, error: &ManifestError) -> RegistryError {
    let promised = media_type::MANIFESTS.contains(&answer.content_type().as_str());
    let (kind, fix) = match (error, pick) {
        (ManifestError::WrongDigest { .. }, _) => (
            RegistryErrorKind::Contradiction,
            "do not use this image: the registry serves other content than was stored",
        ),
        (_, Pick::Tag(_)) if !promised => {
            (RegistryErrorKind::Unreadable, "check that the host is an OCI registry")
        }
        _ => (RegistryErrorKind::Malformed, "push a manifest that keeps the image specification"),
    };
    answer.error(kind).found(error.to_string()).fix(fix)
}

/// Manifest types, what generic servers send for JSON, and none at all: the bytes decide.
fn may_hold_json(content_type: &str) -> bool {
    matches!(content_type, "" | "application/json" | "application/octet-stream")
        || content_type.starts_with("application/") && content_type.ends_with("+json")
}

fn described(answer: &Answer) -> String {
    if answer.status == StatusCode::OK && answer.body.is_empty() {
        return "200 OK with an empty body".to_owned();
    }
    if answer.status == StatusCode::OK {
        return format!("200 OK with content of type {:?}", answer.content_type());
    }
    answer.summary()
}
