//! Manifests: `/v2/NAME/manifests/TAG` or `.../DIGEST`.

use boltseal_core::{Digest, media_type};
use hyper::StatusCode;
use hyper::header::{ACCEPT, CONTENT_TYPE, ETAG, LOCATION};
use serde_json::Value;

use super::answer::{Answer, header};
use super::call::Call;
use super::ecr;
use super::options::{Dialect, Referrers, SubjectHeader, Validation};
use super::received::Received;
use super::repository::{Manifest, Repository};
use super::route::Picked;
use super::shared::{Shared, locked};

impl Shared {
    /// GET or HEAD of a manifest.
    pub(super) fn manifest(&self, call: &Call, name: &str, picked: &Picked) -> Answer {
        let repositories = locked(&self.repositories);
        let found = repositories.get(name).and_then(|it| pick(it, picked));
        let Some((digest, manifest)) = found else {
            return unknown_manifest();
        };
        if self.options.validation == Validation::Strict && !accepts(call, &manifest.media_type) {
            // What distribution answers to a client that does not say what it can read.
            let message = "manifest found, but its media type is not in the Accept header";
            return Answer::not_found("MANIFEST_UNKNOWN", message);
        }
        Answer::new(StatusCode::OK, manifest.bytes.clone())
            .with(CONTENT_TYPE, &manifest.media_type)
            .with(header::CONTENT_DIGEST, digest.to_string())
            .with(ETAG, format!("\"{digest}\""))
    }

    /// PUT of a manifest.
    pub(super) fn put_manifest(
        &self,
        call: &Call,
        name: &str,
        picked: &Picked,
        body: &Received,
    ) -> Answer {
        let mut incoming = match self.incoming(call, picked, body) {
            Ok(incoming) => incoming,
            Err(refusal) => return refusal,
        };
        let mut repositories = locked(&self.repositories);
        let repository = repositories.entry(name.to_owned()).or_default();
        if self.options.validation == Validation::Strict
            && let Some(missing) = missing_reference(repository, &incoming.document)
        {
            let message = format!("blob unknown to registry: {missing}");
            return Answer::bad_request("MANIFEST_BLOB_UNKNOWN", &message);
        }
        if let Picked::Tag(tag) = picked {
            let held = repository.tags.get(tag);
            if let Some(refusal) = self.refuses_to_move(name, tag, held, &incoming.digest) {
                return refusal;
            }
            repository.tags.insert(tag.clone(), incoming.digest.clone());
        }
        let answer = self.stored(name, &incoming);
        repository.note_write(&incoming.digest);
        if let Some(known) = repository.manifests.get(&incoming.digest) {
            incoming.manifest.pushed = known.pushed;
        }
        repository.manifests.insert(incoming.digest, incoming.manifest);
        answer
    }

    /// DELETE: a tag alone, or a manifest with all its tags.
    pub(super) fn delete_manifest(&self, name: &str, picked: &Picked) -> Answer {
        let mut repositories = locked(&self.repositories);
        let Some(repository) = repositories.get_mut(name) else {
            return unknown_manifest();
        };
        let removed = match picked {
            Picked::Tag(tag) => repository.tags.remove(tag).is_some(),
            Picked::Digest(digest) => {
                repository.tags.retain(|_, held| held != digest);
                repository.manifests.remove(digest).is_some()
            }
        };
        if removed { Answer::empty(StatusCode::ACCEPTED) } else { unknown_manifest() }
    }

    /// Reads and checks a manifest by itself.
    fn incoming(&self, call: &Call, picked: &Picked, body: &Received) -> Result<Incoming, Answer> {
        let too_large = body.content.len() > self.options.max_manifest_bytes as u64;
        if too_large {
            let status = StatusCode::PAYLOAD_TOO_LARGE;
            return Err(Answer::error(status, "MANIFEST_INVALID", "the manifest is too large"));
        }
        let bytes = body.content.bytes().unwrap_or_default();
        let digest = match picked {
            Picked::Digest(named) if named.of_same_kind(&bytes) != *named => {
                let message = "provided digest did not match uploaded content";
                return Err(Answer::bad_request("DIGEST_INVALID", message));
            }
            Picked::Digest(named) => named.clone(),
            Picked::Tag(_) => body.sha256.clone(),
        };
        let document: Value =
            serde_json::from_slice(&bytes).map_err(|_| invalid("manifest is not JSON"))?;
        let declared = declared_type(call);
        if self.options.dialect == Dialect::Ecr
            && let Some(refusal) = ecr::refusal(&document)
        {
            return Err(refusal);
        }
        if self.options.validation == Validation::Strict {
            check_type(declared, &document)?;
        }
        let manifest = Manifest::new(bytes, declared.unwrap_or(media_type::OCI_MANIFEST), &digest);
        Ok(Incoming { digest, document, manifest })
    }

