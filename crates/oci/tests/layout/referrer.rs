use std::fs;

use boltseal_core::{Descriptor, RawManifest, media_type};
use boltseal_ports::{
    Absence, ManifestRole, Referrers, Registry as _, RegistryErrorKind, TagWriter as _,
};
use serde_json::{Value, json};

use crate::sample::{Sample, image, index_of, kind, manifest, named, referrer, tag};

fn listed(referrer: &RawManifest, name: &str) -> Descriptor {
    let mut descriptor = referrer.descriptor();
    descriptor.artifact_type = Some(media_type::BUNDLE_V03.to_owned());
    descriptor.annotations = kind(name);
    descriptor
}

async fn referrers(sample: &Sample, subject: &RawManifest) -> Vec<Descriptor> {
    let found = sample.layout.referrers(subject.digest()).await.unwrap();
    let Referrers { descriptors, absence: Absence::Proven } = found else {
        panic!("expected a proven list, found {found:?}")
    };
    descriptors
}

#[tokio::test]
async fn are_found_by_their_subject() {
    let sample = Sample::new();
    let (image, other) = (sample.push_image("a").await, sample.push_image("b").await);
    assert_eq!(referrers(&sample, &image).await, []);
    let sbom = sample.push_referrer(&image, "sbom").await;
    let vuln = sample.push_referrer(&image, "vuln").await;
    let foreign = sample.push_referrer(&other, "sbom").await;
    let expected = [listed(&sbom, "sbom"), listed(&vuln, "vuln")];
    assert_eq!(referrers(&sample, &image).await, expected);
    assert_eq!(referrers(&sample, &other).await, [listed(&foreign, "sbom")]);
}

#[tokio::test]
async fn are_listed_with_type_and_annotations_and_without_a_name() {
    let sample = Sample::new();
    let image = sample.push_image("a").await;
    let sbom = sample.push_referrer(&image, "sbom").await;
    let entry: Descriptor = serde_json::from_value(sample.index()["manifests"][1].clone()).unwrap();
    assert_eq!(entry, listed(&sbom, "sbom"));
}

#[tokio::test]
async fn cannot_name_themselves() {
    let sample = Sample::new();
    let image = sample.push_image("a").await;
    let mut evil: Value = serde_json::from_slice(referrer(&image, "x").bytes()).unwrap();
    evil["annotations"] = json!({
        "org.opencontainers.image.ref.name": "1",
        "io.containerd.image.name": "docker.io/library/app:1",
    });
    let evil = manifest(&evil);
    sample.layout.push_manifest(&evil, ManifestRole::Referrer).await.unwrap();
    let found = referrers(&sample, &image).await;
    sample.layout.link_referrers(image.digest(), &found).await.unwrap();
    for name in ["1", "app:1"] {
        assert_eq!(sample.layout.fetch_manifest(&named(name)).await.unwrap(), None);
    }
}

#[tokio::test]
async fn linking_lists_what_is_stored_in_one_write() {
    let sample = Sample::new();
    let image = sample.push_image("a").await;
    let pieces: Vec<_> = ["sbom", "vuln", "vsa"].map(|it| referrer(&image, it)).into();
    for piece in &pieces {
        sample.layout.push_manifest(piece, ManifestRole::Child).await.unwrap();
    }
    assert_eq!(referrers(&sample, &image).await, []);
    let descriptors: Vec<_> = pieces.iter().map(|it| listed(it, "hint")).collect();
    let before = sample.layout.traffic().writes;
    for _ in 0..2 {
        sample.layout.link_referrers(image.digest(), &descriptors).await.unwrap();
    }
    assert_eq!(sample.layout.traffic().writes, before + 1);
    assert_eq!(referrers(&sample, &image).await.len(), 3);
}

