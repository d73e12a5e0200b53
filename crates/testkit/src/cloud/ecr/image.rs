use boltseal_core::Digest;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::EcrRepository;
use super::page::{Page, with_token};
use super::repository;
use crate::cloud::call::Call;
use crate::cloud::service_error::ServiceError;
use crate::registry::Store;

/// `DescribeImages`.
pub(super) fn describe(call: &Call<'_>, store: &Store) -> Result<Value, ServiceError> {
    let repository = repository(call, &call.operation.action())?;
    let digests = match call.input["imageIds"].as_array() {
        Some(asked) => {
            let pick = |id: &Value| pick(call, store, repository, id);
            asked.iter().map(pick).collect::<Result<Vec<_>, _>>()?
        }
        None => store.manifests(&repository.name),
    };
    let page = Page::of(digests, &call.input, 100, 1000)?;
    let details = page.items.iter().map(|it| detail(call, store, repository, it));
    let document = json!({"imageDetails": details.collect::<Vec<_>>()});
    Ok(with_token(document, page.next))
}

/// The digest that an `imageId` names: by digest, by tag, or by both that belong together.
pub(super) fn pick(
    call: &Call<'_>,
    store: &Store,
    repository: &EcrRepository,
    id: &Value,
) -> Result<Digest, ServiceError> {
    let name = &repository.name;
    let by_digest = id["imageDigest"].as_str();
    let tagged = id["imageTag"].as_str().map(|tag| store.tag(name, tag));
    let named = by_digest.and_then(|it| it.parse::<Digest>().ok());
    let found = match (by_digest, tagged) {
        (Some(_), Some(tagged)) => named.filter(|it| tagged.as_ref() == Some(it)),
        (Some(_), None) => named,
        (None, Some(tagged)) => tagged,
        (None, None) => return Err(ServiceError::invalid("imageId: a digest or a tag")),
    };
    found.filter(|it| store.manifest(name, it).is_some()).ok_or_else(|| {
        let message = format!(
            "The image with imageId {{imageDigest:'{}', imageTag:'{}'}} does not exist within the \
             repository with name '{name}' in the registry with id '{}'",
            by_digest.unwrap_or("null"),
            id["imageTag"].as_str().unwrap_or("null"),
            call.realm.account.id,
        );
        ServiceError::new("ImageNotFoundException", message)
    })
}

fn detail(call: &Call<'_>, store: &Store, repository: &EcrRepository, digest: &Digest) -> Value {
    let name = &repository.name;
    let bytes = store.manifest(name, digest).unwrap_or_default();
    let manifest: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let pieces = manifest["layers"].as_array().into_iter().flatten().chain([&manifest["config"]]);
    let size: u64 = pieces.filter_map(|it| it["size"].as_u64()).sum();
    let tags = store.tags(name).into_iter().filter(|(_, held)| held == digest);
    let tags: Vec<_> = tags.map(|(tag, _)| tag).collect();
    let artifact = &manifest["artifactType"];
    let artifact = if artifact.is_string() { artifact } else { &manifest["config"]["mediaType"] };
    let mut detail = json!({
        "registryId": call.realm.account.id,
        "repositoryName": name,
        "imageDigest": digest,
        "imageSizeInBytes": size,
        "imagePushedAt": store.pushed_at(name, digest).map(Timestamp::as_second),
        "imageManifestMediaType": store.media_type(name, digest),
        "artifactMediaType": artifact,
        "imageStatus": "ACTIVE",
    });
    if !tags.is_empty() {
        detail["imageTags"] = tags.into();
    }
    if let Some(subject) = manifest["subject"]["digest"].as_str() {
        detail["subjectManifestDigest"] = subject.into();
    }
    detail
}
