//! What boltseal released, the peers accept: by its key and by no other.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::cosign::{
    Cosign, Form, NO_ENVELOPE_BY_KEY, NO_SIGNATURE_BY_KEY, UNSIGNED, verified_statements,
    verified_types,
};
use crate::document::documented;
use crate::image::Image;
use crate::key_pair::KeyPair;
use crate::program::Program;
use crate::registry::Registry;
use crate::released::{NEVER, PREDICATES, Released, attestations, release, shown};

/// cosign's own names for some of the types. Under these it reads the predicate strictly.
const NAMES: [(&str, &str); 3] =
    [("slsaprovenance1", PREDICATES[0]), ("cyclonedx", PREDICATES[1]), ("vuln", PREDICATES[2])];

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
    // cosign 2.4 knows no bundles; it must not take this for a legacy release.
    Cosign::V24.verify(&released.pinned, &released.ours, Form::Legacy).refuses(UNSIGNED);
}

/// Every statement verifies under our key and no one does under another.
fn cosign_accepts(cosign: Cosign, released: &Released, form: Form) {
    let Released { ours, other, pinned, release, .. } = released;
    let verified = cosign.verify(pinned, ours, form).passes();
    let (types, not_by_key): (Vec<&str>, _) = match form {
        Form::Bundle => (PREDICATES.into_iter().collect(), NO_ENVELOPE_BY_KEY),
        Form::Legacy => (vec!["cosign container image signature"], NO_SIGNATURE_BY_KEY),
    };
    assert_eq!(verified_types(&verified, &release.digest), sorted(types));
    cosign.verify(pinned, other, form).refuses(not_by_key);
    let attested: Vec<&str> = match form {
        Form::Bundle => PREDICATES.into_iter().collect(),
        Form::Legacy => attestations().collect(),
    };
    for predicate in attested {
        let verified = cosign.verify_attestation(pinned, predicate, ours, form).passes();
        about(&verified_statements(&verified), predicate, &release.digest);
        cosign.verify_attestation(pinned, predicate, other, form).refuses(NO_ENVELOPE_BY_KEY);
    }
    for (name, predicate) in NAMES {
        let verified = cosign.verify_attestation(pinned, name, ours, form).passes();
        about(&verified_statements(&verified), predicate, &release.digest);
    }
    let absent = format!("none of the attestations matched the predicate type: {NEVER}");
    cosign.verify_attestation(pinned, NEVER, ours, form).refuses(&absent);
}

fn sorted(mut words: Vec<&str>) -> Vec<&str> {
    words.sort_unstable();
    words
}

/// Asserts that there is one statement, of this type and about this digest.
#[track_caller]
fn about(statements: &[Value], predicate: &str, digest: &str) {
    let [statement] = statements else { panic!("one of {predicate} is expected: {statements:?}") };
    assert_eq!(statement["predicateType"], predicate);
    let hex = digest.strip_prefix("sha256:").expect("a SHA-256 digest");
    assert_eq!(statement["subject"][0]["digest"]["sha256"], hex);
}

/// oras and regctl list the evidence that was written; crane and skopeo read the image.
fn lists_all(released: &Released, registry: &Registry) {
    let Released { image, tagged, pinned, release, .. } = released;
    let listed = Program::peer("oras")
        .run(&["discover", "--plain-http", "--format", "json", pinned])
        .passes()
        .json();
    assert_eq!(types(&listed["referrers"]), release.evidence);
    let host = format!("reg={},tls=disabled", registry.host());
    let listed = Program::peer("regctl")
        .run(&["--host", &host, "artifact", "list", "--format", "{{json .}}", pinned])
        .passes()
        .json();
    assert_eq!(types(&listed["descriptors"]), release.evidence);
    if registry.tells_artifact_types() {
        for descriptor in listed["descriptors"].as_array().expect("a list of descriptors") {
            let bundle = "application/vnd.dev.sigstore.bundle.v0.3+json";
            assert_eq!(descriptor["artifactType"], bundle, "{descriptor}");
        }
    }
    for name in [tagged, pinned] {
        Program::peer("crane").run(&["validate", "--remote", name]).passes().says("PASS");
        let digest = Program::peer("crane").run(&["digest", name]).passes();
        // The manifest's bytes are as umoci wrote them.
        assert_eq!(digest.stdout.trim(), image.digest());
    }
    assert_eq!(release.digest, image.digest());
    let remote = format!("docker://{tagged}");
    let inspected =
        Program::debian("skopeo").run(&["inspect", "--tls-verify=false", &remote]).passes().json();
    assert_eq!(inspected["Digest"], release.digest.as_str());
}