#[tokio::test]
async fn the_fallback_index_is_united_with_the_list() {
    let sample = Sample::new();
    let image = sample.push_image("a").await;
    let sbom = sample.push_referrer(&image, "sbom").await;
    let vuln = referrer(&image, "vuln");
    let hints = [listed(&sbom, "other"), listed(&vuln, "vuln")];
    let fallback = tag(&image.digest().as_tag());
    sample.layout.put_tag(&fallback, &index_of(&hints)).await.unwrap();
    let expected = [listed(&sbom, "sbom"), listed(&vuln, "vuln")];
    assert_eq!(referrers(&sample, &image).await, expected);
}

#[tokio::test]
async fn a_fallback_tag_that_is_no_index_is_a_contradiction() {
    let sample = Sample::new();
    let image = sample.push_image("a").await;
    let fallback = tag(&image.digest().as_tag());
    sample.layout.put_tag(&fallback, &referrer(&image, "sbom")).await.unwrap();
    let refused = sample.layout.referrers(image.digest()).await.unwrap_err();
    assert_eq!(refused.kind, RegistryErrorKind::Contradiction);
}

#[tokio::test]
async fn one_that_was_changed_in_place_is_still_listed() {
    let sample = Sample::new();
    let image = sample.push_image("a").await;
    let sbom = sample.push_referrer(&image, "sbom").await;
    let other = crate::sample::image("other");
    let changed =
        String::from_utf8_lossy(sbom.bytes()).replace(image.digest().hex(), other.digest().hex());
    fs::write(sample.blob(sbom.digest()), changed).unwrap();
    assert_eq!(referrers(&sample, &image).await, [listed(&sbom, "sbom")]);
    let pick = boltseal_core::Pick::Digest(sbom.digest().clone());
    let refused = sample.layout.fetch_manifest(&pick).await.unwrap_err();
    assert_eq!(refused.kind, RegistryErrorKind::Contradiction);
}

#[tokio::test]
async fn one_that_is_gone_is_listed_and_one_that_is_no_manifest_hides_nothing() {
    let sample = Sample::new();
    let image = sample.push_image("a").await;
    let gone = sample.push_referrer(&image, "gone").await;
    let sbom = sample.push_referrer(&image, "sbom").await;
    fs::remove_file(sample.blob(gone.digest())).unwrap();
    let noise = boltseal_core::Digest::sha256_of(b"noise");
    fs::write(sample.blob(&noise), "noise").unwrap();
    let mut index = sample.index();
    let entry = Descriptor::new(media_type::OCI_MANIFEST, noise, 5);
    index["manifests"].as_array_mut().unwrap().push(json!(entry));
    sample.write_index(&index);
    assert_eq!(referrers(&sample, &image).await, [listed(&gone, "gone"), listed(&sbom, "sbom")]);
}

#[tokio::test]
async fn one_that_says_to_be_of_any_size_is_bounded() {
    let sample = Sample::new();
    let image = sample.push_image("a").await;
    let sbom = sample.push_referrer(&image, "sbom").await;
    let mut index = sample.index();
    let noise = boltseal_core::Digest::sha256_of(b"noise");
    let entry = Descriptor::new(media_type::OCI_MANIFEST, noise, u64::MAX);
    index["manifests"].as_array_mut().unwrap().push(json!(entry));
    sample.write_index(&index);
    let refused = sample.layout.referrers(image.digest()).await.unwrap_err();
    assert_eq!(refused.kind, RegistryErrorKind::Malformed, "{refused}; {}", sbom.digest());
}

#[tokio::test]
async fn more_than_a_thousand_are_refused() {
    let sample = Sample::new();
    let subject = image("a");
    let many: Vec<_> = (0..1001).map(|it| referrer(&subject, &it.to_string())).collect();
    let hints: Vec<_> = many.iter().map(RawManifest::descriptor).collect();
    let fallback = tag(&subject.digest().as_tag());
    sample.layout.put_tag(&fallback, &index_of(&hints[1..])).await.unwrap();
    assert_eq!(referrers(&sample, &subject).await.len(), 1000);
    sample.layout.put_tag(&fallback, &index_of(&hints)).await.unwrap();
    let refused = sample.layout.referrers(subject.digest()).await.unwrap_err();
    assert!(refused.found.contains("1001"), "{refused}");
}
