use std::fs;

use boltseal_core::{Exit, Reason};
use boltseal_image::build::{binary, interpreter};
use serde_json::json;

use crate::made::{AMD64, ARM64, Entry, Place, code, elf, names};

#[test]
fn is_one_executable_that_the_image_starts() {
    let place = Place::new();
    let file = place.file("app", &elf(ARM64));
    let (manifest, config) = place.image(&binary(&file, &place.options()).unwrap());
    let entry = Entry {
        path: "app".to_owned(),
        kind: tar::EntryType::Regular,
        mode: 0o755,
        link: None,
        content: elf(ARM64),
    };
    assert_eq!(place.entries(&manifest), [entry]);
    assert_eq!(config["config"], json!({"Entrypoint": ["/app"]}));
    assert_eq!((&config["os"], &config["architecture"]), (&json!("linux"), &json!("arm64")));
}

/// A change of these is a breaking change: the same binary must give the same image for good.
#[test]
fn gives_the_same_digests_for_good() {
    let place = Place::new();
    let file = place.file("app", &elf(AMD64));
    let made = binary(&file, &place.options()).unwrap();
    let (manifest, _) = place.image(&made);
    assert_eq!(
        Place::layer_digest(&manifest),
        "sha256:ea4b5b17288926b9e52f083df27a4b453eef3129208edafdf575a37171f5737e"
    );
    assert_eq!(
        made.digest.to_string(),
        "sha256:7f41b5a07c15dfa21f1724e6061af1a8101fdcdbef944422ae1446730ecdd984"
    );
}

#[test]
fn what_is_no_executable_needs_a_platform() {
    let place = Place::new();
    let script = place.file("run.sh", b"#!/bin/sh\n");
    let error = binary(&script, &place.options()).unwrap_err();
    assert_eq!(code(&error), "platform-unknown");
    let reason = Reason::from(error);
    assert_eq!(reason.exit, Exit::Usage);
    assert!(reason.found.contains("script"), "{reason:?}");
    assert!(!place.path("out").exists());
    let mut options = place.options();
    options.platform = Some("linux/arm/v7".parse().unwrap());
    let (_, config) = place.image(&binary(&script, &options).unwrap());
    assert_eq!(config["variant"], "v7");
}

#[test]
fn another_architecture_than_the_one_given_is_refused() {
    let place = Place::new();
    let file = place.file("app", &elf(ARM64));
    let mut options = place.options();
    options.platform = Some("linux/amd64".parse().unwrap());
    let error = binary(&file, &options).unwrap_err();
    assert_eq!(code(&error), "platform-contradicts");
    assert!(error.to_string().contains("linux/amd64, found linux/arm64"), "{error}");
}

#[test]
fn nothing_is_put_into_a_directory_in_use() {
    let place = Place::new();
    let file = place.file("app", &elf(AMD64));
    place.file("out/notes.txt", b"mine");
    assert_eq!(code(&binary(&file, &place.options()).unwrap_err()), "output-not-empty");
    assert_eq!(names(&place.path("out")), ["notes.txt"]);
}

#[test]
fn what_cannot_be_read_or_named_is_refused() {
    let place = Place::new();
    let absent = binary(&place.path("absent"), &place.options()).unwrap_err();
    assert_eq!(code(&absent), "input-unreadable");
    assert!(absent.to_string().contains("absent"), "{absent}");
    fs::create_dir(place.path("directory")).unwrap();
    assert!(binary(&place.path("directory"), &place.options()).is_err());
    for name in [".wh.app", "new\nline"] {
        let file = place.file(name, &elf(AMD64));
        assert_eq!(code(&binary(&file, &place.options()).unwrap_err()), "name-unfit");
    }
}

#[test]
fn a_loader_is_noticed() {
    let place = Place::new();
    assert_eq!(interpreter(&place.file("static", &elf(AMD64))).unwrap(), None);
    assert_eq!(interpreter(&place.file("text", b"text")).unwrap(), None);
    let mut dynamic = elf(AMD64);
    dynamic.truncate(64);
    // One program header, PT_INTERP, right after the file header; then the name.
    dynamic[32] = 64;
    (dynamic[54], dynamic[56]) = (56, 1);
    let header = [3_u64, 120, 0, 0, 9, 9, 1];
    dynamic.extend(header.iter().flat_map(|it| it.to_le_bytes()));
    dynamic.extend(b"/lib/ld.\0");
    let found = interpreter(&place.file("dynamic", &dynamic)).unwrap();
    assert_eq!(found.as_deref(), Some("/lib/ld."));
}
