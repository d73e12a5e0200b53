//! Bad input: a clear error that names what and where, and nothing signed or tagged.

use boltseal_testkit::image::{
    BuiltImage, ImageBuilder, LayerBuilder, RawEntry, debian_like, index,
};
use boltseal_testkit::registry::Options;

use crate::harness::codes;
use crate::release::Place;

/// Releases an image that is not good, and looks that nothing came of it.
#[track_caller]
fn refused(image: BuiltImage, code: i32) -> String {
    let place = Place::with(Options::default(), image);
    let document = place.release("1.0", &["--scan", "none"]).exits(code).json();
    let store = place.server.store();
    assert!(store.tags("team/app").is_empty(), "nothing is tagged");
    assert!(store.manifests("team/app").is_empty(), "nothing is pushed or signed");
    document["reasons"].to_string()
}

fn one(layer: LayerBuilder) -> BuiltImage {
    ImageBuilder::new().layer(layer).build()
}

#[test]
fn a_truncated_layer() {
    let text = refused(one(LayerBuilder::new().noise("data", 100_000, 1).truncated(5_000)), 30);
    assert!(text.contains("sha256:"), "{text}");
}

#[test]
fn a_layer_that_climbs_out_of_its_root() {
    let entry = RawEntry::file("../../etc/passwd", &b"root"[..]);
    let text = refused(one(LayerBuilder::new().raw(entry)), 30);
    assert!(text.contains("../../etc/passwd"), "{text}");
}

#[test]
fn a_layer_that_inflates_without_measure() {
    let text = refused(one(LayerBuilder::new().zeros("zeros", 600 << 20)), 30);
    assert!(text.contains("bytes"), "{text}");
}

#[test]
fn an_index_of_indexes() {
    let text = refused(index(vec![index(vec![debian_like()])]), 30);
    assert!(text.contains("index within an index"), "{text}");
}

#[test]
fn a_layer_whose_bytes_are_not_its_digest() {
    let place = Place::with(Options::default(), debian_like());
    let layer = &place.image.layers[0];
    let digest = layer.descriptor.digest.hex().to_owned();
    let path = place.sandbox.path(&format!("image/blobs/sha256/{digest}"));
    let mut bytes = std::fs::read(&path).expect("a layer");
    let last = bytes.len() - 9;
    bytes[last] ^= 1;
    std::fs::write(&path, bytes).expect("a layer");
    let document = place.release("1.0", &["--scan", "none"]).exits(30).json();
    assert!(document["reasons"].to_string().contains(&digest));
    assert!(place.server.store().blobs("team/app").is_empty());
}

#[test]
fn a_manifest_of_five_megabytes() {
    let long = "x".repeat(5 << 20);
    let image = ImageBuilder::new()
        .layer(LayerBuilder::new().dir("x"))
        .edit_manifest(move |it| it["annotations"] = serde_json::json!({"long": long}))
        .build();
    let text = refused(image, 30);
    assert!(text.contains("4194304"), "{text}");
}

#[test]
fn reports_that_are_none() {
    let place = Place::new(Options::default());
    let other = one(LayerBuilder::new().dir("other"));
    let scan = boltseal_testkit::report::Scan::of(&place.image);
    let odd = scan.vulnerability("CVE-2026-1", "libc6", boltseal_core::Severity::Low);
    for (name, bytes, code, reason) in [
        ("empty.json", Vec::new(), 20, "report-empty"),
        ("brackets.json", b"{}".to_vec(), 20, "report-empty"),
        ("label.json", odd.labelled("EXTREME").trivy(), 20, "unknown-severity"),
        ("other.json", boltseal_testkit::report::trivy(&other, &[]), 10, "report-other-image"),
    ] {
        place.sandbox.write(name, bytes);
        let document = place.release("1.0", &["--scan", name]).exits(code).json();
        assert_eq!(codes(&document), [reason], "{name}");
        assert_eq!(place.server.counts().writes, 0, "{name}");
    }
}

#[test]
fn scan_left_out() {
    let place = Place::new(Options::default());
    place.release("1.0", &[]).exits(2).complains("--scan");
    assert_eq!(place.server.counts().writes, 0);
}
