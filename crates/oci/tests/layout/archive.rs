use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use boltseal_core::{Descriptor, Location, RawManifest, media_type};
use boltseal_oci::archive::Archive;
use boltseal_ports::{
    Blob, ManifestRole, Probe, Registry as _, RegistryError, RegistryErrorKind, TagWriter as _,
};
use bytes::Bytes;
use tar::{Builder, EntryType, Header};

use crate::sample::{Sample, by_digest, named, tag};

/// A layout with one tagged image, a blob and a piece of evidence, and its tar file.
struct Packed {
    sample: Sample,
    image: RawManifest,
    piece: RawManifest,
    blob: Bytes,
    path: PathBuf,
}

impl Packed {
    /// As `tar --create --directory DIR .` packs it.
    async fn new(prefix: &str) -> Self {
        let sample = Sample::new();
        let image = sample.push_image("a").await;
        sample.layout.put_tag(&tag("1"), &image).await.unwrap();
        let piece = sample.push_referrer(&image, "sbom").await;
        let blob = Bytes::from(vec![7; 100_000]);
        sample.push(&blob).await.unwrap();
        let path = sample.beside("layout.tar");
        let mut builder = Builder::new(File::create(&path).unwrap());
        builder.append_dir_all(prefix, sample.path()).unwrap();
        builder.finish().unwrap();
        Self { sample, image, piece, blob, path }
    }
}

#[tokio::test]
async fn reads_what_the_layout_reads() {
    for prefix in [".", ""] {
        let packed = Packed::new(prefix).await;
        let archive = Archive::open(&packed.path).unwrap();
        assert_eq!(archive.location(), &Location::OciArchive(packed.path.clone()));
        for pick in [named("1"), by_digest(&packed.image)] {
            let fetched = archive.fetch_manifest(&pick).await.unwrap();
            assert_eq!(fetched.as_ref(), Some(&packed.image));
        }
        let descriptor = Descriptor::of("a/b", &packed.blob);
        let fetched = archive.fetch_blob(&descriptor, 100_000).await.unwrap();
        assert_eq!(fetched.as_ref(), Some(&packed.blob));
        let subject = packed.image.digest();
        let theirs = archive.referrers(subject).await.unwrap().descriptors;
        let ours = packed.sample.layout.referrers(subject).await.unwrap();
        assert_eq!(theirs, ours.descriptors);
        assert_eq!(theirs[0].digest, *packed.piece.digest());
        assert_eq!(archive.only_image().unwrap().digest, *subject);
        let absent = Descriptor::of("a/b", b"absent");
        assert_eq!(archive.fetch_blob(&absent, 10).await.unwrap(), None);
        assert_eq!(archive.fetch_manifest(&named("2")).await.unwrap(), None);
    }
}

#[tokio::test]
async fn readers_do_not_disturb_one_another() {
    let packed = Packed::new(".").await;
    let archive = Archive::open(&packed.path).unwrap();
    let descriptor = Descriptor::of("a/b", &packed.blob);
    let mut readers = Vec::new();
    for _ in 0..3 {
        readers.push(archive.open_blob(&descriptor).await.unwrap().unwrap());
    }
    let mut whole = vec![Vec::new(); 3];
    for _ in 0..100 {
        for (reader, whole) in readers.iter_mut().zip(&mut whole) {
            let mut piece = [0; 1000];
            reader.read_exact(&mut piece).unwrap();
            whole.extend(piece);
        }
    }
    assert!(whole.iter().all(|it| *it == packed.blob));
}

#[tokio::test]
async fn is_read_only() {
    let packed = Packed::new(".").await;
    let archive = Archive::open(&packed.path).unwrap();
    let named = archive.clone().named(Location::Evidence(packed.path.clone()));
    let bytes = Bytes::from_static(b"new");
    let descriptor = Descriptor::of("a/b", &bytes);
    let (mount_from, probe) = (None, Probe::Skip);
    let blob = Blob { descriptor: &descriptor, source: &bytes, mount_from, probe };
    let errors: [RegistryError; 3] = [
        named.push_blob(blob).await.unwrap_err(),
        named.push_manifest(&packed.image, ManifestRole::Root).await.unwrap_err(),
        named
            .link_referrers(packed.image.digest(), std::slice::from_ref(&descriptor))
            .await
            .unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind, RegistryErrorKind::Rejected);
        assert!(error.place.starts_with("evidence:"), "{error}");
        assert!(error.found.contains("read only"), "{error}");
    }
}

#[tokio::test]
async fn changed_content_is_a_contradiction() {
    let packed = Packed::new(".").await;
    let mut bytes = fs::read(&packed.path).unwrap();
    let at = bytes.windows(8).position(|it| it == [7; 8]).unwrap();
    bytes[at] = 8;
    fs::write(&packed.path, bytes).unwrap();
    let archive = Archive::open(&packed.path).unwrap();
    let descriptor = Descriptor::of("a/b", &packed.blob);
    let refused = archive.fetch_blob(&descriptor, 100_000).await.unwrap_err();
    assert_eq!(refused.kind, RegistryErrorKind::Contradiction);
    assert!(refused.place.contains(descriptor.digest.hex()), "{refused}");
}

