//! What the peers signed and attested, boltseal verifies: by that key and by no other.

use serde_json::{Value, json};

use crate::cosign::{Cosign, Form, NO_ENVELOPE_BY_KEY, provenance};
use crate::finished::Finished;
use crate::image::Image;
use crate::key_pair::KeyPair;
use crate::program::Program;
use crate::registry::Registry;
use crate::released::NEVER;

const WRITERS: [(&str, Cosign, Form); 5] = [
    ("cosign3-bundle", Cosign::V3, Form::Bundle),
    ("cosign3-legacy", Cosign::V3, Form::Legacy),
    ("cosign26-bundle", Cosign::V26, Form::Bundle),
    ("cosign26-legacy", Cosign::V26, Form::Legacy),
    ("cosign24-legacy", Cosign::V24, Form::Legacy),
];

#[test]
fn on_distribution() {
    read_all(&Registry::distribution());
}

#[test]
fn on_a_registry_with_referrers() {
    read_all(&Registry::ferro());
}

#[test]
fn on_an_awkward_registry() {
    read_all(&Registry::ggcr());
}

fn read_all(registry: &Registry) {
    let image = Image::small();
    let [ours, other] = ["ours", "other"].map(|name| KeyPair::by_cosign(&image.path(""), name));
    for (name, cosign, form) in WRITERS {
        let pinned = image.push(&format!("{}/foreign/{name}", registry.host()));
        unsigned(&pinned, &ours, "signature");
        cosign.sign(&pinned, &ours, form);
        verified(&pinned, &ours, "signature");
        by_another(&pinned, &other, "signature");
        let mut required = "signature".to_owned();
        for (kind, what) in attested(&image) {
            let more = format!("{required},{kind}");
            unsigned(&pinned, &ours, &more);
            cosign.attest(&pinned, &ours, form, (what.0, &what.1));
            verified(&pinned, &ours, &more);
            by_another(&pinned, &other, kind);
            required = more;
        }
    }
}

/// cosign signs with SHA-256 under some keys of the larger curves, and with the curve's own hash
/// under others; both are read.
#[test]
fn under_every_kind_of_key() {
    let registry = Registry::ferro();
    let image = Image::small();
    for kind in ["p256", "p384", "p521", "rsa3072"] {
        let names = [format!("{kind}-ours"), format!("{kind}-other")];
        let [ours, other] = names.map(|name| KeyPair::of_kind(&image.path(""), &name, kind));
        for (name, cosign, form) in WRITERS {
            let pinned = image.push(&format!("{}/{kind}/{name}", registry.host()));
            cosign.sign(&pinned, &ours, form);
            verified(&pinned, &ours, "signature");
            by_another(&pinned, &other, "signature");
        }
    }
}

/// With an Ed25519 key cosign signs an image by Ed25519ph, and then verifies by Ed25519: it refuses
/// its own signatures. So does boltseal.
#[test]
fn what_cosign_signs_by_ed25519_nobody_verifies() {
    let registry = Registry::ferro();
    let image = Image::small();
    let key = KeyPair::of_kind(&image.path(""), "ours", "ed25519");
    let pinned = image.push(&format!("{}/ed25519/app", registry.host()));
    Cosign::V3.sign(&pinned, &key, Form::Bundle);
    Cosign::V3.verify(&pinned, &key, Form::Bundle).refuses(NO_ENVELOPE_BY_KEY);
    by_another(&pinned, &key, "signature");
}

/// What `--require` calls it, and what cosign is given: its type there and the predicate.
fn attested(image: &Image) -> [(&'static str, (&'static str, Value)); 4] {
    let time = jiff::Timestamp::now().to_string();
    let vuln = json!({
        "invocation": {"parameters": [], "uri": "", "event_id": "", "builder.id": ""},
        "scanner": {"uri": "", "version": "", "db": {"uri": "", "version": ""}, "result": {}},
        "metadata": {"scanStartedOn": time, "scanFinishedOn": time},
    });
    [
        ("provenance", provenance()),
        ("sbom", ("cyclonedx", image.sbom("amd64"))),
        ("vuln", ("vuln", vuln)),
        (NEVER, (NEVER, json!({"anything": true}))),
    ]
}

#[track_caller]
fn verified(pinned: &str, key: &KeyPair, required: &str) {
    let result = verify(pinned, key, required).passes().json();
    assert_eq!(result["outcome"], "verified", "{result}");
}

/// Nothing of that kind is there: not the same as somebody else's.
#[track_caller]
fn unsigned(pinned: &str, key: &KeyPair, required: &str) {
    let result = verify(pinned, key, required).exits(12).json();
    assert_eq!(codes(&result), ["evidence-missing"], "{result}");
}

/// Something of that kind is there, and none of it is by this key.
#[track_caller]
fn by_another(pinned: &str, key: &KeyPair, required: &str) {
    let result = verify(pinned, key, required).exits(11).json();
    assert!(!codes(&result).is_empty(), "{result}");
    assert!(!codes(&result).contains(&"evidence-missing"), "{result}");
}

fn codes(result: &Value) -> Vec<&str> {
    let reasons = result["reasons"].as_array().expect("a list of reasons").iter();
    reasons.filter_map(|reason| reason["code"].as_str()).collect()
}

fn verify(pinned: &str, key: &KeyPair, required: &str) -> Finished {
    let key = key.public();
    let words = ["verify", pinned, "--key", &key, "--require", required, "--format", "json"];
    Program::boltseal().run(&words)
}
