//! Manifests that Amazon ECR refuses by their shape.
//!
//! It answers all of them with 405 and "Invalid JSON syntax", and never says which part it means.

use boltseal_core::RawManifest;
use boltseal_ports::RegistryError;
use reqwest::StatusCode;
use serde_json::Value;

use super::answer::Answer;
use super::complaint::printable;

/// How much of a refused manifest is shown, in characters.
const SHOWN: usize = 1_000;

/// Says what it is about `manifest` that was refused, where the answer is of this kind.
pub(super) fn explain(
    answer: &Answer,
    manifest: &RawManifest,
    error: RegistryError,
) -> RegistryError {
    if answer.status != StatusCode::METHOD_NOT_ALLOWED {
        return error;
    }
    let shown: String =
        printable(&String::from_utf8_lossy(manifest.bytes())).chars().take(SHOWN).collect();
    let fix = match culprit(manifest) {
        Some(culprit) => format!("ECR takes no manifest {culprit}: change that"),
        None => "ECR answers so where it refuses a manifest's shape; compare it with the image \
                 specification, member by member"
            .to_owned(),
    };
    let found = format!("{}; the manifest: {shown}", error.found);
    error.found(found).fix(fix)
}

/// The first of the shapes that ECR is known to refuse.
fn culprit(manifest: &RawManifest) -> Option<String> {
    let document: Value = serde_json::from_slice(manifest.bytes()).ok()?;
    if !document["mediaType"].is_string() {
        return Some("without a mediaType".to_owned());
    }
    if let Some(name) = media_types(&document).into_iter().find(|it| it.contains(';')) {
        return Some(format!("with a parameter in a media type ({})", printable(name)));
    }
    if document["config"].get("annotations").is_some() {
        return Some("with annotations on its config".to_owned());
    }
    let is_index = document["manifests"].is_array();
    (is_index && document.get("artifactType").is_some())
        .then(|| "that is an index with an artifactType".to_owned())
}

/// Every media type that the manifest names.
fn media_types(document: &Value) -> Vec<&str> {
    let lists = ["layers", "manifests"].map(|name| document[name].as_array());
    let listed = lists.into_iter().flatten().flatten();
    let descriptors = listed.chain([&document["config"], &document["subject"], document]);
    let names = descriptors.flat_map(|it| [it["mediaType"].as_str(), it["artifactType"].as_str()]);
    names.flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use serde_json::json;

    fn culprit_of(document: &Value) -> Option<String> {
        let bytes = Bytes::from(document.to_string());
        let kind = "application/vnd.oci.image.manifest.v1+json";
        culprit(&RawManifest::new(bytes, Some(kind)).unwrap())
    }

    #[test]
    fn each_shape_is_named() {
        let config = json!({"mediaType": "application/vnd.oci.empty.v1+json", "size": 2,
            "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"});
        let whole = json!({"schemaVersion": 2, "config": config, "layers": [],
            "mediaType": "application/vnd.oci.image.manifest.v1+json"});
        assert_eq!(culprit_of(&whole), None);
        let with = |name: &str, value: Value| {
            let mut changed = whole.clone();
            changed[name] = value;
            culprit_of(&changed).unwrap_or_default()
        };
        assert!(with("artifactType", json!("text/x; version=1")).contains("text/x; version=1"));
        let mut annotated = config.clone();
        annotated["annotations"] = json!({});
        assert!(with("config", annotated).contains("annotations"));
        let mut nameless = whole.clone();
        nameless.as_object_mut().unwrap().remove("mediaType");
        assert!(culprit_of(&nameless).unwrap().contains("mediaType"));
    }
}
