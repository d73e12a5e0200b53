use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;

use boltseal_core::{Digest, Exit, Reason};
use boltseal_image::build::{docker_archive, is_oci_archive};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use serde_json::{Value, json};
use tar::{Builder, EntryType, Header};

use crate::made::{Place, code, inflate, names};

/// What stands in an archive.
enum Member<'a> {
    File(&'a str, &'a [u8]),
    Link(&'a str, EntryType, &'a str),
}

use Member::{File as Plain, Link};

fn archive(place: &Place, members: &[Member<'_>]) -> PathBuf {
    let path = place.path("saved.tar");
    let mut builder = Builder::new(File::create(&path).unwrap());
    for member in members {
        let mut header = Header::new_gnu();
        header.set_mode(0o644);
        match member {
            Plain(name, bytes) => {
                header.set_size(bytes.len() as u64);
                builder.append_data(&mut header, name, *bytes).unwrap();
            }
            Link(name, kind, target) => {
                header.set_entry_type(*kind);
                header.set_size(0);
                builder.append_link(&mut header, name, target).unwrap();
            }
        }
    }
    builder.finish().unwrap();
    path
}

/// A tar file as layers are: enough of it for several pieces.
fn layer(seed: u8) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    let content: Vec<u8> = (0..300_000_u32).map(|it| it.to_le_bytes()[1] ^ seed).collect();
    let mut header = Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    builder.append_data(&mut header, format!("file-{seed}"), &content[..]).unwrap();
    builder.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A configuration with members and spaces that a rewrite would lose.
fn config(layers: &[&[u8]]) -> Vec<u8> {
    let diff_ids: Vec<_> = layers.iter().map(|it| Digest::sha256_of(it)).collect();
    let config = json!({
        "x-unknown": [1, 2.50],
        "architecture": "amd64",
        "os": "linux",
        "config": {"Cmd": ["/bin/sh"]},
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
    });
    serde_json::to_vec_pretty(&config).unwrap()
}

fn config_name(config: &[u8]) -> String {
    format!("{}.json", Digest::sha256_of(config).hex())
}

fn manifest_json(config: &str, names: &[&str], layers: &[&str]) -> Vec<u8> {
    json!([{"Config": config, "RepoTags": names, "Layers": layers}]).to_string().into_bytes()
}

fn digests(manifest: &Value) -> Vec<&str> {
    let layers = manifest["layers"].as_array().unwrap();
    layers.iter().map(|it| it["digest"].as_str().unwrap()).collect()
}

#[test]
fn keeps_the_configuration_and_the_layers() {
    let place = Place::new();
    let (first, second) = (layer(1), layer(2));
    let config = config(&[&first, &second, &first]);
    let name = config_name(&config);
    // The third layer is the first, as docker writes it: a link.
    let layers = ["aa/layer.tar", "bb/layer.tar", "cc/layer.tar"];
    let file = archive(
        &place,
        &[
            Plain("aa/layer.tar", &first),
            Plain("./bb/layer.tar", &second),
            Link("cc/layer.tar", EntryType::Symlink, "../aa/layer.tar"),
            Plain(&name, &config),
            Plain("manifest.json", &manifest_json(&name, &["app:1"], &layers)),
        ],
    );
    assert!(!is_oci_archive(&file).unwrap());
    let made = docker_archive(&file, None, &place.options()).unwrap();
    let (manifest, _) = place.image(&made);
    assert_eq!(place.blob(manifest["config"]["digest"].as_str().unwrap()), config);
    let digests = digests(&manifest);
    assert_eq!(inflate(&place.blob(digests[0])), first);
    assert_eq!(inflate(&place.blob(digests[1])), second);
    assert_eq!(digests[0], digests[2]);
    assert_eq!(names(&place.path("out/blobs/sha256")).len(), 4);
}

/// A change of these is a breaking change: what was saved once gives the same image for good.
#[test]
fn gives_the_same_digests_for_good() {
    let place = Place::new();
    let layer = layer(1);
    let config = config(&[&layer]);
    let file = archive(
        &place,
        &[
            Plain("l.tar", &layer),
            Plain("config", &config),
            Plain("manifest.json", &manifest_json("config", &[], &["l.tar"])),
        ],
    );
    let made = docker_archive(&file, None, &place.options()).unwrap();
    let (manifest, _) = place.image(&made);
    assert_eq!(
        digests(&manifest),
        ["sha256:d31a546a083a185f68817aadd9baf8d866dc4c8a5f70a6f08f5d4fa873a20673"]
    );
}

#[test]
fn a_layer_that_is_compressed_keeps_its_bytes() {
    let place = Place::new();
    let (layer, stored) = (layer(1), gzip(&layer(1)));
    let config = config(&[&layer]);
    let file = archive(
        &place,
        &[
            Plain("l.tar.gz", &stored),
            Plain("config", &config),
            Plain("manifest.json", &manifest_json("config", &[], &["l.tar.gz"])),
        ],
    );
    let (manifest, _) = place.image(&docker_archive(&file, None, &place.options()).unwrap());
    assert_eq!(place.blob(digests(&manifest)[0]), stored);
}

#[test]
fn picks_by_name() {
    let place = Place::new();
    let (one, other) = (layer(1), layer(2));
    let (config_1, config_2) = (config(&[&one]), config(&[&other]));
    let images = json!([
        {"Config": "c1", "RepoTags": ["app:1", "app:latest"], "Layers": ["l1"]},
        {"Config": "c2", "RepoTags": null, "Layers": ["l2"]},
    ]);
    let file = archive(
        &place,
        &[
            Plain("l1", &one),
            Plain("l2", &other),
            Plain("c1", &config_1),
            Plain("c2", &config_2),
            Plain("manifest.json", images.to_string().as_bytes()),
        ],
    );
    for wanted in [None, Some("app:2")] {
        let error = docker_archive(&file, wanted, &place.options()).unwrap_err();
        assert_eq!(code(&error), "image-ambiguous");
        let reason = Reason::from(error);
        assert_eq!(reason.exit, Exit::Usage);
        assert!(reason.found.contains("app:1, app:latest, one without a name"), "{reason:?}");
    }
    let made = docker_archive(&file, Some("app:1"), &place.options()).unwrap();
    let (manifest, _) = place.image(&made);
    assert_eq!(inflate(&place.blob(digests(&manifest)[0])), one);
}

#[test]
fn what_does_not_match_is_a_contradiction() {
    let (right, wrong) = (layer(1), layer(2));
    let config = config(&[&right]);
    let name = config_name(&config);
    let other_name = config_name(b"another");
    let stored = gzip(&wrong);
    let cut = &gzip(&right)[..1000];
    let manifest = |config: &str, layers: &[&str]| manifest_json(config, &[], layers);
    let cases = [
        (&wrong[..], &name, manifest(&name, &["l"]), "layer-diff-id"),
        (&stored, &name, manifest(&name, &["l"]), "layer-diff-id"),
        (cut, &name, manifest(&name, &["l"]), "archive-malformed"),
        (&right, &other_name, manifest(&other_name, &["l"]), "config-contradicts"),
        (&right, &name, manifest(&name, &["l", "l"]), "layer-count"),
        (&right, &name, manifest(&name, &["absent"]), "archive-malformed"),
        (&right, &name, manifest("absent", &["l"]), "archive-malformed"),
        (&right, &name, manifest("../config", &["l"]), "archive-malformed"),
        (&right, &name, manifest("l", &["l"]), "config-malformed"),
        (&right, &name, b"[{}]".to_vec(), "archive-malformed"),
        (&right, &name, b"[] []".to_vec(), "archive-malformed"),
    ];
    for (layer, name, manifest, expected) in cases {
        let place = Place::new();
        let file = archive(
            &place,
            &[Plain("l", layer), Plain(name, &config), Plain("manifest.json", &manifest)],
        );
        let error = docker_archive(&file, None, &place.options()).unwrap_err();
        assert_eq!(code(&error), expected, "{error}");
        assert_eq!(Reason::from(error).exit, Exit::Contradiction);
        assert!(!place.path("out/index.json").exists());
    }
}

#[test]
fn links_stay_inside_and_end() {
    let config = config(&[&layer(1)]);
    let manifest = manifest_json("config", &[], &["l"]);
    let cases = [
        ("/etc/passwd", "leads out"),
        ("../../etc/passwd", "leads out"),
        ("l", "link without end"),
        ("absent", "no member \"absent\""),
    ];
    for (target, expected) in cases {
        let place = Place::new();
        let members = [
            Link("l", EntryType::Symlink, target),
            Plain("config", &config),
            Plain("manifest.json", &manifest),
        ];
        let error = docker_archive(&archive(&place, &members), None, &place.options());
        let error = error.unwrap_err();
        assert_eq!(code(&error), "archive-malformed");
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn an_oci_layout_is_said_to_be_one() {
    let place = Place::new();
    let members = [
        Plain("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#),
        Plain("index.json", br#"{"schemaVersion":2,"manifests":[]}"#),
        Plain("manifest.json", b"[]"),
    ];
    let file = archive(&place, &members);
    assert!(is_oci_archive(&file).unwrap());
    let error = docker_archive(&file, None, &place.options()).unwrap_err();
    assert_eq!(code(&error), "archive-is-oci");
}

#[test]
fn what_is_no_archive_is_refused() {
    let place = Place::new();
    let config = config(&[&layer(1)]);
    let whole = fs::read(archive(&place, &[Plain("l", &layer(1)), Plain("config", &config)]));
    let whole = whole.unwrap();
    let packed = gzip(&whole);
    let twice = [Plain("l", b"1"), Plain("./l", b"2")];
    let twice = fs::read(archive(&place, &twice)).unwrap();
    let cases: [(&[u8], &str); 5] = [
        (b"", "no member \"manifest.json\""),
        (&whole[..100_000], "ends within l"),
        (&whole, "no member \"manifest.json\""),
        (&packed, "compressed with gzip"),
        (&twice, "two members named l"),
    ];
    for (bytes, expected) in cases {
        let file = place.file("bad.tar", bytes);
        let error = docker_archive(&file, None, &place.options()).unwrap_err();
        assert_eq!(code(&error), "archive-malformed");
        assert!(error.to_string().contains(expected), "{error}");
    }
}

/// A small archive with one byte changed, cut short.
fn damaged(at: usize, with: u8, cut: usize) -> Vec<u8> {
    let place = Place::new();
    let config = config(&[b"layer"]);
    let manifest = manifest_json("config", &["app:1"], &["link"]);
    let file = archive(
        &place,
        &[
            Plain("manifest.json", &manifest),
            Plain("config", &config),
            Plain("layer", b"layer"),
            Link("link", EntryType::Symlink, "layer"),
        ],
    );
    let mut bytes = fs::read(file).unwrap();
    let at = at % bytes.len();
    bytes[at] = with;
    bytes.truncate(cut);
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn damage_never_panics_and_never_passes_for_another_layer(
        at in any::<usize>(),
        with in any::<u8>(),
        cut in 2048_usize..8192,
    ) {
        let place = Place::new();
        let file = place.file("saved.tar", &damaged(at, with, cut));
        if let Ok(made) = docker_archive(&file, None, &place.options()) {
            let (manifest, _) = place.image(&made);
            prop_assert_eq!(inflate(&place.blob(digests(&manifest)[0])), b"layer");
        }
    }
}
