use boltseal_core::{Exit, Reason, media_type};
use boltseal_oci::layout::OnlyImageError;
use boltseal_ports::{ManifestRole, Registry as _, TagWriter as _};
use serde_json::{Value, json};

use crate::sample::{Sample, image, index_of, manifest, tag};

#[tokio::test]
async fn is_the_one_that_is_no_evidence() {
    let sample = Sample::new();
    let image = sample.push_image("a").await;
    sample.push_referrer(&image, "sbom").await;
    for name in ["1", "latest"] {
        sample.layout.put_tag(&tag(name), &image).await.unwrap();
    }
    let fallback = tag(&image.digest().as_tag());
    sample.layout.put_tag(&fallback, &index_of(&[])).await.unwrap();
    let mut signature: Value = serde_json::from_slice(image.bytes()).unwrap();
    signature["layers"][0]["mediaType"] = json!(media_type::SIMPLE_SIGNING);
    let mut chart: Value = serde_json::from_slice(image.bytes()).unwrap();
    chart["config"]["mediaType"] = json!("application/vnd.cncf.helm.config.v1+json");
    for other in [signature, chart] {
        let other = manifest(&other);
        sample.layout.push_manifest(&other, ManifestRole::Root).await.unwrap();
    }
    assert_eq!(sample.layout.only_image().unwrap().digest, *image.digest());
}

#[tokio::test]
async fn may_be_an_index() {
    let sample = Sample::new();
    let root = index_of(&[image("child").descriptor()]);
    sample.layout.push_manifest(&root, ManifestRole::Root).await.unwrap();
    assert_eq!(sample.layout.only_image().unwrap().digest, *root.digest());
}

#[tokio::test]
async fn may_lie_beside_its_own_children() {
    let sample = Sample::new();
    let (child, root) = (image("child"), index_of(&[image("child").descriptor()]));
    for manifest in [&child, &root] {
        sample.layout.push_manifest(manifest, ManifestRole::Root).await.unwrap();
    }
    assert_eq!(sample.layout.only_image().unwrap().digest, *root.digest());
    sample.layout.put_tag(&tag("amd64"), &child).await.unwrap();
    assert!(sample.layout.only_image().is_err());
}

#[tokio::test]
async fn several_are_all_named() {
    let sample = Sample::new();
    let nameless = sample.push_image("a").await;
    sample.layout.put_tag(&tag("1.2"), &image("b")).await.unwrap();
    let error = sample.layout.only_image().unwrap_err();
    let OnlyImageError::Several { choices, .. } = &error else {
        panic!("expected several, found {error}")
    };
    let mut choices = choices.clone();
    choices.sort();
    assert_eq!(choices, ["1.2".to_owned(), nameless.digest().to_string()]);
    assert_eq!(Reason::from(error).exit, Exit::Usage);
}

#[test]
fn none_is_an_error() {
    let error = Sample::new().layout.only_image().unwrap_err();
    assert!(matches!(error, OnlyImageError::None { .. }), "{error}");
    assert_eq!(Reason::from(error).exit, Exit::Usage);
}