    fn stored(&self, name: &str, incoming: &Incoming) -> Answer {
        let digest = &incoming.digest;
        let mut answer =
            Answer::empty(StatusCode::CREATED).with(header::CONTENT_DIGEST, digest.to_string());
        if self.options.dialect == Dialect::Spec {
            answer = answer.with(LOCATION, format!("/v2/{name}/manifests/{digest}"));
        }
        let says_subject = match self.options.oci_subject_header {
            SubjectHeader::Always => true,
            SubjectHeader::Never => false,
            SubjectHeader::WithApi => self.options.referrers == Referrers::Api,
        };
        match &incoming.manifest.listing {
            Some(listing) if says_subject => {
                answer.with(header::SUBJECT, listing.subject.to_string())
            }
            _ => answer,
        }
    }
}

/// A manifest that passed the checks it can be given alone.
struct Incoming {
    digest: Digest,
    document: Value,
    manifest: Manifest,
}

fn pick<'a>(repository: &'a Repository, picked: &'a Picked) -> Option<(&'a Digest, &'a Manifest)> {
    let digest = match picked {
        Picked::Digest(digest) => digest,
        Picked::Tag(tag) => repository.tags.get(tag)?,
    };
    repository.manifests.get(digest).map(|it| (digest, it))
}

fn unknown_manifest() -> Answer {
    Answer::not_found("MANIFEST_UNKNOWN", "manifest unknown")
}

fn invalid(message: &str) -> Answer {
    Answer::bad_request("MANIFEST_INVALID", message)
}

fn without_parameters(value: &str) -> &str {
    value.split(';').next().unwrap_or_default().trim()
}

fn declared_type(call: &Call) -> Option<&str> {
    call.header(CONTENT_TYPE).map(without_parameters)
}

/// Whether a client says that it reads this type; one that says nothing reads anything.
fn accepts(call: &Call, media_type: &str) -> bool {
    let values: Vec<_> = call.headers.get_all(ACCEPT).iter().collect();
    let mut types = values
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(without_parameters);
    let fits = |it: &str| it == media_type || it == "*/*" || it == "application/*";
    values.is_empty() || types.any(fits)
}

fn check_type(declared: Option<&str>, document: &Value) -> Result<(), Answer> {
    let Some(declared) = declared else {
        return Err(invalid("a Content-Type is expected"));
    };
    if !media_type::MANIFESTS.contains(&declared) {
        return Err(invalid("unsupported manifest media type"));
    }
    let within = document["mediaType"].as_str();
    if within.is_some_and(|within| within != declared) {
        return Err(invalid("mediaType contradicts the Content-Type"));
    }
    let is_list = [media_type::OCI_INDEX, media_type::DOCKER_LIST].contains(&declared);
    let fits = if is_list {
        document["manifests"].is_array() && document["layers"].is_null()
    } else {
        document["config"].is_object()
            && document["layers"].is_array()
            && document["manifests"].is_null()
    };
    if !fits || document["schemaVersion"] != 2 {
        return Err(invalid("the members do not fit the type"));
    }
    Ok(())
}

/// The first blob or child that a manifest names and the repository lacks. A subject may be
/// missing (distribution-spec, "Pushing Manifests with Subject"), and so may a layer with `urls`.
fn missing_reference(repository: &Repository, document: &Value) -> Option<String> {
    let listed = |name: &str| document[name].as_array().into_iter().flatten();
    let layers = listed("layers").filter(|layer| layer["urls"].is_null());
    let config = Some(&document["config"]).filter(|config| config.is_object());
    let blobs = layers.chain(config).map(|it| (it, false));
    let children = listed("manifests").map(|it| (it, true));
    blobs.chain(children).find_map(|(descriptor, is_child)| {
        let text = descriptor["digest"].as_str().unwrap_or_default();
        let known = text.parse::<Digest>().is_ok_and(|digest| {
            repository.blobs.contains_key(&digest)
                || (is_child && repository.manifests.contains_key(&digest))
        });
        (!known).then(|| text.to_owned())
    })
}
