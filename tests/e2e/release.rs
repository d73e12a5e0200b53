//! The release journey against a registry: what is written, what is counted, what is refused.

use boltseal_core::{Digest, Severity};
use boltseal_testkit::image::{BuiltImage, ImageBuilder, LayerBuilder, debian_like, index};
use boltseal_testkit::registry::{Options, Referrers, Server};
use boltseal_testkit::report::{self, Scan};

use crate::harness::{KeyPair, Run, Sandbox, codes};

const ALL: &str = "signature,provenance,sbom,vuln,vsa";

/// A registry, a sandbox with an image and a clean report, and a key.
pub(crate) struct Place {
    pub(crate) sandbox: Sandbox,
    pub(crate) server: Server,
    pub(crate) key: KeyPair,
    pub(crate) image: BuiltImage,
}

impl Place {
    pub(crate) fn new(options: Options) -> Self {
        Self::with(options, debian_like())
    }

    pub(crate) fn with(options: Options, image: BuiltImage) -> Self {
        let sandbox = Sandbox::new();
        let key = sandbox.key_pair("release");
        image.write_layout(&sandbox.path("image"), Some("1")).expect("a layout");
        if image.children.is_empty() {
            sandbox.write("scan.json", report::trivy(&image, &[]));
        }
        Self { sandbox, server: Server::start_blocking(options), key, image }
    }

    pub(crate) fn to(&self, tag: &str) -> String {
        format!("{}:{tag}", self.server.repository("team/app"))
    }

    pub(crate) fn release(&self, tag: &str, more: &[&str]) -> Run {
        let to = self.to(tag);
        let words = ["release", "oci:image:1", "--to", &to, "--key", &self.key.private];
        let words = [&words[..], &["--format", "json"], more].concat();
        self.sandbox.boltseal(&words)
    }

    pub(crate) fn verify(&self, target: &str, more: &[&str]) -> Run {
        let words = ["verify", target, "--key", &self.key.public, "--format", "json"];
        self.sandbox.boltseal(&[&words[..], more].concat())
    }

    fn tag(&self, tag: &str) -> Option<Digest> {
        self.server.store().tag("team/app", tag)
    }
}

fn without_api() -> Options {
    Options {
        referrers: Referrers::None404 { body: boltseal_testkit::registry::NotFoundBody::Plain },
        ..Options::default()
    }
}

const CLEAN: [&str; 2] = ["--scan", "scan.json"];

#[test]
fn releases_verifies_and_finds_it_released_on_both_kinds_of_registry() {
    for options in [Options::default(), without_api()] {
        let place = Place::new(options);
        let released = place.release("1.0", &CLEAN).exits(0).json();
        assert_eq!(released["outcome"], "released");
        assert_eq!(released["evidence"].as_array().map(Vec::len), Some(5));
        assert_eq!(place.tag("1.0"), Some(place.image.digest()));
        let verified = place.verify(&place.to("1.0"), &["--require", ALL]).exits(0).json();
        assert_eq!(verified["outcome"], "verified");

        place.server.reset_recording();
        let again = place.release("1.0", &CLEAN).exits(0).json();
        assert_eq!(again["outcome"], "already-released");
        assert_eq!(place.server.counts().writes, 0, "a finished release writes nothing");
    }
}

#[test]
fn a_refused_gate_writes_nothing() {
    let place = Place::new(Options::default());
    let bad = Scan::of(&place.image).vulnerability("CVE-2026-1", "libc6", Severity::Critical);
    place.sandbox.write("bad.json", bad.trivy());
    let refused = place.release("1.0", &["--scan", "bad.json"]).exits(10).json();
    assert_eq!(codes(&refused), ["over-threshold"]);
    assert_eq!(refused["pushed"], false);
    assert_eq!(place.server.counts().writes, 0);

    place.release("1.0", &CLEAN).exits(0);
    place.server.reset_recording();
    place.release("1.0", &["--scan", "bad.json"]).exits(10);
    assert_eq!(place.server.counts().writes, 0, "tag and evidence stay as they are");
    place.verify(&place.to("1.0"), &["--require", ALL]).exits(0);
}

#[test]
fn coverage_is_judged_before_any_blob_is_complete() {
    let place = Place::new(Options::default());
    let scan = Scan::of(&place.image).package_list(report::PackageList::Empty);
    place.sandbox.write("blind.json", scan.trivy());
    let refused = place.release("1.0", &["--scan", "blind.json"]).exits(10).json();
    assert_eq!(codes(&refused), ["no-coverage"]);
    assert!(place.server.store().blobs("team/app").is_empty(), "no blob was stored");
}

#[test]
fn a_fixed_tag_is_not_moved_and_a_moving_one_is() {
    let place = Place::new(Options::default());
    let other = ImageBuilder::new().label("other", "1").layer(LayerBuilder::new().dir("x")).build();
    let theirs = other.push_into(&place.server, "team/app", Some("1.0"));
    other.push_into(&place.server, "team/app", Some("latest"));
    place.server.reset_recording();
    let refused = place.release("1.0", &CLEAN).exits(13).json();
    assert_eq!(codes(&refused), ["tag-taken"]);
    assert_eq!(place.server.counts().writes, 0);
    assert_eq!(place.tag("1.0"), Some(theirs));

    place.release("1.1", &["--scan", "scan.json", "--moving-tag", "latest"]).exits(0);
    assert_eq!(place.tag("latest"), Some(place.image.digest()));
}

