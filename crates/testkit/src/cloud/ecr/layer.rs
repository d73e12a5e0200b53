use boltseal_core::{Digest, media_type};
use serde_json::{Value, json};

use super::repository;
use crate::cloud::call::Call;
use crate::cloud::service_error::ServiceError;
use crate::registry::Store;

/// Digests of one call, at most.
const MOST: usize = 100;

/// `BatchCheckLayerAvailability`.
pub(super) fn availability(call: &Call<'_>, store: &Store) -> Result<Value, ServiceError> {
    let repository = repository(call, &call.operation.action())?;
    let digests = call.input["layerDigests"].as_array().map(Vec::as_slice).unwrap_or_default();
    if digests.is_empty() || digests.len() > MOST {
        let message = format!("layerDigests: 1 to {MOST}, found {}", digests.len());
        return Err(ServiceError::invalid(message));
    }
    let (mut layers, mut failures) = (Vec::new(), Vec::new());
    for text in digests.iter().filter_map(Value::as_str) {
        let Ok(digest) = text.parse::<Digest>() else {
            failures.push(json!({"layerDigest": text, "failureCode": "InvalidLayerDigest",
                "failureReason": "The specified layer digest is not valid"}));
            continue;
        };
        layers.push(match store.blob_size(&repository.name, &digest) {
            Some(size) => json!({"layerDigest": text, "layerAvailability": "AVAILABLE",
                "layerSize": size, "mediaType": media_type::OCI_LAYER}),
            None => json!({"layerDigest": text, "layerAvailability": "UNAVAILABLE"}),
        });
    }
    Ok(json!({"layers": layers, "failures": failures}))
}
