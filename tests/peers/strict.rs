//! What boltseal writes keeps every rule that the readers of its authors check: OCI's schemas,
//! Sigstore's bundle parser, in-toto's types.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::finished::Finished;
use crate::image::Image;
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

/// The reader can refuse: each change breaks one rule.
#[test]
fn and_the_reader_can_refuse() {
    let image = Image::small();
    let (layout, _) = layout(&image);
    let path = layout.join("index.json");
    let good: Value = serde_json::from_slice(&fs::read(&path).expect("a layout")).expect("JSON");
    let bundle = "application/vnd.dev.sigstore.bundle.v0.3+json";
    let listed = good["manifests"].as_array().expect("a list").iter();
    let at =
        listed.clone().position(|it| it["artifactType"] == bundle).expect("a piece of evidence");
    let changes: [(&str, Change); 5] = [
        ("descriptor size", |it| it["size"] = 1.into()),
        ("artifactType, in the manifest and in the list", |it| it["artifactType"] = "a/b".into()),
        ("annotations, in the manifest and in the list", |it| it["annotations"]["a"] = "b".into()),
        ("unknown member or wrong type", |it| it["bogus"] = 1.into()),
        ("schema", |it| it["mediaType"] = "no media type".into()),
    ];
    for (rule, change) in changes {
        let mut bad = good.clone();
        change(&mut bad["manifests"][at]);
        fs::write(&path, bad.to_string()).expect("a writable layout");
        strict(&layout).refuses(&format!(": {rule}: "));
    }
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
