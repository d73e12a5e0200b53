use std::path::Path;

use serde_json::Value;

use crate::image::Image;
use crate::key_pair::KeyPair;
use crate::program::Program;
use crate::registry::Registry;

/// An image that boltseal released into a registry under a key of cosign's.
pub(crate) struct Released {
    pub(crate) image: Image,
    pub(crate) ours: KeyPair,
    /// A key that signed nothing.
    pub(crate) other: KeyPair,
    /// `HOST/REPO:1.0.0`
    pub(crate) tagged: String,
    /// `HOST/REPO@DIGEST`
    pub(crate) pinned: String,
}

impl Released {
    /// Releases a small image with all five kinds of evidence.
    pub(crate) fn into(registry: &Registry, evidence: &str) -> Self {
        let image = Image::small();
        let [ours, other] = ["ours", "other"].map(|name| KeyPair::by_cosign(&image.path(""), name));
        let repository = format!("{}/team/app", registry.host());
        let tagged = format!("{repository}:1.0.0");
        let digest = release(&image, &tagged, &ours, evidence);
        Self { image, ours, other, tagged, pinned: format!("{repository}@{digest}") }
    }
}

/// Runs `boltseal release` and returns the digest that it says it released.
pub(crate) fn release(image: &Image, to: &str, key: &KeyPair, evidence: &str) -> String {
    let (name, report, key) = (image.name(), image.clean_report(), key.private());
    let flags = ["--scan", &report, "--evidence", evidence, "--format", "json"];
    let words = [&["release", &name, "--to", to, "--key", &key], &flags[..]].concat();
    let result = Program::boltseal().run(&words).passes().json();
    assert_eq!(result["outcome"], "released", "{result}");
    text(&result, "/subject/digest")
}

/// The text at a JSON pointer.
pub(crate) fn text(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("{pointer} is expected in {value}")).to_owned()
}

/// The five predicate types of a complete release.
pub(crate) const PREDICATES: [&str; 5] = [
    "https://slsa.dev/provenance/v1",
    "https://cyclonedx.org/bom",
    "https://cosign.sigstore.dev/attestation/vuln/v1",
    "https://slsa.dev/verification_summary/v1",
    "https://sigstore.dev/cosign/sign/v1",
];

/// A path as the programs take it.
pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}
