//! Layers that are built to do harm.

use boltseal_core::Exit;
use boltseal_image::{LayerFault, Limits};
use tar::EntryType;

use crate::kit::{Archive, GZIP, Layer, STATUS, gzip, inventory};

fn fault(archive: Archive) -> LayerFault {
    let layer = Layer::plain(archive.bytes());
    let error = layer.scan().unwrap_err();
    assert_eq!((error.exit(), &error.layer), (Exit::Contradiction, &layer.descriptor.digest));
    error.fault
}

#[test]
fn path_traversal_names_the_entry() {
    for name in ["../etc/passwd", "usr/../../x", "/..", "a/.."] {
        let fault = fault(Archive::new().raw(name.as_bytes(), EntryType::Regular, b""));
        assert!(
            matches!(&fault, LayerFault::Traversal { entry } if entry == name),
            "{name}: {fault}"
        );
    }
    let pax = fault(Archive::new().pax(&[("path", b"a/../b")]).file("a", ""));
    assert!(matches!(pax, LayerFault::Traversal { entry } if entry == "a/../b"));
}

#[test]
fn a_leading_slash_or_dot_means_nothing() {
    let status = crate::kit::status(&["a 1"]);
    for name in ["/var/lib/dpkg/status", "./var/lib/dpkg/status", "var//lib/./dpkg/status"] {
        let archive = Archive::new().raw(name.as_bytes(), EntryType::Regular, status.as_bytes());
        let found = inventory(&[&archive.layer()]);
        assert_eq!(found.packages[0].path, STATUS, "{name}");
    }
}

#[test]
fn whiteouts_name_something() {
    for name in [".wh.", "a/.wh.", ".wh...", "a/.wh.."] {
        let fault = fault(Archive::new().raw(name.as_bytes(), EntryType::Regular, b""));
        assert!(matches!(&fault, LayerFault::Whiteout { entry } if entry == name), "{name}");
    }
}

#[test]
fn a_zip_bomb_stops_at_its_ratio() {
    let limits = Limits { uncompressed_grace: 1 << 20, inflate_ratio: 10, ..Limits::default() };
    let bomb = Layer::stored_as(GZIP, gzip(&vec![0; 16 << 20]));
    let bound = (1 << 20) + 10 * bomb.descriptor.size;
    let fault = bomb.scan_within(&limits).unwrap_err().fault;
    let LayerFault::TooMuch { what, limit, .. } = fault else { panic!("{fault}") };
    assert_eq!((what, limit), ("uncompressed bytes", bound));
}

#[test]
fn each_bound_has_its_number() {
    let two = || Archive::new().file("a", "1").file("long/path/b", "2").layer();
    let record = Archive::new().file(STATUS, "Package: a\nVersion: 1\n").layer();
    let base = Limits::default();
    for (layer, limits, expected) in [
        (two(), Limits { entries: 1, ..base }, ("entries", 1, "long/path/b")),
        (two(), Limits { path_bytes: 10, ..base }, ("bytes in a path", 10, "long/path/b")),
        (two(), Limits { uncompressed_bytes: 100, ..base }, ("uncompressed bytes", 100, "")),
        (record, Limits { record_bytes: 21, ..base }, ("bytes in a package record", 21, STATUS)),
    ] {
        let fault = layer.scan_within(&limits).unwrap_err().fault;
        let LayerFault::TooMuch { what, limit, path } = fault else { panic!("{fault}") };
        assert_eq!((what, limit, &*path), expected);
    }
}

#[test]
fn packages_are_bounded_however_they_come() {
    let limits = Limits { packages: 3, ..Limits::default() };
    let status = |count| crate::kit::status(&vec!["a 1"; count]);
    let problems = "Package: a\n\n".repeat(4);
    let path = "n/node_modules/a/package.json";
    let json = r#"{"name":"a","version":"1"}"#;
    let linked = (0..3).fold(Archive::new().file(path, json), |archive, at| {
        archive.hard_link(&format!("{at}/node_modules/a/package.json"), path)
    });
    for archive in [
        Archive::new().file(STATUS, &status(4)),
        Archive::new().file(STATUS, &status(2)).file("lib/apk/db/installed", "P:a\nV:1\n\nP:b\n"),
        Archive::new().file(STATUS, &problems),
        linked,
    ] {
        let fault = archive.layer().scan_within(&limits).unwrap_err().fault;
        assert!(matches!(fault, LayerFault::TooMuch { limit: 3, .. }), "{fault}");
    }
    let enough = Archive::new().file(STATUS, &status(3)).layer();
    assert!(enough.scan_within(&limits).is_ok());
}

#[test]
fn texts_too_long_to_be_true_are_problems() {
    let long = "x".repeat(2000);
    let status = format!("Package: {long}\nVersion: 1\n\nPackage: a\nVersion: 1\n\n{long}\n");
    let json = format!(r#"{{"name":"a","version":"1","pad":"{}"}}"#, "x".repeat(1 << 20));
    let found = inventory(&[&Archive::new()
        .file(STATUS, &status)
        .file("node_modules/a/package.json", &json)
        .layer()]);
    assert_eq!(found.packages.len(), 1);
    assert!(found.problems[0].contains("not read: 1048611 bytes"), "{:?}", found.problems);
    assert!(found.problems.iter().any(|it| it.contains("a package with a name over 1024 bytes")));
    assert!(found.problems.iter().all(|it| it.len() < 400));
}

#[test]
fn a_large_executable_is_a_problem_that_is_told() {
    let layer = Archive::new().program("usr/bin/big", b"\x7fELF and more").layer();
    let limits = Limits { executable_bytes: 5, ..Limits::default() };
    let found = boltseal_image::assemble(vec![layer.scan_within(&limits).unwrap()]);
    let short = layer.descriptor.digest.short();
    assert_eq!(
        found.problems,
        [format!(
            "usr/bin/big (layer {short}): not read: an executable of 13 bytes, over the 5 that are \
             looked into"
        )]
    );
}

#[test]
fn an_archive_that_is_cut_or_broken_says_where() {
    let whole = Archive::new().file("a", &"x".repeat(2000)).bytes();
    for (length, problem) in [(700, "a file"), (300, "a header")] {
        let cut = Layer::plain(whole[..length].to_vec()).scan().unwrap_err().fault;
        let LayerFault::Tar { problem: found, .. } = cut else { panic!("{cut}") };
        assert_eq!(found, format!("an archive cut off in {problem}"));
    }
    let mut broken = whole;
    broken[0] = b'b';
    let fault = Layer::plain(broken).scan().unwrap_err().fault;
    assert!(matches!(fault, LayerFault::Tar { offset: 512, .. }), "{fault}");
    let long = vec![b'x'; 2 << 20];
    let name = Archive::new().raw(b"././@LongLink", EntryType::GNULongName, &long);
    assert!(matches!(self::fault(name), LayerFault::TooMuch { limit: 1_048_576, .. }));
}
