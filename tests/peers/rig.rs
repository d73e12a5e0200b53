//! The rig itself: every program is there in the version that is pinned, every registry starts,
//! and the peers get on with one another. Only then does their word about boltseal count.

use std::fs;
use std::path::Path;

use crate::program::Program;
use crate::registry::Registry;

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
        Program::debian(name).run(&["--version"]).passes().says("version");
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
    let folder = tempfile::tempdir().expect("a temporary folder");
    let [ours, other] = ["ours", "other"].map(|name| key_pair(folder.path(), name));
    let image = push_image(registry, folder.path());
    let verify = |key: &str| {
        let key = format!("{key}.pub");
        let flags = ["verify", "--private-infrastructure", "--allow-insecure-registry"];
        Program::peer("cosign3").run(&[&flags[..], &["--key", &key, &image]].concat())
    };
    let discover = || Program::peer("oras").run(&["discover", "--plain-http", &image]).passes();
    verify(&ours).refuses();
    let before = discover().stdout;
    sign(&image, &format!("{ours}.key"));
    verify(&ours).passes().says("The signatures were verified");
    verify(&other).refuses();
    assert_ne!(discover().stdout, before, "the signature is listed");
    Program::peer("crane").run(&["validate", "--remote", &image]).passes();
}

/// Makes `NAME.key` and `NAME.pub` in the folder and returns the path without an ending.
fn key_pair(folder: &Path, name: &str) -> String {
    let prefix = folder.join(name).display().to_string();
    Program::peer("cosign3").run(&["generate-key-pair", "--output-key-prefix", &prefix]).passes();
    prefix
}

/// Pushes an image of one small layer and returns its name by digest.
fn push_image(registry: &Registry, folder: &Path) -> String {
    fs::write(folder.join("hello"), "hello").expect("a writable folder");
    let layer = folder.join("layer.tar").display().to_string();
    let tar = ["-C", &folder.display().to_string(), "-cf", &layer, "hello"].map(str::to_owned);
    Program::debian("tar").run(&tar).passes();
    let tag = format!("{}/rig/hello:1", registry.host());
    let words = ["append", "--oci-empty-base", "-f", &layer, "-t", &tag];
    let pushed = Program::peer("crane").run(&words).passes();
    pushed.stdout.trim().to_owned()
}

fn sign(image: &str, key: &str) {
    let flags = ["--yes", "--use-signing-config=false", "--tlog-upload=false"];
    let rest = ["--allow-insecure-registry", "--key", key, image];
    Program::peer("cosign3").run(&[&["sign"], &flags[..], &rest].concat()).passes();
}