/// The annotated predicate type of each manifest in a list of referrers.
fn types(listed: &Value) -> BTreeMap<String, String> {
    let listed = listed.as_array().expect("a list of referrers").iter();
    let entry = |descriptor: &Value| {
        let digest = descriptor["digest"].as_str()?.to_owned();
        let annotations = &descriptor["annotations"];
        Some((digest, annotations["dev.sigstore.bundle.predicateType"].as_str()?.to_owned()))
    };
    listed.map(|it| entry(it).unwrap_or_else(|| panic!("an annotated referrer: {it}"))).collect()
}

#[test]
fn in_a_layout() {
    let image = Image::small();
    let key = KeyPair::by_boltseal(&image.path(""), "ours");
    let layout = shown(&image.path("released"));
    let to = format!("oci:{layout}:1.0.0");
    let release = release(&image, &to, &key, "bundle");
    let place = format!("{layout}@{}", release.digest);
    let listed = Program::peer("oras")
        .run(&["discover", "--oci-layout", "--format", "json", &place])
        .passes()
        .json();
    assert_eq!(types(&listed["referrers"]), release.evidence);
    assert_eq!(release.evidence.len(), PREDICATES.len());
    let inspected = Program::debian("skopeo").run(&["inspect", &to]).passes().json();
    assert_eq!(inspected["Digest"], release.digest.as_str());
    umoci_and_crane_read(&image, &layout, &release.digest);
}

/// umoci lists the one tag, and crane pushes the layout's image as it is.
fn umoci_and_crane_read(image: &Image, layout: &str, digest: &str) {
    let tags = Program::debian("umoci").run(&["list", "--layout", layout]).passes();
    assert_eq!(tags.stdout.trim(), "1.0.0");
    let unpacked = shown(&image.path("unpacked"));
    let name = format!("{layout}:1.0.0");
    let words = ["raw", "unpack", "--rootless", "--image", &name, &unpacked];
    Program::debian("umoci").run(&words).passes();
    assert!(image.path("unpacked/var/lib/dpkg/status").is_file(), "{digest} was unpacked");
}

#[test]
fn the_legacy_set_is_complete() {
    for registry in [Registry::distribution(), Registry::ferro()] {
        let released = Released::into(&registry, "bundle,legacy");
        cosign_accepts(Cosign::V24, &released, Form::Legacy);
        cosign_accepts(Cosign::V3, &released, Form::Legacy);
        // cosign 2.6 reads no legacy signature of an image that has bundles, whatever it is told.
        cosign_accepts(Cosign::V26, &released, Form::Bundle);
        sigstore_rs_accepts(&released);
    }
}

#[test]
fn legacy_alone_is_complete() {
    for registry in [Registry::distribution(), Registry::ferro()] {
        let released = Released::into(&registry, "legacy");
        for cosign in [Cosign::V24, Cosign::V26, Cosign::V3] {
            cosign_accepts(cosign, &released, Form::Legacy);
        }
        sigstore_rs_accepts(&released);
    }
}

/// The Rust reader counts the signatures of the image by the key.
fn sigstore_rs_accepts(released: &Released) {
    let reader = |key: &KeyPair| {
        Program::peer("sigstore-rs").run(&["verify", &key.public(), &released.pinned])
    };
    reader(&released.ours).passes().says("verified: 1 of 1 signatures is by this key");
    reader(&released.other).refuses("none of 1 signatures is by this key");
}