#[test]
fn an_index_is_released_whole() {
    let child = |platform: &str| {
        let layer = LayerBuilder::new().file("etc/platform", platform.to_owned());
        ImageBuilder::new().platform(platform).layer(layer).build()
    };
    let image = index(vec![child("linux/amd64"), child("linux/arm64")]);
    for options in [Options::default(), without_api()] {
        let place = Place::with(options, image.clone());
        let reports = image.children.iter().enumerate().map(|(at, child)| {
            place.sandbox.write(&format!("scan-{at}.json"), report::trivy(child, &[]))
        });
        let reports: Vec<String> = reports.collect();
        place.release("1.0", &["--scan", &reports[0]]).exits(10);
        place.release("1.0", &["--scan", &reports[0], "--scan", &reports[1]]).exits(0);
        place.verify(&place.to("1.0"), &["--require", ALL]).exits(0);
    }
}

#[test]
fn several_keys_each_sign_everything() {
    let place = Place::new(Options::default());
    let second = place.sandbox.key_pair("second");
    let more = ["--scan", "scan.json", "--key", &second.private, "--evidence-file", "e.tar"];
    let released = place.release("1.0", &more).exits(0).json();
    assert_eq!(released["evidence"].as_array().map(Vec::len), Some(10));
    for public in [&place.key.public, &second.public] {
        for target in [&*place.to("1.0"), "evidence:e.tar"] {
            let words = ["verify", target, "--key", public, "--require", ALL];
            place.sandbox.boltseal(&words).exits(0);
        }
    }
    let third = place.sandbox.key_pair("third");
    let words = ["verify", &place.to("1.0"), "--key", &third.public];
    place.sandbox.boltseal(&words).exits(11);
}

#[test]
fn legacy_sets_are_complete_by_themselves() {
    for formats in ["legacy", "bundle,legacy"] {
        let place = Place::new(without_api());
        let more = ["--scan", "scan.json", "--evidence", formats];
        place.release("1.0", &more).exits(0);
        place.verify(&place.to("1.0"), &["--require", ALL]).exits(0);
        place.server.reset_recording();
        let again = place.release("1.0", &more).exits(0).json();
        assert_eq!(again["outcome"], "already-released", "{formats}");
        assert_eq!(place.server.counts().writes, 0, "{formats}");

        let file = [&more[..], &["--evidence-file", "evidence.tar"]].concat();
        let written = place.release("1.0", &file).exits(0).json();
        place.verify("evidence:evidence.tar", &["--offline", "--require", ALL]).exits(0);
        let all = written["evidence"].as_array().expect("a list").len();
        assert_eq!(all, 5 * formats.split(',').count(), "each kind in each format: {written}");
    }
}

#[test]
fn a_set_in_one_format_is_completed_in_the_other() {
    let place = Place::new(without_api());
    let in_format = |formats: &'static str| ["--scan", "scan.json", "--evidence", formats];
    place.release("1.0", &in_format("legacy")).exits(0);
    let both = place.release("1.0", &in_format("bundle,legacy")).exits(0).json();
    assert_eq!(both["outcome"], "released", "{both}");
    let adopted = both["evidence"].as_array().expect("a list").iter();
    assert_eq!(adopted.filter(|it| it["adopted"] == true).count(), 5, "{both}");
    place.verify(&place.to("1.0"), &["--require", ALL]).exits(0);
}

#[test]
fn a_promotion_is_written_in_the_formats_asked_for() {
    let place = Place::new(without_api());
    place.release("1.0", &["--scan", "scan.json"]).exits(0);
    let destination = format!("{}:1.0", place.server.repository("prod/app"));
    let keys = ["--key", &place.key.public, "--promotion-key", &place.key.private];
    let words =
        ["promote", &place.to("1.0"), &destination, "--evidence", "legacy", "--format", "json"];
    place.sandbox.boltseal(&[&words[..], &keys[..]].concat()).exits(0);
    let attested = format!("sha256-{}.att", place.image.digest().hex());
    assert!(place.server.store().tag("prod/app", &attested).is_some(), "{attested}");
    place.verify(&destination, &["--require", "urn:boltseal:promotion:v1,vsa"]).exits(0);
    let again = place.sandbox.boltseal(&[&words[..], &keys[..]].concat()).exits(0).json();
    assert_eq!(again["outcome"], "already-promoted", "{again}");
}

#[test]
fn the_evidence_file_verifies_without_a_network_and_promotes() {
    let place = Place::new(Options::default());
    place.release("1.0", &["--scan", "scan.json", "--evidence-file", "evidence.tar"]).exits(0);
    place.verify("evidence:evidence.tar", &["--offline", "--require", ALL]).exits(0);
    let other = place.sandbox.key_pair("other");
    let words = ["verify", "evidence:evidence.tar", "--offline", "--key", &other.public];
    place.sandbox.boltseal(&words).exits(11);
    place.verify(&place.to("1.0"), &["--offline"]).exits(2);

    let words = ["promote", &place.to("1.0"), "oci:prod:1.0", "--key", &place.key.public];
    let more = ["--promotion-key", &other.private, "--evidence-file", "promoted.tar"];
    place.sandbox.boltseal(&[&words[..], &more[..]].concat()).exits(0);
    place.verify("oci:prod:1.0", &["--require", ALL]).exits(0);
    place.verify("evidence:promoted.tar", &["--offline", "--require", ALL]).exits(0);
}

#[test]
fn unsigned_is_missing_and_a_missing_image_too() {
    let place = Place::new(Options::default());
    place.image.push_into(&place.server, "team/app", Some("1.0"));
    let refused = place.verify(&place.to("1.0"), &[]).exits(12).json();
    assert_eq!(codes(&refused), ["evidence-missing"]);
    let refused = place.verify(&place.to("9.9"), &[]).exits(12).json();
    assert_eq!(codes(&refused), ["image-missing"]);
}
