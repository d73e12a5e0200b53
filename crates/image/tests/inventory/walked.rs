//! The archive is read as other readers read it.

use std::io::Read;

use boltseal_image::{Limits, scan_layer};
use proptest::prelude::*;
use tar::EntryType;

use crate::kit::{Archive, Layer, STATUS, inventory, status};

#[test]
fn long_names_come_in_three_forms() {
    let deep = format!("{}/node_modules/a/package.json", "d/".repeat(150));
    let json = r#"{"name":"a","version":"1"}"#;
    let gnu = Archive::new().file(&deep, json);
    let pax = Archive::new().pax(&[("path", deep.as_bytes())]).file("short", json);
    for archive in [gnu, pax] {
        let found = inventory(&[&archive.layer()]);
        assert_eq!(found.packages[0].path, deep.replace("//", "/"));
    }
    let mut ustar = tar::Header::new_ustar();
    let split = format!("{}/node_modules/a/package.json", "e".repeat(120));
    ustar.set_path(&split).unwrap();
    ustar.set_size(json.len() as u64);
    ustar.set_mode(0o644);
    ustar.set_cksum();
    let mut builder = tar::Builder::new(Vec::new());
    builder.append(&ustar, json.as_bytes()).unwrap();
    let found = inventory(&[&Layer::gzip(&builder.into_inner().unwrap())]);
    assert_eq!(found.packages[0].path, split);
}

/// A reader that takes the header's size would take the content for entries, or miss entries.
#[test]
fn the_size_in_a_pax_header_counts() {
    let inner = Archive::new().file(STATUS, &status(&["hidden 1"])).bytes();
    let size = inner.len().to_string();
    let mut archive =
        Archive::new().pax(&[("size", size.as_bytes())]).raw(b"blob", EntryType::Regular, b"");
    archive = archive.file("later", "");
    let mut bytes = archive.bytes();
    // The content that only the pax header announces stands after the header of `blob`.
    let at = bytes.windows(4).position(|it| it == b"blob").unwrap() + 512;
    bytes.splice(at..at, inner);
    let layer = Layer::plain(bytes);
    let contents = layer.scan().unwrap();
    assert_eq!(contents.entries(), 2);
    assert!(inventory(&[&layer]).packages.is_empty());
}

#[test]
fn links_and_directories_have_no_content_whatever_their_size() {
    for kind in [EntryType::Link, EntryType::Symlink, EntryType::Directory, EntryType::Fifo] {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_path("a").unwrap();
        header.set_link_name("b").unwrap();
        header.set_size(1024);
        header.set_mode(0o644);
        header.set_cksum();
        let mut bytes = header.as_bytes().to_vec();
        bytes.extend(Archive::new().file(STATUS, &status(&["a 1"])).bytes());
        assert_eq!(inventory(&[&Layer::plain(bytes)]).packages.len(), 1, "{kind:?}");
    }
}

#[test]
fn global_records_are_passed_over() {
    let records = b"20 path=global/name\n";
    let archive = Archive::new().raw(b"pax_global_header", EntryType::XGlobalHeader, records);
    let found = inventory(&[&archive.file(STATUS, &status(&["a 1"])).layer()]);
    assert_eq!(found.packages.len(), 1);
}

#[test]
fn a_sparse_record_is_a_problem() {
    let records: [(&str, &[u8]); 3] = [
        ("GNU.sparse.major", b"1"),
        ("GNU.sparse.minor", b"0"),
        ("GNU.sparse.name", STATUS.as_bytes()),
    ];
    let archive = Archive::new().pax(&records).file("GNUSparseFile.0/status", "0\n");
    let found = inventory(&[&archive.layer()]);
    assert!(found.problems[0].contains("sparse"), "{:?}", found.problems);
    let old = Archive::new().raw(STATUS.as_bytes(), EntryType::GNUSparse, b"x");
    assert_eq!(inventory(&[&old.layer()]).problems.len(), 1);
}

/// Names and kinds as the `tar` crate lists them.
fn listed_elsewhere(archive: &[u8]) -> Option<u64> {
    let mut archive = tar::Archive::new(archive);
    let mut count = 0;
    for entry in archive.entries().ok()? {
        std::io::copy(&mut entry.ok()?, &mut std::io::sink()).ok()?;
        count += 1;
    }
    Some(count)
}

fn never_panics(archive: &[u8]) {
    let layer = Layer::plain(archive.to_vec());
    drop(layer.scan());
    // A reader that hands out a few bytes at a time sees the same.
    let slow = std::io::BufReader::with_capacity(7, archive.chain(std::io::empty()));
    let again = scan_layer(slow, &layer.descriptor, &layer.diff_id, &Limits::default());
    let entries = |found: Result<boltseal_image::LayerContents, _>| {
        found.map(|it| it.entries()).map_err(|it: boltseal_image::LayerError| it.to_string())
    };
    assert_eq!(entries(again), entries(layer.scan()));
}

proptest! {
    #[test]
    fn arbitrary_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        never_panics(&bytes);
    }

    #[test]
    fn damaged_archives(at in 0usize..6000, byte: u8, cut in 0usize..6000) {
        let deep = format!("{}x", "d/".repeat(150));
        let mut bytes = Archive::new()
            .pax(&[("path", b"a"), ("size", b"3")])
            .file("b", "abc")
            .file(&deep, "content")
            .symlink("lib", "usr/lib")
            .bytes();
        let (at, cut) = (at % bytes.len(), cut % bytes.len());
        bytes[at] = byte;
        never_panics(&bytes);
        never_panics(&bytes[..cut]);
    }

    #[test]
    fn as_many_entries_as_the_tar_crate_sees(
        names in proptest::collection::vec("[a-z]{1,20}(/[a-z]{1,150}){0,2}", 0..8),
        size in 0usize..2000,
    ) {
        let content = "c".repeat(size);
        let archive = names.iter().fold(Archive::new(), |it, name| it.file(name, &content));
        let bytes = archive.bytes();
        let ours = Layer::plain(bytes.clone()).scan().unwrap().entries();
        prop_assert_eq!(Some(ours), listed_elsewhere(&bytes));
    }
}
