use std::collections::BTreeMap;
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
    pub(crate) release: Release,
}

impl Released {
    /// Releases a small image with all five kinds of evidence.
    pub(crate) fn into(registry: &Registry, evidence: &str) -> Self {
        Self::of(Image::small(), registry, evidence)
    }

    /// Releases this image.
    pub(crate) fn of(image: Image, registry: &Registry, evidence: &str) -> Self {
        let [ours, other] = ["ours", "other"].map(|name| KeyPair::by_cosign(&image.path(""), name));
        let repository = format!("{}/team/app", registry.host());
        let tagged = format!("{repository}:1.0.0");
        let release = release(&image, &tagged, &ours, evidence);
        let pinned = format!("{repository}@{}", release.digest);
        Self { image, ours, other, tagged, pinned, release }
    }
}

/// What boltseal says it released.
pub(crate) struct Release {
    /// The image's digest.
    pub(crate) digest: String,
    /// The predicate type of each manifest with a bundle about the image itself.
    pub(crate) evidence: BTreeMap<String, String>,
}

/// Runs `boltseal release` of an image, with a clean report of each of its platforms.
pub(crate) fn release(image: &Image, to: &str, key: &KeyPair, evidence: &str) -> Release {
    release_with(image, to, key, &["--evidence", evidence])
}

/// The same with these flags.
pub(crate) fn release_with(image: &Image, to: &str, key: &KeyPair, flags: &[&str]) -> Release {
    let (name, key) = (image.name(), key.private());
    let reports = image.clean_reports();
    let scans: Vec<&str> = reports.iter().flat_map(|report| ["--scan", report]).collect();
    let words = ["release", &name, "--to", to, "--key", &key, "--format", "json"];
    let words = [&words, flags, &scans].concat();
    let result = Program::boltseal().run(&words).passes().json();
    assert_eq!(result["outcome"], "released", "{result}");
    let digest = text(&result, "/subject/digest");
    let evidence = result["evidence"].as_array().expect("a list of evidence").iter();
    let evidence = evidence
        .filter(|piece| piece["subject"] == digest.as_str() && piece["format"] == "bundle")
        .map(|piece| (text(piece, "/digest"), text(piece, "/predicate_type")))
        .collect();
    Release { digest, evidence }
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

/// Those of them that cosign calls attestations: all but its own signature.
pub(crate) fn attestations() -> impl Iterator<Item = &'static str> {
    PREDICATES.into_iter().filter(|predicate| !predicate.ends_with("sign/v1"))
}

/// A predicate type that nobody writes.
pub(crate) const NEVER: &str = "https://example.test/never/v1";

/// A path as the programs take it.
pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}