/// Each platform of an index can be verified alone, and so can the index.
#[test]
fn an_index_and_each_of_its_platforms() {
    for registry in [Registry::distribution(), Registry::ferro()] {
        let released = Released::of(Image::of_two_platforms(), &registry, "bundle,legacy");
        let Released { ours, other, pinned, tagged, release, .. } = &released;
        lists_all(&released, &registry);
        let manifest = Program::peer("crane").run(&["manifest", tagged]).passes().json();
        let children = manifest["manifests"].as_array().expect("an index").iter();
        let children: Vec<&str> = children.filter_map(|child| child["digest"].as_str()).collect();
        assert_eq!(children.len(), 2);
        let repository = pinned.strip_suffix(&release.digest).expect("it is pinned");
        let of_index = [PREDICATES[0], PREDICATES[3], PREDICATES[4]];
        let all = children.into_iter().map(|child| (child, &PREDICATES[..]));
        for (digest, types) in all.chain([(&*release.digest, &of_index[..])]) {
            let image = format!("{repository}{digest}");
            let verified = Cosign::V3.verify(&image, ours, Form::Bundle).passes();
            assert_eq!(verified_types(&verified, digest), sorted(types.to_vec()));
            Cosign::V3.verify(&image, other, Form::Bundle).refuses(NO_ENVELOPE_BY_KEY);
            Cosign::V24.verify(&image, ours, Form::Legacy).passes();
            Cosign::V24.verify(&image, other, Form::Legacy).refuses(NO_SIGNATURE_BY_KEY);
        }
    }
}

/// `cosign verify` takes any statement of the key for a signature; the gate's verdict must be asked
/// for by its type and content.
#[test]
fn the_verdict_can_be_asked_for() {
    let registry = Registry::distribution();
    let Released { ours, other, pinned, .. } = &Released::into(&registry, "bundle");
    let passed = &documented("cue");
    let failed = &passed.replace("PASSED\"\n", "FAILED\"\n");
    assert_ne!(passed, failed);
    for cosign in [Cosign::V3, Cosign::V26] {
        let verdict = |key, policy| cosign.verify_bundle_by(pinned, PREDICATES[3], key, policy);
        verdict(ours, passed).passes();
        verdict(ours, failed).refuses("1 validation errors occurred");
        verdict(other, passed).refuses(NO_ENVELOPE_BY_KEY);
    }
}

#[test]
fn a_key_of_boltseals_own_is_one_that_cosign_reads() {
    let registry = Registry::ferro();
    let image = Image::small();
    let key = KeyPair::by_boltseal(&image.path(""), "ours");
    let to = format!("{}/team/app:1.0.0", registry.host());
    let release = release(&image, &to, &key, "bundle");
    let pinned = format!("{}/team/app@{}", registry.host(), release.digest);
    Cosign::V3.verify(&pinned, &key, Form::Bundle).passes();
    Cosign::V3.sign(&pinned, &key, Form::Bundle);
    let verified = Cosign::V3.verify(&pinned, &key, Form::Bundle).passes();
    assert_eq!(verified_types(&verified, &release.digest).len(), PREDICATES.len() + 1);
}

/// cosign takes every key in a PEM file to go with SHA-256, unless it is told otherwise.
#[test]
fn under_every_kind_of_key() {
    let registry = Registry::ferro();
    for kind in ["p256", "p384", "p521", "ed25519", "rsa3072"] {
        let image = Image::small();
        let [key, other] = ["ours", "other"].map(|it| KeyPair::of_kind(&image.path(""), it, kind));
        let repository = format!("{}/kind/{kind}", registry.host());
        let release = release(&image, &format!("{repository}:1"), &key, "bundle,legacy");
        let pinned = format!("{repository}@{}", release.digest);
        for cosign in [Cosign::V3, Cosign::V26] {
            cosign.verify(&pinned, &key, Form::Bundle).passes();
            cosign.verify(&pinned, &other, Form::Bundle).refuses(NO_ENVELOPE_BY_KEY);
            cosign.verify_attestation(&pinned, "vuln", &key, Form::Bundle).passes();
        }
        Cosign::V24.verify(&pinned, &key, Form::Legacy).passes();
        Cosign::V24.verify(&pinned, &other, Form::Legacy).refuses("no matching signatures: ");
        if !key.hash_words().is_empty() {
            let untold = Cosign::V3.verify(&pinned, &key.untold(), Form::Bundle);
            untold.refuses(NO_ENVELOPE_BY_KEY);
        }
    }
}
