//! The budgets of requests (DESIGN.md 9), on a plain registry with eight new layers, counted by
//! the registry.

use boltseal_testkit::image::{BuiltImage, ImageBuilder, LayerBuilder};
use boltseal_testkit::registry::{Options, Recorded};
use serde_json::Value;

use crate::release::Place;

const CLEAN: [&str; 2] = ["--scan", "scan.json"];

/// Eight layers of noise; the image is the same but for those of another seed.
fn eight_layers(seed_of_last: u64) -> BuiltImage {
    let seed = |at: u64| if at == 7 { seed_of_last } else { at };
    let layer = |at: u64| LayerBuilder::new().noise(&format!("data/{at}"), 20_000, seed(at));
    (0..8_u64).map(layer).fold(ImageBuilder::new(), ImageBuilder::layer).build()
}

/// The requests since the last time, which must be as many as the result says.
fn asked(place: &Place, result: &Value) -> Vec<Recorded> {
    let requests = place.server.requests();
    place.server.reset_recording();
    assert_eq!(result["requests"], requests.len(), "a result says what it cost");
    requests
}

#[track_caller]
fn within(requests: &[Recorded], at_most: usize) {
    let line = |it: &Recorded| format!("{} {}?{}", it.method, it.path, it.query);
    let lines: Vec<_> = requests.iter().map(line).collect();
    assert!(lines.len() <= at_most, "{} requests:\n{}", lines.len(), lines.join("\n"));
}

fn writes(requests: &[Recorded]) -> usize {
    requests.iter().filter(|it| it.is_write()).count()
}

fn released() -> Place {
    let place = Place::with(Options::default(), eight_layers(7));
    let result = place.release("1.0", &CLEAN).exits(0).json();
    within(&asked(&place, &result), 62);
    place
}

#[test]
fn a_release_and_the_next_one_with_two_changed_blobs() {
    let place = released();
    let next = eight_layers(70);
    let same = |at: usize| next.layers[at].descriptor == place.image.layers[at].descriptor;
    assert!((0..7).all(same) && !same(7), "one layer and the configuration are other ones");
    next.write_layout(&place.sandbox.path("image"), Some("1")).expect("a layout");
    place.sandbox.write("scan.json", boltseal_testkit::report::trivy(&next, &[]));
    let result = place.release("1.1", &CLEAN).exits(0).json();
    assert_eq!(result["outcome"], "released");
    within(&asked(&place, &result), 48);
}

#[test]
fn a_finished_release_is_read_and_not_written() {
    let place = released();
    let result = place.release("1.0", &CLEAN).exits(0).json();
    assert_eq!(result["outcome"], "already-released");
    let requests = asked(&place, &result);
    within(&requests, 13);
    assert_eq!(writes(&requests), 0);
}

#[test]
fn a_verification_by_digest() {
    let place = released();
    let target = format!("{}@{}", place.server.repository("team/app"), place.image.digest());
    let result = place.verify(&target, &[]).exits(0).json();
    let requests = asked(&place, &result);
    within(&requests, 12);
    assert_eq!(writes(&requests), 0);
}

#[test]
fn a_promotion_inside_one_registry_moves_no_byte_of_a_layer() {
    let place = released();
    let to = format!("{}:1.0", place.server.repository("prod/app"));
    let keys = ["--key", &place.key.public, "--promotion-key", &place.key.private];
    let words = ["promote", &place.to("1.0"), &to, "--format", "json"];
    let result = place.sandbox.boltseal(&[&words[..], &keys].concat()).exits(0).json();
    assert_eq!(result["outcome"], "promoted");
    let requests = asked(&place, &result);
    within(&requests, 58);
    assert_eq!(place.image.layers.len(), 8);
    for layer in &place.image.layers {
        let hex = layer.descriptor.digest.hex();
        let names = |it: &&Recorded| it.path.contains(hex) || it.query.contains(hex);
        let about: Vec<_> = requests.iter().filter(names).collect();
        let mounted = |it: &&Recorded| it.method == "POST" && it.query.contains("mount=");
        assert!(!about.is_empty() && about.iter().all(mounted), "mounted, nothing else: {about:?}");
        assert_eq!(about.iter().map(|it| it.bytes_in + it.bytes_out).sum::<u64>(), 0);
        assert!(place.server.store().blobs("prod/app").contains(&layer.descriptor.digest));
    }
}
