use std::fs;

use boltseal_oci::layout::Layout;
use boltseal_ports::RegistryErrorKind;

use crate::sample::files_of;

#[test]
fn makes_an_empty_layout_once() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("a/b");
    Layout::open_or_create(&path).unwrap();
    assert_eq!(
        fs::read_to_string(path.join("oci-layout")).unwrap(),
        r#"{"imageLayoutVersion":"1.0.0"}"#
    );
    let index = fs::read(path.join("index.json")).unwrap();
    Layout::open_or_create(&path).unwrap();
    Layout::open(&path).unwrap();
    assert_eq!(fs::read(path.join("index.json")).unwrap(), index);
    assert_eq!(files_of(&path), [".boltseal.lock", "index.json", "oci-layout"]);
}

#[test]
fn finishes_a_layout_whose_making_was_interrupted() {
    let path = tempfile::tempdir().unwrap();
    let marker = r#"{"imageLayoutVersion":"1.0.0"}"#;
    fs::write(path.path().join("oci-layout"), marker).unwrap();
    assert!(Layout::open(path.path()).is_err());
    Layout::open_or_create(path.path()).unwrap();
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

#[test]
fn never_repairs_a_broken_index() {
    let path = tempfile::tempdir().unwrap();
    Layout::open_or_create(path.path()).unwrap();
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
