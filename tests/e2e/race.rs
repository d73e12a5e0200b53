//! Two releases at once.
//!
//! Each test also demands that there was a race: that in some round neither release found the
//! other one finished.

use std::process::{Child, Output};
use std::thread;
use std::time::Duration;

use boltseal_core::Digest;
use boltseal_testkit::image::{BuiltImage, ImageBuilder, debian_like};
use boltseal_testkit::registry::{Options, Server};
use serde_json::Value;

use crate::harness::Run;
use crate::scene::{ALL, NAME, Scene, start, without_referrers};

const ROUNDS: usize = 6;
/// The way to the registry and back. It makes the window longer in which both are under way.
const LATENCY: Duration = Duration::from_millis(5);

/// Runs two releases at once, in this order of their start.
fn both(scene: &Scene, to: &str, names: [&str; 2]) -> [Run; 2] {
    let end = |child: Child| -> std::io::Result<Output> { child.wait_with_output() };
    let [first, second] = names.map(|name| start(scene.release_to(to, name)));
    // Both pipes are read at once: a release that waits for its reader would not race.
    thread::scope(|scope| {
        let first = scope.spawn(move || Run::of(end(first)));
        let second = Run::of(end(second));
        [first.join().expect("a reader that ends"), second]
    })
}

fn far(options: Options) -> Server {
    Server::start_blocking(Options { latency: Some(LATENCY), ..options })
}

fn outcome(run: &Run) -> Value {
    run.json()["outcome"].clone()
}

fn one_digest(options: fn() -> Options) {
    let scene = Scene::new();
    let mut races = 0;
    for round in 0..ROUNDS {
        let server = far(options());
        let runs = both(&scene, &format!("{}:1.0", server.repository(NAME)), ["image", "image"]);
        for run in &runs {
            assert_eq!(run.code, 0, "round {round}: {run:?}");
        }
        races += usize::from(runs.iter().all(|run| outcome(run) == "released"));
        assert_eq!(server.store().tag(NAME, "1.0"), Some(scene.image.digest()));
        scene.verify(&server, &scene.image.digest()).exits(0);
    }
    assert!(races > 0, "one was always finished before the other began");
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
fn of_one_digest_both_hold_in_a_layout() {
    let scene = Scene::new();
    let mut races = 0;
    for round in 0..ROUNDS {
        let to = format!("oci:out{round}:1.0");
        let runs = both(&scene, &to, ["image", "image"]);
        for run in &runs {
            assert_eq!(run.code, 0, "round {round}: {run:?}");
        }
        races += usize::from(runs.iter().all(|run| outcome(run) == "released"));
        verified(&scene, &to);
    }
    assert!(races > 0, "one was always finished before the other began");
}

#[test]
fn of_two_digests_one_holds_the_tag() {
    let (scene, digests) = two_images();
    let mut races = 0;
    for round in 0..ROUNDS {
        let server = far(Options::default());
        let to = format!("{}:1.0", server.repository(NAME));
        let runs = both(&scene, &to, ["image", "other"]);
        let holder = server.store().tag(NAME, "1.0").expect("somebody holds the tag");
        assert!(digests.contains(&holder), "round {round}");
        for (run, digest) in runs.iter().zip(&digests) {
            told_the_truth(run, digest, &holder, &digests);
        }
        // Who finds the tag taken before its first write pushes nothing.
        let pushed = server.store().manifests(NAME);
        races += usize::from(digests.iter().all(|it| pushed.contains(it)));
        scene.verify(&server, &holder).exits(0);
    }
    assert!(races > 0, "one was always finished before the other began");
}

#[test]
fn of_two_digests_one_holds_the_name_in_a_layout() {
    let (scene, digests) = two_images();
    let mut races = 0;
    for round in 0..ROUNDS {
        let to = format!("oci:out{round}:1.0");
        let runs = both(&scene, &to, ["image", "other"]);
        let document = verified(&scene, &to);
        let holder = document["subject"]["digest"].as_str().expect("a digest");
        let holder: Digest = holder.parse().expect("a digest");
        for (run, digest) in runs.iter().zip(&digests) {
            told_the_truth(run, digest, &holder, &digests);
        }
        let stored = |digest: &Digest| {
            let blob = format!("out{round}/blobs/sha256/{}", digest.hex());
            scene.sandbox.path(&blob).exists()
        };
        races += usize::from(digests.iter().all(stored));
    }
    assert!(races > 0, "one was always finished before the other began");
}

fn verified(scene: &Scene, target: &str) -> Value {
    let words = ["verify", target, "--key", "k.pub", "--require", ALL, "--format", "json"];
    scene.sandbox.boltseal(&words).exits(0).json()
}

fn two_images() -> (Scene, [Digest; 2]) {
    let scene = Scene::new();
    let other = scene.add("other", &other_image());
    let digests = [scene.image.digest(), other];
    assert_ne!(digests[0], digests[1]);
    (scene, digests)
}

/// The holder released; the other was refused and names both, or had finished, its tag read back,
/// before it was overtaken: a registry has no way of writing a tag only where there is none.
fn told_the_truth(run: &Run, digest: &Digest, holder: &Digest, digests: &[Digest; 2]) {
    let report = run.json();
    assert_eq!(report["subject"]["digest"], digest.to_string(), "{run:?}");
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