/// An archive of these members after those of an empty layout.
fn archive_of(path: &Path, members: &[(&str, EntryType)]) {
    let mut builder = Builder::new(File::create(path).unwrap());
    let layout = br#"{"imageLayoutVersion":"1.0.0"}"#;
    let index =
        format!(r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[]}}"#, media_type::OCI_INDEX);
    let files = [("oci-layout", &layout[..]), ("index.json", index.as_bytes())];
    for (name, bytes) in files {
        append(&mut builder, name, EntryType::Regular, bytes);
    }
    for (name, kind) in members {
        append(&mut builder, name, *kind, b"");
    }
    builder.finish().unwrap();
}

/// Writes the name as it is, though the crate would refuse it.
fn append(builder: &mut Builder<File>, name: &str, kind: EntryType, bytes: &[u8]) {
    let mut header = Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(bytes.len() as u64);
    if kind.is_symlink() {
        header.set_link_name("oci-layout").unwrap();
    }
    header.set_cksum();
    builder.append(&header, bytes).unwrap();
}

#[test]
fn refuses_archives_that_were_made_to_harm() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.tar");
    archive_of(&path, &[("boltseal/policy.json", EntryType::Regular)]);
    Archive::open(&path).unwrap();
    let cases: [(&[(&str, EntryType)], &str); 4] = [
        (&[("../etc/passwd", EntryType::Regular)], "leads out"),
        (&[("/etc/passwd", EntryType::Regular)], "leads out"),
        (&[("a/../../b", EntryType::Directory)], "leads out"),
        (&[("./index.json", EntryType::Regular)], "two members named index.json"),
    ];
    for (members, expected) in cases {
        archive_of(&path, members);
        let refused = Archive::open(&path).unwrap_err();
        assert_eq!(refused.kind, RegistryErrorKind::Contradiction);
        assert!(refused.found.contains(expected), "{refused}");
    }
}

#[test]
fn follows_no_link() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.tar");
    archive_of(&path, &[("secret", EntryType::Symlink)]);
    let archive = Archive::open(&path).unwrap();
    let refused = archive.member("secret", 100).unwrap_err();
    assert_eq!(refused.kind, RegistryErrorKind::Contradiction);
    assert_eq!(archive.member("absent", 100).unwrap(), None);
}

#[tokio::test]
async fn refuses_what_is_no_archive_of_a_layout() {
    let packed = Packed::new(".").await;
    let path = packed.sample.beside("bad.tar");
    let whole = fs::read(&packed.path).unwrap();
    let cut = whole.windows(8).position(|it| it == [7; 8]).unwrap() + 50_000;
    let noise: Vec<u8> = (0..2048_u32).map(|it| it.to_le_bytes()[0]).collect();
    let cases: [(&[u8], &str); 6] = [
        (b"", "no file"),
        (&[0; 1024], "no file"),
        (&noise, "a header that is none"),
        (&whole[..cut], "ends within"),
        (b"\x1f\x8b\x08\x00rest", "compressed with gzip"),
        (b"\x28\xb5\x2f\xfdrest", "compressed with zstd"),
    ];
    for (bytes, expected) in cases {
        File::create(&path).unwrap().write_all(bytes).unwrap();
        let refused = Archive::open(&path).unwrap_err();
        assert_eq!(refused.kind, RegistryErrorKind::Contradiction, "{refused}");
        assert!(refused.found.contains(expected), "{refused}");
    }
    let refused = Archive::open(packed.sample.beside("absent.tar")).unwrap_err();
    assert_eq!(refused.kind, RegistryErrorKind::Unreachable);
    assert!(Archive::open(packed.sample.path()).is_err());
}

#[test]
fn a_name_without_end_is_not_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.tar");
    let mut header = Header::new_gnu();
    header.as_old_mut().name[..4].copy_from_slice(b"long");
    header.set_entry_type(EntryType::GNULongName);
    header.set_size(1 << 40);
    header.set_cksum();
    let file = File::create(&path).unwrap();
    (&file).write_all(header.as_bytes()).unwrap();
    // A hole: nothing is really written.
    file.set_len(1 << 33).unwrap();
    let refused = Archive::open(&path).unwrap_err();
    assert!(refused.found.contains("bytes of headers"), "{refused}");
}

#[tokio::test]
async fn every_blob_is_what_its_name_says_named_or_not() {
    let packed = Packed::new("").await;
    let archive = Archive::open(&packed.path).unwrap();
    assert_eq!(archive.check_blobs(), []);
    let name = |bytes: &[u8]| format!("blobs/sha256/{}", Descriptor::of("a/b", bytes).digest.hex());
    assert!(archive.names().any(|it| it == name(&packed.blob)));

    let wrong = [name(b"nobody names it"), "blobs/md5/00".to_owned(), "blobs/odd".to_owned()];
    let path = packed.sample.beside("wrong.tar");
    let mut builder = Builder::new(File::create(&path).unwrap());
    builder.append_dir_all("", packed.sample.path()).unwrap();
    for name in &wrong {
        let mut header = Header::new_gnu();
        header.set_size(3);
        builder.append_data(&mut header, name, &b"odd"[..]).unwrap();
    }
    builder.finish().unwrap();
    let found = Archive::open(&path).unwrap().check_blobs();
    assert_eq!(found.len(), wrong.len(), "{found:?}");
    for error in &found {
        assert_eq!(error.kind, RegistryErrorKind::Contradiction);
        assert!(wrong.iter().any(|name| error.place.ends_with(name)), "{error}");
    }
}
