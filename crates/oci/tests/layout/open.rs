use std::fs;

use boltseal_core::{Descriptor, Pick};
use boltseal_oci::layout::Layout;
use boltseal_ports::{Registry as _, RegistryErrorKind};
use bytes::Bytes;

use crate::sample::{files_of, push_as};

async fn push(layout: &Layout, bytes: &'static [u8]) {
    let bytes = Bytes::from_static(bytes);
    push_as(layout, &Descriptor::of("application/octet-stream", &bytes), &bytes).await.unwrap();
}

#[tokio::test]
async fn the_first_write_makes_the_layout() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("a/b");
    let layout = Layout::open_or_create(&path).unwrap();
    let digest = Descriptor::of("application/octet-stream", b"anything").digest;
    assert!(layout.fetch_manifest(&Pick::Digest(digest.clone())).await.unwrap().is_none());
    assert!(layout.referrers(&digest).await.unwrap().descriptors.is_empty());
    assert!(!parent.path().join("a").exists(), "reading leaves nothing");
    push(&layout, b"anything").await;
    assert_eq!(
        fs::read_to_string(path.join("oci-layout")).unwrap(),
        r#"{"imageLayoutVersion":"1.0.0"}"#
    );
    let index = fs::read(path.join("index.json")).unwrap();
    let again = Layout::open_or_create(&path).unwrap();
    push(&again, b"another").await;
    Layout::open(&path).unwrap();
    assert_eq!(fs::read(path.join("index.json")).unwrap(), index);
}

#[tokio::test]
async fn finishes_a_layout_whose_making_was_interrupted() {
    let path = tempfile::tempdir().unwrap();
    let marker = r#"{"imageLayoutVersion":"1.0.0"}"#;
    fs::write(path.path().join("oci-layout"), marker).unwrap();
    assert!(Layout::open(path.path()).is_err());
    push(&Layout::open_or_create(path.path()).unwrap(), b"anything").await;
    Layout::open(path.path()).unwrap();
}

#[test]
fn leaves_other_directories_alone() {
    let path = tempfile::tempdir().unwrap();
    fs::write(path.path().join("index.json"), "somebody's").unwrap();
    let refused = Layout::open_or_create(path.path()).unwrap_err();
    assert_eq!(refused.kind, RegistryErrorKind::Contradiction);
    assert_eq!(files_of(path.path()), ["index.json"]);
}

#[test]
fn opens_nothing_that_is_no_layout() {
    let path = tempfile::tempdir().unwrap();
    let absent = Layout::open(path.path().join("absent")).unwrap_err();
    assert_eq!(absent.kind, RegistryErrorKind::Unreachable);
    let markers = ["", "{", r#"{"imageLayoutVersion":"2.0.0"}"#, "{}"];
    for marker in markers {
        fs::write(path.path().join("oci-layout"), marker).unwrap();
        fs::write(path.path().join("index.json"), r#"{"schemaVersion":2,"manifests":[]}"#).unwrap();
        let refused = Layout::open(path.path()).unwrap_err();
        assert_eq!(refused.kind, RegistryErrorKind::Contradiction, "{marker}");
        assert!(refused.place.ends_with("oci-layout"), "{refused}");
        let refused = Layout::open_or_create(path.path()).unwrap_err();
        assert_eq!(refused.kind, RegistryErrorKind::Contradiction, "{marker}");
    }
}

#[tokio::test]
async fn never_repairs_a_broken_index() {
    let path = tempfile::tempdir().unwrap();
    push(&Layout::open_or_create(path.path()).unwrap(), b"anything").await;
    let file = path.path().join("index.json");
    for broken in [
        "",
        "{",
        "[]",
        r#"{"schemaVersion":1,"manifests":[]}"#,
        r#"{"schemaVersion":2}"#,
        r#"{"schemaVersion":2,"manifests":[],"manifests":[]}"#,
        r#"{"schemaVersion":2,"manifests":[{"digest":"sha256:12"}]}"#,
        r#"{"schemaVersion":2,"manifests":[]} "#.repeat(2).as_str(),
    ] {
        fs::write(&file, broken).unwrap();
        let refused = Layout::open_or_create(path.path()).unwrap_err();
        assert_eq!(refused.kind, RegistryErrorKind::Contradiction, "{broken}");
        assert_eq!(fs::read_to_string(&file).unwrap(), broken);
    }
    fs::write(&file, r#"{"schemaVersion":2,"manifests":null}"#).unwrap();
    Layout::open(path.path()).unwrap();
}
