use boltseal_core::Digest;
use serde_json::{Value, json};

use super::page::{Page, with_token};
use super::repository;
use crate::cloud::call::Call;
use crate::cloud::service_error::ServiceError;
use crate::registry::Store;

/// `ListImageReferrers`, which takes the permission to read images.
pub(super) fn list(call: &Call<'_>, store: &Store) -> Result<Value, ServiceError> {
    let repository = repository(call, "ecr:BatchGetImage")?;
    let subject = call.input["subjectId"]["imageDigest"].as_str();
    let subject = subject.and_then(|it| it.parse::<Digest>().ok());
    let subject = subject.ok_or_else(|| ServiceError::invalid("subjectId: a digest"))?;
    let wanted = call.input["filter"]["artifactTypes"].as_array();
    let mut referrers = store.referrers_of(&repository.name, &subject);
    referrers.retain(|it| {
        let own = it.artifact_type.as_deref();
        wanted.is_none_or(|types| types.iter().any(|one| one.as_str() == own))
    });
    let page = Page::of(referrers, &call.input, 50, 50)?;
    let listed = page.items.iter().map(|it| {
        json!({
            "digest": it.digest,
            "mediaType": it.media_type,
            "artifactType": it.artifact_type,
            "size": it.size,
            "annotations": it.annotations,
            "artifactStatus": "ACTIVE",
        })
    });
    Ok(with_token(json!({"referrers": listed.collect::<Vec<_>>()}), page.next))
}
