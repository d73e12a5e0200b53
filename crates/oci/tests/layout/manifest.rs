use std::fs;

use boltseal_core::{RawManifest, media_type};
use boltseal_ports::{ManifestRole, Registry as _, RegistryErrorKind, TagWriter as _};
use serde_json::json;

use crate::sample::{Sample, by_digest, image, index_of, manifest, named, tag};

#[tokio::test]
async fn a_root_is_listed_without_a_name() {
    let sample = Sample::new();
    let image = sample.push_image("a").await;
    sample.push_image("a").await;
    assert_eq!(sample.entries(), [(image.digest().to_string(), None)]);
    let fetched = sample.layout.fetch_manifest(&by_digest(&image)).await;
    assert_eq!(fetched.unwrap(), Some(image));
}

#[tokio::test]
async fn a_child_is_only_stored() {
    let sample = Sample::new();
    let (child, root) = (image("child"), index_of(&[image("child").descriptor()]));
    let layout = &sample.layout;
    layout.push_manifest(&child, ManifestRole::Child).await.unwrap();
    layout.push_manifest(&root, ManifestRole::Root).await.unwrap();
    assert_eq!(sample.entries(), [(root.digest().to_string(), None)]);
    assert_eq!(layout.fetch_manifest(&by_digest(&child)).await.unwrap(), Some(child));
}

#[tokio::test]
async fn absent_is_absent() {
    let sample = Sample::new();
    let image = image("never pushed");
    assert_eq!(sample.layout.fetch_manifest(&by_digest(&image)).await.unwrap(), None);
    assert_eq!(sample.layout.fetch_manifest(&named("1")).await.unwrap(), None);
}

#[tokio::test]
async fn a_name_without_its_manifest_is_a_contradiction() {
    let sample = Sample::new();
    let image = image("a");
    sample.layout.put_tag(&tag("1"), &image).await.unwrap();
    fs::remove_file(sample.blob(image.digest())).unwrap();
    let refused = sample.layout.fetch_manifest(&named("1")).await.unwrap_err();
    assert_eq!(refused.kind, RegistryErrorKind::Contradiction);
    assert_eq!(sample.layout.fetch_manifest(&by_digest(&image)).await.unwrap(), None);
}

#[tokio::test]
async fn changed_bytes_are_a_contradiction_and_are_repaired_by_a_push() {
    let sample = Sample::new();
    let image = sample.push_image("a").await;
    let file = sample.blob(image.digest());
    let changed = String::from_utf8_lossy(image.bytes()).replace("tar+gzip", "tar+gzap");
    fs::write(&file, changed).unwrap();
    let refused = sample.layout.fetch_manifest(&by_digest(&image)).await.unwrap_err();
    assert_eq!(refused.kind, RegistryErrorKind::Contradiction);
    assert_eq!(refused.place, file.display().to_string());
    sample.push_image("a").await;
    assert_eq!(sample.layout.fetch_manifest(&by_digest(&image)).await.unwrap(), Some(image));
}

#[tokio::test]
async fn the_type_in_the_list_must_not_contradict_the_manifest() {
    let sample = Sample::new();
    let image = sample.push_image("a").await;
    let mut index = sample.index();
    index["manifests"][0]["mediaType"] = json!(media_type::OCI_INDEX);
    sample.write_index(&index);
    let refused = sample.layout.fetch_manifest(&by_digest(&image)).await.unwrap_err();
    assert_eq!(refused.kind, RegistryErrorKind::Malformed);
}

#[tokio::test]
async fn a_docker_manifest_keeps_its_type() {
    let sample = Sample::new();
    let mut docker: serde_json::Value = serde_json::from_slice(image("a").bytes()).unwrap();
    docker["mediaType"] = json!(media_type::DOCKER_MANIFEST);
    let docker = manifest(&docker);
    sample.layout.push_manifest(&docker, ManifestRole::Root).await.unwrap();
    let fetched: RawManifest =
        sample.layout.fetch_manifest(&by_digest(&docker)).await.unwrap().unwrap();
    assert_eq!(fetched.media_type(), media_type::DOCKER_MANIFEST);
    assert_eq!(sample.index()["manifests"][0]["mediaType"], media_type::DOCKER_MANIFEST);
}

#[tokio::test]
async fn a_manifest_over_four_mebibytes_is_not_read() {
    let sample = Sample::new();
    let image = sample.push_image("a").await;
    fs::write(sample.blob(image.digest()), vec![b' '; 5 * 1024 * 1024]).unwrap();
    let refused = sample.layout.fetch_manifest(&by_digest(&image)).await.unwrap_err();
    assert_eq!(refused.kind, RegistryErrorKind::Malformed);
    assert!(refused.found.contains("5242880"), "{refused}");
}
