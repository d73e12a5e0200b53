//! What Amazon ECR refuses although the specification allows it.

use hyper::StatusCode;
use serde_json::Value;

use super::answer::Answer;

/// The refusal of a manifest whose shape ECR does not know: always the same words.
pub(super) fn refusal(manifest: &Value) -> Option<Answer> {
    let known = manifest["mediaType"].is_string()
        && manifest["config"]["annotations"].is_null()
        && !(manifest["manifests"].is_array() && manifest["artifactType"].is_string())
        && !types(manifest).any(|it| it.contains(';'));
    (!known).then(|| {
        let message = "Invalid parameter at 'ImageManifest' failed to satisfy constraint: \
                       'Invalid JSON syntax'";
        Answer::error(StatusCode::METHOD_NOT_ALLOWED, "UNSUPPORTED", message)
    })
}

/// Every media type and artifact type in a manifest and its descriptors.
fn types(manifest: &Value) -> impl Iterator<Item = &str> {
    let listed = [&manifest["layers"], &manifest["manifests"]]
        .into_iter()
        .filter_map(Value::as_array)
        .flatten();
    let all = listed.chain([manifest, &manifest["config"], &manifest["subject"]]);
    all.flat_map(|it| [&it["mediaType"], &it["artifactType"]]).filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn refuses_what_ecr_refuses() {
        let good = json!({
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "artifactType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "config": {"mediaType": "application/vnd.oci.empty.v1+json"},
            "layers": [{"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json"}],
        });
        assert!(refusal(&good).is_none());
        let changed = |pointer: &str, value: Value| {
            let mut manifest = good.clone();
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            manifest.pointer_mut(parent).unwrap()[key] = value;
            manifest
        };
        for manifest in [
            changed("/mediaType", Value::Null),
            changed("/artifactType", json!("application/x;version=1")),
            changed("/config/annotations", json!({"a": "b"})),
            changed("/config/mediaType", json!("a/b;c=d")),
            changed("/layers", json!([{"mediaType": "a/b;c=d"}])),
            json!({"mediaType": "x", "artifactType": "y", "manifests": []}),
        ] {
            assert!(refusal(&manifest).is_some(), "{manifest}");
        }
    }
}
