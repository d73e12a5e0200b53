//! What boltseal writes keeps every rule that the readers of its authors check: OCI's schemas,
//! Sigstore's bundle parser, in-toto's types.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use boltseal_core::Digest;
use serde_json::{Value, json};

use crate::finished::Finished;
use crate::image::{Image, write};
use crate::key_pair::KeyPair;
use crate::program::Program;
use crate::registry::Registry;
use crate::released::{PREDICATES, Release, Released, release, shown};

#[test]
fn an_image() {
    let image = Image::small();
    let (layout, release) = layout(&image);
    let read = strict(&layout).passes();
    assert_eq!(lines(&read).len(), PREDICATES.len());
    for predicate in PREDICATES {
        assert!(lines(&read).contains(&format!("{} {predicate}", release.digest)), "{read:?}");
    }
}

#[test]
fn an_index() {
    let image = Image::of_two_platforms();
    let (layout, release) = layout(&image);
    let read = strict(&layout).passes();
    let all = lines(&read);
    let (index, children): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|line| line.starts_with(&release.digest));
    assert_eq!((index.len(), children.len()), (3, 2 * PREDICATES.len()));
}

/// What was written into a registry is read after oras copied it into a layout.
#[test]
fn in_a_registry() {
    for registry in [Registry::distribution(), Registry::ferro()] {
        let released = Released::into(&registry, "bundle");
        let layout = released.image.path("carried");
        let to = format!("{}:1.0.0", layout.display());
        let words = ["cp", "-r", "--from-plain-http", "--to-oci-layout", &released.tagged, &to];
        Program::peer("oras").run(&words).passes();
        assert_eq!(lines(&strict(&layout).passes()).len(), PREDICATES.len());
    }
}

/// A change of one entry of a layout's index.
type Change = fn(&mut Value);

/// The reader can refuse: each change breaks one rule of OCI's.
#[test]
fn a_listed_manifest_that_breaks_a_rule_is_refused() {
    let image = Image::small();
    let (layout, _) = layout(&image);
    let changes: [(&str, Change); 5] = [
        ("descriptor size", |it| it["size"] = 1.into()),
        ("artifactType, in the manifest and in the list", |it| it["artifactType"] = "a/b".into()),
        ("annotations, in the manifest and in the list", |it| it["annotations"]["a"] = "b".into()),
        ("unknown member or wrong type", |it| it["bogus"] = 1.into()),
        ("schema", |it| it["mediaType"] = "no media type".into()),
    ];
    let good = index(&layout);
    for (rule, change) in changes {
        let mut bad = good.clone();
        change(&mut bad["manifests"][at(&good, PREDICATES[0])]);
        write(&layout.join("index.json"), &bad.to_string());
        strict(&layout).refuses(&format!(": {rule}: "));
    }
}

/// And each of these one of Sigstore's, in-toto's or SLSA's. The signature is not looked at here.
#[test]
fn a_bundle_that_breaks_a_rule_is_refused() {
    let image = Image::small();
    let (layout, _) = layout(&image);
    let [provenance, _, vuln, vsa, _] = PREDICATES;
    let bundles: [(&str, Change); 3] = [
        ("bundle", |it| it["bogus"] = 1.into()),
        ("bundle", |it| it["mediaType"] = "application/json".into()),
        ("one signature without a keyid over an in-toto statement", |it| {
            it["dsseEnvelope"]["signatures"][0]["keyid"] = "a".into();
        }),
    ];
    let good = index(&layout);
    for (rule, change) in bundles {
        rewrite(&layout, &good, provenance, change);
        strict(&layout).refuses(&format!(": {rule}: "));
    }
    let statements: [(&str, &str, Change); 7] = [
        (provenance, "statement", |it| it["bogus"] = 1.into()),
        (provenance, "a statement v1 about the manifest's subject", |it| {
            it["subject"][0]["digest"]["sha256"] = "0".repeat(64).into();
        }),
        (provenance, "the annotated predicate type", |it| it["predicateType"] = "a:b".into()),
        (provenance, "provenance", |it| {
            it["predicate"]["runDetails"]["builder"]["id"] = "".into();
        }),
        (vsa, "predicate", |it| it["predicate"]["bogus"] = 1.into()),
        (vsa, "inputAttestations[] MUST contain a digest", |it| {
            it["predicate"]["inputAttestations"][0]["digest"] = json!({});
        }),
        (vuln, "scanFinishedOn", |it| {
            it["predicate"]["metadata"]["scanFinishedOn"] = "".into();
        }),
    ];
    for (predicate, rule, change) in statements {
        rewrite(&layout, &good, predicate, |bundle| {
            let payload = bundle["dsseEnvelope"]["payload"].as_str().expect("a payload");
            let payload = STANDARD.decode(payload).expect("base64");
            let mut statement = serde_json::from_slice(&payload).expect("a statement is JSON");
            change(&mut statement);
            bundle["dsseEnvelope"]["payload"] = STANDARD.encode(statement.to_string()).into();
        });
        strict(&layout).refuses(&format!(": {rule}: "));
    }
}

/// Changes the bundle of one predicate type, and lists it under its new digest.
fn rewrite(layout: &Path, good: &Value, predicate: &str, change: impl FnOnce(&mut Value)) {
    let mut index = good.clone();
    let listed = &mut index["manifests"][at(good, predicate)];
    let mut manifest = blob(layout, listed);
    let mut bundle = blob(layout, &manifest["layers"][0]);
    change(&mut bundle);
    store(layout, &mut manifest["layers"][0], &bundle);
    store(layout, listed, &manifest);
    write(&layout.join("index.json"), &index.to_string());
}

/// Where the layout lists the evidence of this type.
fn at(index: &Value, predicate: &str) -> usize {
    let listed = index["manifests"].as_array().expect("a list of manifests");
    let name = "dev.sigstore.bundle.predicateType";
    let at = listed.iter().position(|it| it["annotations"][name] == predicate);
    at.unwrap_or_else(|| panic!("{predicate} is expected in {index}"))
}

fn index(layout: &Path) -> Value {
    let index = fs::read(layout.join("index.json")).expect("a layout");
    serde_json::from_slice(&index).expect("an index is JSON")
}

fn blob(layout: &Path, descriptor: &Value) -> Value {
    let digest = descriptor["digest"].as_str().expect("a digest").replace(':', "/");
    let content = fs::read(layout.join("blobs").join(digest)).expect("a blob of the layout");
    serde_json::from_slice(&content).expect("the blob is JSON")
}

fn store(layout: &Path, descriptor: &mut Value, content: &Value) {
    let content = content.to_string();
    let digest = Digest::sha256_of(content.as_bytes());
    write(&layout.join("blobs/sha256").join(digest.hex()), &content);
    descriptor["digest"] = digest.to_string().into();
    descriptor["size"] = content.len().into();
}

/// Releases it into a layout of its own.
fn layout(image: &Image) -> (PathBuf, Release) {
    let key = KeyPair::by_boltseal(&image.path(""), "ours");
    let layout = image.path("released");
    let release = release(image, &format!("oci:{}:1.0.0", layout.display()), &key, "bundle");
    (layout, release)
}

fn strict(layout: &Path) -> Finished {
    Program::peer("strict-reader").run(&[shown(layout)])
}

fn lines(read: &Finished) -> Vec<String> {
    read.stdout.lines().map(str::to_owned).collect()
}
