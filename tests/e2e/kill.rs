//! A release is killed at every write, before and after it: no tag ever points at an image whose
//! evidence is not complete, and the next run completes what was begun.

use std::collections::BTreeMap;
use std::ops::Range;
use std::thread;
use std::time::{Duration, Instant};

use boltseal_core::Digest;
use boltseal_testkit::registry::{Edge, Options, Referrers, Server};

use crate::harness::Run;
use crate::scene::{NAME, Scene, start, without_referrers};

/// Cases run at once.
const LANES: usize = 4;

#[test]
fn at_every_write_with_the_referrers_api() {
    at_every_write(Options::default);
}

#[test]
fn at_every_write_without_the_referrers_api() {
    at_every_write(without_referrers);
}

fn at_every_write(options: fn() -> Options) {
    let scene = Scene::new();
    let server = Server::start_blocking(options());
    Run::of(scene.release(&server, "image").output()).exits(0);
    let writes = server.counts().writes;
    assert!(writes > 10, "a release writes, not only {writes} times");
    let cases: Vec<_> =
        (1..=writes).flat_map(|write| [(write, Edge::Before), (write, Edge::After)]).collect();
    let lane = |first: usize| {
        for &(write, edge) in cases.iter().skip(first).step_by(LANES) {
            let server = Server::start_blocking(options());
            Case { scene: &scene, server, name: format!("{edge:?} write {write}") }
                .run(write, edge);
        }
    };
    let lanes: Range<usize> = 0..LANES;
    thread::scope(|scope| {
        for first in lanes {
            let lane = &lane;
            scope.spawn(move || lane(first));
        }
    });
}

struct Case<'a> {
    scene: &'a Scene,
    server: Server,
    name: String,
}

impl Case<'_> {
    fn run(&self, write: u64, edge: Edge) {
        self.kill_at(write, edge);
        self.a_tag_means_evidence();
        let before = self.server.store().writes_per_digest(NAME);
        let again = self.release();
        let outcome = again.json()["outcome"].as_str().unwrap_or_default().to_owned();
        assert!(["released", "already-released"].contains(&&*outcome), "{}: {outcome}", self.name);
        assert_eq!(self.server.store().tag(NAME, "1.0"), Some(self.scene.image.digest()));
        self.nothing_stored_is_sent_again(&before);
        // A piece that the killed run pushed and never listed in the fallback index cannot be
        // found again, and has an equal by now. With the API every piece is found and adopted.
        let (found, listed) = (self.evidence(), self.server.options().referrers == Referrers::Api);
        assert!(if listed { found == 5 } else { found >= 5 }, "{}: {found} pieces", self.name);
        self.verified();
        let writes = self.server.counts().writes;
        self.release();
        assert_eq!(self.server.counts().writes, writes, "{}: finished, yet written", self.name);
    }

    /// Starts a release and kills it as soon as the write is reached.
    fn kill_at(&self, write: u64, edge: Edge) {
        let mut reached = self.server.stop_at_write(write, edge);
        let mut child = start(self.scene.release(&self.server, "image"));
        let begin = Instant::now();
        while reached.try_recv().is_err() {
            let late = begin.elapsed() > Duration::from_mins(1);
            let over = child.try_wait().expect("a child to ask").is_some();
            assert!(!late && !over, "{}: was never reached", self.name);
            thread::sleep(Duration::from_millis(2));
        }
        child.kill().expect("a child to kill");
        child.wait().expect("a child that ends");
        self.server.resume();
    }

    fn a_tag_means_evidence(&self) {
        if let Some(holder) = self.server.store().tag(NAME, "1.0") {
            assert_eq!(holder, self.scene.image.digest(), "{}", self.name);
            self.verified();
        }
    }

    fn verified(&self) {
        let run = self.scene.verify(&self.server, &self.scene.image.digest());
        assert_eq!(run.code, 0, "{}: {run:?}", self.name);
    }

    fn release(&self) -> Run {
        let run = Run::of(self.scene.release(&self.server, "image").output());
        assert_eq!(run.code, 0, "{}: {run:?}", self.name);
        run
    }

    /// What was stored when the first run was killed was not written by the second, but for the
    /// tag, which is a write of the manifest.
    fn nothing_stored_is_sent_again(&self, before: &BTreeMap<Digest, u64>) {
        let store = self.server.store();
        let after = store.writes_per_digest(NAME);
        let subject = self.scene.image.digest();
        let fallback = store.tag(NAME, &subject.to_string().replace(':', "-"));
        for (digest, count) in before {
            if *digest != subject && Some(digest) != fallback.as_ref() {
                assert_eq!(after.get(digest), Some(count), "{}: {digest} again", self.name);
            }
        }
    }

    /// How many pieces of evidence there are about the image.
    fn evidence(&self) -> usize {
        let store = self.server.store();
        let subject = self.scene.image.digest().to_string();
        let manifests = store.manifests(NAME);
        let about = |digest: &&Digest| {
            let bytes = store.manifest(NAME, digest).expect("a manifest that is listed");
            let value: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
            value["subject"]["digest"] == *subject
        };
        manifests.iter().filter(about).count()
    }
}
