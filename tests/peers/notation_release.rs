//! Whole commands beside the Notary Project's own library: it verifies what `boltseal release`
//! signed, `boltseal verify` accepts what it signed, and each refuses under another root.

use boltseal_crypto::notation::Format;

use crate::finished::Finished;
use crate::image::Image;
use crate::key_pair::KeyPair;
use crate::notation_bench::{Bench, Config, notation};
use crate::program::Program;
use crate::registry::Registry;
use crate::released::{release, release_with, shown};

const SUBJECT: &str = "x509.subject: C=US, ST=WA, O=acme";
const SCOPE: &str = "registry.test/app";
const NO_ROOT: &str = "does not contain any trusted certificate";
const UNSIGNED: &str = "no signature is associated";

/// A publisher whose root one trusts, and a stranger of the same names below another root.
struct Parties {
    bench: Bench,
    stranger: Bench,
    trusting: Config,
    other: Config,
}

impl Parties {
    fn new(kind: &str) -> Self {
        let (bench, stranger) = (Bench::new(kind), Bench::new(kind));
        let [trusting, other] = [&bench, &stranger].map(|it| it.trusting(SUBJECT));
        Self { bench, stranger, trusting, other }
    }

    /// Signs an image in a registry with notation-go.
    fn sign(&self, pinned: &str, format: Format) {
        let (key, chain) = (self.bench.path("acme.key"), self.bench.path("acme.pem"));
        let words = ["sign", "--key", &key, "--chain", &chain, "--format", format.media_type()];
        notation(&[&words[..], &[pinned]].concat()).passes();
    }
}

/// Releases with the key of this bench, for Notation as well, and returns the digest.
fn release_by(signer: &Bench, image: &Image, to: &str) -> String {
    let chain = signer.path("acme.pem");
    let words = ["--evidence", "bundle,notation", "--certificate-chain", &chain];
    release_with(image, to, &KeyPair::at(&signer.path("acme")), &words).digest
}

/// What notation's library says of an image, with these words before its name.
fn theirs(config: &Config, words: &[&str], pinned: &str) -> Finished {
    let folder = shown(&config.folder);
    notation(&[&["verify", "--config", &folder], words, &[pinned]].concat())
}

/// What boltseal says of it by the same policy and the same store.
fn ours(config: &Config, target: &str, words: &[&str]) -> Finished {
    let policy = shown(&config.folder.join("trustpolicy.json"));
    let store = shown(&config.folder.join("truststore"));
    let start = ["verify", target, "--trust-policy", &policy, "--trust-store", &store];
    let rest = ["--require", "signature", "--format", "json"];
    Program::boltseal().run(&[&start[..], &rest, words].concat())
}

/// Asserts that a signature of Notation's was what counted.
#[track_caller]
fn counted(finished: &Finished) {
    let told = finished.json();
    let evidence = told["evidence"].as_array().expect("a list of evidence");
    let found = evidence.iter().filter(|it| it["format"] == "notation");
    let found: Vec<_> = found.map(|it| it["status"].as_str()).collect();
    assert_eq!(found, [Some("verified")], "{told}");
}

#[test]
fn notation_verifies_a_release_in_a_registry() {
    for kind in ["p256", "p384", "p521", "rsa2048", "rsa3072", "rsa4096"] {
        let parties = Parties::new(kind);
        for registry in [Registry::ferro(), Registry::distribution(), Registry::ggcr()] {
            for (image, name) in [(Image::small(), "one"), (Image::of_two_platforms(), "two")] {
                let repository = format!("{}/team/{name}", registry.host());
                let digest = release_by(&parties.bench, &image, &format!("{repository}:1.0"));
                let pinned = format!("{repository}@{digest}");
                theirs(&parties.trusting, &[], &pinned).passes().says("authenticity enforce <nil>");
                theirs(&parties.other, &[], &pinned).refuses(NO_ROOT);
            }
        }
    }
}

#[test]
fn notation_verifies_a_release_in_a_layout() {
    let parties = Parties::new("p256");
    let image = Image::small();
    let layout = shown(&image.path("released"));
    let digest = release_by(&parties.bench, &image, &format!("oci:{layout}:1.0"));
    let pinned = format!("{SCOPE}@{digest}");
    let there = ["--layout", &layout];
    theirs(&parties.trusting, &there, &pinned).passes().says("authenticity enforce <nil>");
    theirs(&parties.other, &there, &pinned).refuses(NO_ROOT);
}

/// A release without it has nothing for notation, and a stranger's does not count.
#[test]
fn notation_finds_nothing_where_nothing_was_asked_for() {
    let registry = Registry::ferro();
    let parties = Parties::new("p256");
    let image = Image::small();
    let repository = |name: &str| format!("{}/team/{name}", registry.host());
    let key = KeyPair::at(&parties.bench.path("acme"));
    let bare = release(&image, &format!("{}:1.0", repository("bare")), &key, "bundle").digest;
    let bare = format!("{}@{bare}", repository("bare"));
    theirs(&parties.trusting, &[], &bare).refuses(UNSIGNED);
    let to = format!("{}:1.0", repository("strange"));
    let digest = release_by(&parties.stranger, &image, &to);
    let pinned = format!("{}@{digest}", repository("strange"));
    theirs(&parties.trusting, &[], &pinned).refuses(NO_ROOT);
    theirs(&parties.other, &[], &pinned).passes();
}

#[test]
fn boltseal_verifies_what_notation_signed() {
    for registry in [Registry::ferro(), Registry::distribution(), Registry::ggcr()] {
        for kind in ["p256", "rsa2048"] {
            let parties = Parties::new(kind);
            let image = Image::small();
            for (format, name) in [(Format::Jws, "jws"), (Format::Cose, "cose")] {
                let pinned = image.push(&format!("{}/{kind}/{name}", registry.host()));
                ours(&parties.trusting, &pinned, &[]).exits(12).says("evidence-missing");
                parties.sign(&pinned, format);
                counted(&ours(&parties.trusting, &pinned, &[]).passes());
                let other = ours(&parties.other, &pinned, &[]).exits(11);
                other.says("notation-root-untrusted");
            }
        }
    }
}

#[test]
fn boltseal_verifies_in_a_layout_what_notation_signed() {
    let registry = Registry::ferro();
    let parties = Parties::new("p256");
    let image = Image::small();
    for (format, name) in [(Format::Jws, "jws"), (Format::Cose, "cose")] {
        let pinned = image.push(&format!("{}/team/{name}", registry.host()));
        parties.sign(&pinned, format);
        let layout = format!("{}:1.0", shown(&image.path(name)));
        let words = ["cp", "-r", "--from-plain-http", "--to-oci-layout", &pinned, &layout];
        Program::peer("oras").run(&words).passes();
        let (target, scope) = (format!("oci:{layout}"), ["--trust-scope", SCOPE]);
        counted(&ours(&parties.trusting, &target, &scope).passes());
        ours(&parties.other, &target, &scope).exits(11).says("notation-root-untrusted");
    }
}
