//! A release that somebody else's program copied, evidence and all, verifies where it arrives.

use crate::finished::Finished;
use crate::image::Image;
use crate::key_pair::KeyPair;
use crate::program::Program;
use crate::registry::Registry;
use crate::released::{PREDICATES, Released, release, release_with, shown};

const ALL_KINDS: &str = "signature,provenance,sbom,vuln,vsa";

#[test]
fn by_oras_into_a_layout() {
    for registry in [Registry::distribution(), Registry::ferro(), Registry::ggcr()] {
        let released = Released::into(&registry, "bundle");
        let layout = shown(&released.image.path("carried"));
        let to = format!("{layout}:1.0.0");
        let words = ["cp", "-r", "--from-plain-http", "--to-oci-layout", &released.tagged, &to];
        Program::peer("oras").run(&words).passes();
        arrived(&format!("oci:{to}"), &released.ours, &released.other);
    }
}

#[test]
fn by_oras_out_of_a_layout() {
    for registry in [Registry::distribution(), Registry::ferro()] {
        let image = Image::small();
        let [ours, other] = ["ours", "other"].map(|it| KeyPair::by_boltseal(&image.path(""), it));
        let layout = shown(&image.path("released"));
        release(&image, &format!("oci:{layout}:1.0.0"), &ours, "bundle");
        let to = format!("{}/carried/app:1.0.0", registry.host());
        let from = format!("{layout}:1.0.0");
        let words = ["cp", "-r", "--from-oci-layout", "--to-plain-http", &from, &to];
        Program::peer("oras").run(&words).passes();
        arrived(&to, &ours, &other);
    }
}

/// regctl lists evidence in a layout under a tag, as in a registry without the Referrers API.
#[test]
fn by_regctl_from_place_to_place() {
    let (distribution, ferro) = (Registry::distribution(), Registry::ferro());
    let released = Released::into(&distribution, "bundle");
    let layout = shown(&released.image.path("carried"));
    let hosts = [&distribution, &ferro].map(|it| format!("reg={},tls=disabled", it.host()));
    let copy = |from: &str, to: &str| {
        let words = ["--host", &hosts[0], "--host", &hosts[1], "image", "copy", "--referrers"];
        Program::peer("regctl").run(&[&words[..], &[from, to]].concat()).passes();
    };
    let there = format!("{}/carried/app:1.0.0", ferro.host());
    copy(&released.tagged, &there);
    arrived(&there, &released.ours, &released.other);
    copy(&there, &format!("ocidir://{layout}:1.0.0"));
    arrived(&format!("oci:{layout}:1.0.0"), &released.ours, &released.other);
}

/// The evidence file is an OCI archive: oras lists what is in it, and attaches it again to an image
/// that arrived without.
#[test]
fn in_an_evidence_file() {
    let registry = Registry::ferro();
    let image = Image::small();
    let [ours, other] = ["ours", "other"].map(|it| KeyPair::by_boltseal(&image.path(""), it));
    let (from, file) = (format!("{}/team/app:1.0.0", registry.host()), shown(&image.path("f.tar")));
    let release = release_with(&image, &from, &ours, &["--evidence-file", &file]);
    let place = format!("{file}@{}", release.digest);
    let discover = |what: &[&str]| {
        let words = [&["discover", "--format", "json"], what].concat();
        let listed = Program::peer("oras").run(&words).passes().json();
        listed["referrers"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(discover(&["--oci-layout", &place]), PREDICATES.len());

    let pinned = image.push(&format!("{}/bare/app", registry.host()));
    let to = format!("{}/bare/app:1.0.0", registry.host());
    assert_eq!(discover(&["--plain-http", &pinned]), 0);
    let words = ["cp", "-r", "--from-oci-layout", "--to-plain-http", &place, &to];
    Program::peer("oras").run(&words).passes();
    arrived(&to, &ours, &other);
}

/// skopeo leaves the evidence behind, and that is said.
#[test]
fn by_skopeo_without_the_evidence() {
    let registry = Registry::ferro();
    let released = Released::into(&registry, "bundle");
    let to = format!("oci:{}:1.0.0", shown(&released.image.path("carried")));
    let from = format!("docker://{}", released.tagged);
    Program::debian("skopeo").run(&["copy", "--src-tls-verify=false", &from, &to]).passes();
    verify(&to, &released.ours).exits(12).says("evidence-missing");
}

#[track_caller]
fn arrived(place: &str, ours: &KeyPair, other: &KeyPair) {
    verify(place, ours).passes();
    verify(place, other).exits(11);
}

fn verify(place: &str, key: &KeyPair) -> Finished {
    let key = key.public();
    let words = ["verify", place, "--key", &key, "--require", ALL_KINDS, "--format", "json"];
    Program::boltseal().run(&words)
}
