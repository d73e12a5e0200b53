//! The rig itself: every program is there in the version that is pinned, every registry starts,
//! and the peers get on with one another. Only then does their word about boltseal count.

use std::fs;

use crate::cosign::{Cosign, EMPTY_ROOT, Form, NO_ENVELOPE_BY_KEY, UNSIGNED, provenance};
use crate::image::Image;
use crate::key_pair::KeyPair;
use crate::policy::{NO_BUNDLE, Policy, refused};
use crate::program::Program;
use crate::registry::Registry;
use crate::released::PREDICATES;

/// Peer, how it is asked, and what its answer holds: the version pinned in its folder.
const VERSIONS: [(&str, &str, &str); 10] = [
    ("cosign24", "version", "v2.4.3"),
    ("cosign26", "version", "v2.6.5"),
    ("cosign3", "version", "v3.1.3"),
    ("crane", "version", "v0.22.1"),
    ("distribution", "--version", "v3.1.2"),
    ("kyverno", "version", "1.19.1"),
    ("oras", "version", "1.3.6"),
    ("regctl", "version", "v0.11.7"),
    ("sigstore-rs", "version", "0.15.0"),
    ("syft", "version", "1.57.0"),
];

#[test]
fn each_peer_is_the_one_that_is_pinned() {
    for (name, question, version) in VERSIONS {
        Program::peer(name).run(&[question]).passes().says(version);
    }
}

#[test]
fn each_program_of_debian_is_there() {
    for name in ["mmdebstrap", "skopeo", "umoci"] {
        Program::debian(name).run(&["--version"]).passes().says(name);
    }
    Program::debian("chromium").run(&["--version"]).passes().says("Chromium");
    Program::debian("xmllint").run(&["--version"]).passes().says("libxml");
    Program::debian("openssl").run(&["version"]).passes().says("OpenSSL 3.");
}

/// The root of trust that the other tests give to cosign is the one that a user makes with it.
#[test]
fn cosign_makes_a_root_that_trusts_no_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("root.json");
    let words = ["trusted-root", "create", "--out", &path.display().to_string()].map(str::to_owned);
    for name in ["cosign26", "cosign3"] {
        Program::peer(name).run(&words).passes();
        let made = fs::read_to_string(&path).expect("cosign wrote it");
        assert_eq!(made.trim(), EMPTY_ROOT, "{name}");
    }
}

#[test]
fn the_peers_agree_on_distribution() {
    agree(&Registry::distribution());
}

#[test]
fn the_peers_agree_on_a_registry_with_referrers() {
    agree(&Registry::ferro());
}

#[test]
fn the_peers_agree_on_an_awkward_registry() {
    agree(&Registry::ggcr());
}

/// What one peer signs another lists, and the signer's own key alone verifies.
fn agree(registry: &Registry) {
    let image = Image::small();
    let [ours, other] = ["ours", "other"].map(|name| KeyPair::by_cosign(&image.path(""), name));
    let pinned = image.push(&format!("{}/rig/hello", registry.host()));
    let discover = || Program::peer("oras").run(&["discover", "--plain-http", &pinned]).passes();
    Cosign::V3.verify(&pinned, &ours, Form::Bundle).refuses(UNSIGNED);
    let before = discover().stdout;
    Cosign::V3.sign(&pinned, &ours, Form::Bundle);
    for reader in [Cosign::V3, Cosign::V26] {
        reader.verify(&pinned, &ours, Form::Bundle).passes();
        reader.verify(&pinned, &other, Form::Bundle).refuses(NO_ENVELOPE_BY_KEY);
    }
    assert_ne!(discover().stdout, before, "the signature is listed");
    Program::peer("crane").run(&["validate", "--remote", &pinned]).passes();
    Cosign::V24.sign(&pinned, &ours, Form::Legacy);
    let rust =
        |key: &KeyPair| Program::peer("sigstore-rs").run(&["verify", &key.public(), &pinned]);
    rust(&ours).passes();
    rust(&other).refuses("none of 1 signatures is by this key");
}

/// The policies tell our key from another, so that their word about boltseal counts.
#[test]
fn kyverno_judges_what_cosign_wrote() {
    let registry = Registry::distribution();
    let image = Image::small();
    let [ours, other] = ["ours", "other"].map(|name| KeyPair::by_cosign(&image.path(""), name));
    let write = |repository: &str, cosign: Cosign, form: Form| {
        let pinned = image.push(&format!("{}/rig/{repository}", registry.host()));
        cosign.sign(&pinned, &ours, form);
        let (name, predicate) = provenance();
        cosign.attest(&pinned, &ours, form, (name, &predicate));
        pinned
    };
    let bundle = write("bundle", Cosign::V3, Form::Bundle);
    let legacy = write("legacy", Cosign::V26, Form::Legacy);
    let provenance = PREDICATES[0];
    for (policy, image) in [
        (Policy::Bundle(provenance), &bundle),
        (Policy::AnyBundle, &bundle),
        (Policy::Validating(provenance), &bundle),
        (Policy::ClassicAttestation(provenance), &legacy),
        (Policy::ClassicSignature, &legacy),
    ] {
        policy.tells_apart(image, &ours, &other);
    }
    refused(&Policy::Bundle(provenance).apply(&legacy, &ours), NO_BUNDLE);
    refused(&Policy::ClassicSignature.apply(&bundle, &ours), UNSIGNED);
}

/// What could not be judged does not pass for a refusal.
#[test]
fn kyverno_cannot_refuse_what_it_cannot_reach() {
    let registry = Registry::distribution();
    let gone = format!("{}/rig/gone:1", registry.host());
    drop(registry);
    let image = Image::small();
    let key = KeyPair::by_cosign(&image.path(""), "ours");
    for policy in [Policy::Bundle(PREDICATES[0]), Policy::Validating(PREDICATES[0])] {
        let finished = policy.apply(&gone, &key);
        let outcome = std::panic::catch_unwind(|| policy.refuses_by_key(&finished));
        assert!(outcome.is_err(), "{finished:?}");
    }
}
