//! What boltseal released, the peers accept: by its key and by no other.

use crate::cosign::{Cosign, Form};
use crate::finished::Finished;
use crate::image::Image;
use crate::key_pair::KeyPair;
use crate::program::Program;
use crate::registry::Registry;
use crate::released::{PREDICATES, Released, release, shown};

#[test]
fn on_distribution() {
    accept(&Registry::distribution());
}

#[test]
fn on_a_registry_with_referrers() {
    accept(&Registry::ferro());
}

#[test]
fn on_an_awkward_registry() {
    accept(&Registry::ggcr());
}

fn accept(registry: &Registry) {
    let released = Released::into(registry, "bundle");
    for cosign in [Cosign::V3, Cosign::V26] {
        cosign_accepts(cosign, &released, Form::Bundle);
    }
    lists_all(&released, registry);
}

/// Every statement verifies under our key and no one does under another.
fn cosign_accepts(cosign: Cosign, released: &Released, form: Form) {
    let Released { ours, other, pinned, .. } = released;
    cosign.verify(pinned, ours, form).passes();
    cosign.verify(pinned, other, form).refuses();
    for predicate in PREDICATES.iter().filter(|predicate| !predicate.ends_with("sign/v1")) {
        cosign.verify_attestation(pinned, predicate, ours, form).passes();
        cosign.verify_attestation(pinned, predicate, other, form).refuses();
    }
    let absent = "https://example.test/never/v1";
    cosign.verify_attestation(pinned, absent, ours, form).refuses();
}

/// oras and regctl list five pieces; crane and skopeo read the image under its tag.
fn lists_all(released: &Released, registry: &Registry) {
    let Released { image, tagged, pinned, .. } = released;
    let listed = Program::peer("oras")
        .run(&["discover", "--plain-http", "--format", "json", pinned])
        .passes();
    assert_eq!(referrers(&listed), PREDICATES.len());
    let host = format!("reg={},tls=disabled", registry.host());
    let listed = Program::peer("regctl")
        .run(&["--host", &host, "artifact", "list", "--format", "{{json .}}", pinned])
        .passes();
    let descriptors = listed.json()["descriptors"].as_array().map(Vec::len);
    assert_eq!(descriptors, Some(PREDICATES.len()));
    Program::peer("crane").run(&["validate", "--remote", tagged]).passes();
    let digest = Program::peer("crane").run(&["digest", tagged]).passes();
    assert_eq!(
        digest.stdout.trim(),
        image.digest(),
        "the manifest's bytes are as umoci wrote them"
    );
    assert!(pinned.ends_with(&image.digest()), "{pinned}");
    let remote = format!("docker://{tagged}");
    Program::debian("skopeo").run(&["inspect", "--tls-verify=false", &remote]).passes();
}

fn referrers(listed: &Finished) -> usize {
    let listed = listed.json();
    listed["referrers"].as_array().map_or(0, Vec::len)
}

#[test]
fn in_a_layout() {
    let image = Image::small();
    let key = KeyPair::by_boltseal(&image.path(""), "ours");
    let layout = shown(&image.path("released"));
    let to = format!("oci:{layout}:1.0.0");
    let digest = release(&image, &to, &key, "bundle");
    let place = format!("{layout}@{digest}");
    let listed = Program::peer("oras")
        .run(&["discover", "--oci-layout", "--format", "json", &place])
        .passes();
    assert_eq!(referrers(&listed), PREDICATES.len());
    Program::debian("skopeo").run(&["inspect", &to]).passes().says(&digest);
}

#[test]
fn the_legacy_set_is_complete() {
    for registry in [Registry::distribution(), Registry::ferro()] {
        let released = Released::into(&registry, "bundle,legacy");
        cosign_accepts(Cosign::V24, &released, Form::Legacy);
        // cosign 2.6 reads no legacy signature of an image that has bundles, whatever it is told.
        cosign_accepts(Cosign::V26, &released, Form::Bundle);
        let reader = |key: &KeyPair| {
            Program::peer("sigstore-rs").run(&["verify", &key.public(), &released.pinned])
        };
        reader(&released.ours).passes();
        reader(&released.other).refuses();
    }
}

#[test]
fn legacy_alone_is_complete() {
    let registry = Registry::ferro();
    let released = Released::into(&registry, "legacy");
    for cosign in [Cosign::V24, Cosign::V26, Cosign::V3] {
        cosign_accepts(cosign, &released, Form::Legacy);
    }
}

#[test]
fn a_key_of_boltseals_own_is_one_that_cosign_reads() {
    let registry = Registry::ferro();
    let image = Image::small();
    let key = KeyPair::by_boltseal(&image.path(""), "ours");
    let to = format!("{}/team/app:1.0.0", registry.host());
    let digest = release(&image, &to, &key, "bundle");
    let pinned = format!("{}/team/app@{digest}", registry.host());
    Cosign::V3.verify(&pinned, &key, Form::Bundle).passes();
    Cosign::V3.sign(&pinned, &key, Form::Bundle);
}
