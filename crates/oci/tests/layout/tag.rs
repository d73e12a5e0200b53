use boltseal_ports::{Registry as _, RegistryErrorKind, TagWriter as _};
use serde_json::json;

use crate::sample::{Sample, image, named, tag};

fn entry(digest: &boltseal_core::RawManifest, name: Option<&str>) -> (String, Option<String>) {
    (digest.digest().to_string(), name.map(str::to_owned))
}

#[tokio::test]
async fn names_a_listed_manifest_without_listing_it_twice() {
    let sample = Sample::new();
    let image = sample.push_image("a").await;
    sample.layout.put_tag(&tag("1"), &image).await.unwrap();
    sample.layout.put_tag(&tag("1"), &image).await.unwrap();
    assert_eq!(sample.entries(), [entry(&image, Some("1"))]);
    sample.push_image("a").await;
    assert_eq!(sample.entries(), [entry(&image, Some("1"))]);
    let fetched = sample.layout.fetch_manifest(&named("1")).await.unwrap();
    assert_eq!(fetched, Some(image));
}

#[tokio::test]
async fn stores_what_it_names() {
    let sample = Sample::new();
    let image = image("a");
    sample.layout.put_tag(&tag("1"), &image).await.unwrap();
    let fetched = sample.layout.fetch_manifest(&named("1")).await.unwrap();
    assert_eq!(fetched, Some(image));
}

#[tokio::test]
async fn several_names_for_one_digest_are_several_entries() {
    let sample = Sample::new();
    let image = sample.push_image("a").await;
    sample.layout.put_tag(&tag("1"), &image).await.unwrap();
    sample.layout.put_tag(&tag("1.2"), &image).await.unwrap();
    assert_eq!(sample.entries(), [entry(&image, Some("1")), entry(&image, Some("1.2"))]);
}

#[tokio::test]
async fn a_name_that_moves_leaves_its_image_listed() {
    let sample = Sample::new();
    let (old, new) = (sample.push_image("old").await, image("new"));
    sample.layout.put_tag(&tag("latest"), &old).await.unwrap();
    sample.layout.put_tag(&tag("latest"), &new).await.unwrap();
    let mut entries = sample.entries();
    entries.sort_by_key(|it| it.1.is_some());
    assert_eq!(entries, [entry(&old, None), entry(&new, Some("latest"))]);
    sample.layout.put_tag(&tag("latest"), &old).await.unwrap();
    let mut entries = sample.entries();
    entries.sort_by_key(|it| it.1.is_some());
    assert_eq!(entries, [entry(&new, None), entry(&old, Some("latest"))]);
}

#[tokio::test]
async fn an_image_with_another_name_gets_no_nameless_entry() {
    let sample = Sample::new();
    let (old, new) = (image("old"), image("new"));
    for name in ["1", "latest"] {
        sample.layout.put_tag(&tag(name), &old).await.unwrap();
    }
    sample.layout.put_tag(&tag("latest"), &new).await.unwrap();
    assert_eq!(sample.entries(), [entry(&old, Some("1")), entry(&new, Some("latest"))]);
}

#[tokio::test]
async fn what_a_reserved_name_leaves_is_no_image() {
    let sample = Sample::new();
    let name = tag(&format!("{}.sig", image("subject").digest().as_tag()));
    let (old, new) = (image("old"), image("new"));
    sample.layout.put_tag(&name, &old).await.unwrap();
    sample.layout.put_tag(&name, &new).await.unwrap();
    assert_eq!(sample.entries(), [entry(&new, Some(name.as_str()))]);
}

#[tokio::test]
async fn one_name_for_two_digests_is_a_contradiction() {
    let sample = Sample::new();
    let (first, second) = (image("first"), image("second"));
    sample.layout.put_tag(&tag("1"), &first).await.unwrap();
    sample.layout.put_tag(&tag("2"), &second).await.unwrap();
    let mut index = sample.index();
    index["manifests"][1]["annotations"]["org.opencontainers.image.ref.name"] = json!("1");
    sample.write_index(&index);
    let refused = sample.layout.fetch_manifest(&named("1")).await.unwrap_err();
    assert_eq!(refused.kind, RegistryErrorKind::Contradiction);
    for digest in [first.digest(), second.digest()] {
        assert!(refused.found.contains(&digest.to_string()), "{refused}");
    }
    // Moving the name settles it.
    sample.layout.put_tag(&tag("1"), &second).await.unwrap();
    let fetched = sample.layout.fetch_manifest(&named("1")).await.unwrap();
    assert_eq!(fetched, Some(second));
}

#[tokio::test]
async fn docker_full_names_are_understood() {
    let sample = Sample::new();
    let image = image("a");
    sample.layout.put_tag(&tag("1.2"), &image).await.unwrap();
    let mut index = sample.index();
    index["manifests"][0]["annotations"]["io.containerd.image.name"] =
        json!("docker.io/library/app:1.2");
    sample.write_index(&index);
    for name in ["1.2", "app:1.2", "library/app:1.2", "docker.io/library/app:1.2"] {
        let fetched = sample.layout.fetch_manifest(&named(name)).await.unwrap();
        assert_eq!(fetched.as_ref(), Some(&image), "{name}");
    }
    assert_eq!(sample.layout.fetch_manifest(&named("app:1")).await.unwrap(), None);
}
