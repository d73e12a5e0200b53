//! Two releases at once.

use std::process::{Child, Output};
use std::thread;

use boltseal_core::Digest;
use boltseal_testkit::image::{BuiltImage, ImageBuilder, debian_like};
use boltseal_testkit::registry::{Options, Server};

use crate::harness::Run;
use crate::scene::{NAME, Scene, start, without_referrers};

const ROUNDS: usize = 6;

/// Runs two releases at once, in this order of their start.
fn both(scene: &Scene, server: &Server, names: [&str; 2]) -> [Run; 2] {
    let end = |child: Child| -> std::io::Result<Output> { child.wait_with_output() };
    let [first, second] = names.map(|name| start(scene.release(server, name)));
    // Both pipes are read at once: a release that waits for its reader would not race.
    thread::scope(|scope| {
        let first = scope.spawn(move || Run::of(end(first)));
        let second = Run::of(end(second));
        [first.join().expect("a reader that ends"), second]
    })
}

fn one_digest(options: fn() -> Options) {
    let scene = Scene::new();
    for round in 0..ROUNDS {
        let server = Server::start_blocking(options());
        for run in both(&scene, &server, ["image", "image"]) {
            assert_eq!(run.code, 0, "round {round}: {run:?}");
        }
        assert_eq!(server.store().tag(NAME, "1.0"), Some(scene.image.digest()));
        scene.verify(&server, &scene.image.digest()).exits(0);
    }
}

#[test]
fn of_one_digest_both_hold() {
    one_digest(Options::default);
}

#[test]
fn of_one_digest_both_hold_without_the_referrers_api() {
    one_digest(without_referrers);
}

#[test]
fn of_two_digests_one_holds_the_tag() {
    let scene = Scene::new();
    let other = scene.add("other", &other_image());
    let digests = [scene.image.digest(), other];
    assert_ne!(digests[0], digests[1]);
    for round in 0..ROUNDS {
        let server = Server::start_blocking(Options::default());
        let runs = both(&scene, &server, ["image", "other"]);
        let holder = server.store().tag(NAME, "1.0").expect("somebody holds the tag");
        assert!(digests.contains(&holder), "round {round}");
        for (run, digest) in runs.iter().zip(&digests) {
            told_the_truth(run, digest, &holder, &digests);
        }
        scene.verify(&server, &holder).exits(0);
    }
}

/// The holder released; the other was refused and names both, or had finished, its tag read back,
/// before it was overtaken: a registry has no way of writing a tag only where there is none.
fn told_the_truth(run: &Run, digest: &Digest, holder: &Digest, digests: &[Digest; 2]) {
    let report = run.json();
    assert_eq!(report["subject"]["digest"], digest.to_string());
    if digest == holder || run.code == 0 {
        assert_eq!((run.code, &report["outcome"]), (0, &"released".into()), "{run:?}");
        return;
    }
    assert_eq!((run.code, &report["outcome"]), (13, &"refused".into()), "{run:?}");
    let reasons = report["reasons"].to_string();
    for digest in digests {
        assert!(reasons.contains(&digest.to_string()), "{digest} is not named in {reasons}");
    }
}

/// The layers of the usual image under another configuration.
fn other_image() -> BuiltImage {
    let layers = debian_like().layers;
    let builder = ImageBuilder::new().label("edition", "other");
    layers.into_iter().fold(builder, ImageBuilder::built_layer).build()
}
