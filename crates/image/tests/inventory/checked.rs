//! Every byte of a layer is held against its digests and its size.

use std::io::BufReader;

use boltseal_core::{Digest, Exit};
use boltseal_image::{LayerFault, Limits, scan_layer};

use crate::kit::{Archive, Failing, GZIP, Layer, PLAIN, STATUS, ZSTD, gzip, status};

fn archive() -> Vec<u8> {
    let noise: String = ('a'..='z').cycle().take(200_000).collect();
    let archive = Archive::new().file(STATUS, &status(&["a 1"]));
    archive.file("srv/noise", &noise).file("srv/last", "x").bytes()
}

fn fault(layer: &Layer) -> LayerFault {
    let error = layer.scan().unwrap_err();
    assert_eq!(error.layer, layer.descriptor.digest);
    assert!(error.to_string().contains(&layer.descriptor.digest.to_string()));
    error.fault
}

#[test]
fn every_compression_gives_the_same_contents() {
    let archive = archive();
    let length = archive.len() as u64;
    let (first, rest) = archive.split_at(1000);
    let members = [gzip(first), gzip(b""), gzip(rest)].concat();
    let frames = [first, rest].map(|part| zstd::encode_all(part, 1).unwrap()).concat();
    let skippable = [b"\x50\x2a\x4d\x18\x03\0\0\0abc".as_slice(), &frames].concat();
    let diff_id = Digest::sha256_of(&archive);
    for layer in [
        Layer::plain(archive.clone()),
        Layer::gzip(&archive),
        Layer::zstd(&archive),
        Layer { diff_id: diff_id.clone(), ..Layer::stored_as(GZIP, members) },
        Layer { diff_id: diff_id.clone(), ..Layer::stored_as(ZSTD, frames) },
        Layer { diff_id: diff_id.clone(), ..Layer::stored_as(ZSTD, skippable) },
        Layer {
            diff_id: diff_id.clone(),
            ..Layer::stored_as("application/vnd.docker.image.rootfs.diff.tar.gzip", gzip(&archive))
        },
    ] {
        let found = layer.scan().unwrap();
        assert_eq!((found.entries(), found.uncompressed_bytes()), (3, length));
        assert_eq!(found.layer(), &layer.descriptor.digest);
    }
}

#[test]
fn a_changed_byte_is_a_wrong_digest_wherever_it_is() {
    let whole = Layer::gzip(&archive());
    for at in [0, 5, 40, whole.stored.len() / 2, whole.stored.len() - 1] {
        let mut stored = whole.stored.clone();
        stored[at] ^= 0x10;
        let layer = Layer { stored, descriptor: whole.descriptor.clone(), ..Layer::gzip(b"") };
        let LayerFault::WrongDigest { expected, found } = fault(&layer) else { panic!("{at}") };
        assert_eq!(expected, whole.descriptor.digest);
        assert_eq!(found, Digest::sha256_of(&layer.stored));
    }
}

#[test]
fn a_cut_layer_is_truncated_and_a_longer_one_overlong() {
    let whole = Layer::gzip(&archive());
    let expected = whole.descriptor.size;
    for length in [0, 1, 18, whole.stored.len() - 1] {
        let stored = whole.stored[..length].to_vec();
        let layer = Layer { stored, descriptor: whole.descriptor.clone(), ..Layer::gzip(b"") };
        let fault = fault(&layer);
        let found = length as u64;
        assert!(
            matches!(fault, LayerFault::Truncated { expected: e, found: f } if (e, f) == (expected, found)),
            "{length}: {fault}"
        );
    }
    for more in [b"\0".as_slice(), &gzip(b"more"), &vec![0; 600_000]] {
        let stored = [&whole.stored, more].concat();
        let layer =
            Layer { stored, descriptor: whole.descriptor.clone(), diff_id: whole.diff_id.clone() };
        let fault = fault(&layer);
        assert!(matches!(fault, LayerFault::Overlong { expected: e } if e == expected), "{fault}");
    }
}

#[test]
fn the_uncompressed_bytes_are_the_configurations() {
    let archive = archive();
    let wrong = Layer { diff_id: Digest::sha256_of(b"other"), ..Layer::gzip(&archive) };
    let LayerFault::WrongDiffId { expected, found } = fault(&wrong) else { panic!() };
    assert_eq!((expected, found), (Digest::sha256_of(b"other"), Digest::sha256_of(&archive)));
    // What comes after the end of the archive counts as well.
    let trailing = [archive.as_slice(), b"trailing"].concat();
    let layer = Layer { diff_id: Digest::sha256_of(&archive), ..Layer::gzip(&trailing) };
    assert!(matches!(fault(&layer), LayerFault::WrongDiffId { .. }));
    assert!(Layer::gzip(&trailing).scan().is_ok());
}

#[test]
fn the_first_bytes_are_what_the_type_says() {
    let archive = archive();
    for (media_type, stored) in
        [(GZIP, archive.clone()), (PLAIN, gzip(&archive)), (ZSTD, gzip(&archive))]
    {
        let fault = fault(&Layer::stored_as(media_type, stored));
        assert!(matches!(fault, LayerFault::OtherCompression { .. }), "{media_type}: {fault}");
    }
    let junk = Layer::stored_as(GZIP, b"\x1f\x8bnot gzip at all".to_vec());
    assert!(matches!(fault(&junk), LayerFault::Inflate { .. }));
    let foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    let layer = Layer::stored_as(foreign, gzip(&archive));
    assert!(matches!(fault(&layer), LayerFault::Foreign { .. }));
    let other = fault(&Layer::stored_as("text/plain", archive));
    assert!(matches!(other, LayerFault::UnknownType { .. }));
}

#[test]
fn a_source_that_fails_is_undetermined_and_anything_else_a_contradiction() {
    let layer = Layer::gzip(&archive());
    let half = &layer.stored[..layer.stored.len() / 2];
    let reader = BufReader::new(Failing { good: half });
    let error =
        scan_layer(reader, &layer.descriptor, &layer.diff_id, &Limits::default()).unwrap_err();
    let LayerFault::Read(source) = &error.fault else { panic!("{error}") };
    assert_eq!(source.kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!((error.exit(), error.reason().code), (Exit::Undetermined, "layer-unreadable"));

    let wrong = Layer { diff_id: Digest::sha256_of(b"other"), ..layer };
    let reason = wrong.scan().unwrap_err().reason();
    assert_eq!((reason.exit, reason.code), (Exit::Contradiction, "layer-diff-id"));
    assert_eq!(reason.place, format!("layer {}", wrong.descriptor.digest));
    let other = Digest::sha256_of(b"other");
    assert_eq!(reason.expected, format!("uncompressed content with diffID {other}"));
    assert!(reason.found.starts_with("sha256:") && !reason.fix.is_empty());
}
