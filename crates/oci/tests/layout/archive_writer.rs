use boltseal_core::Digest;
use boltseal_oci::archive::{Archive, ArchiveWriter};
use boltseal_ports::{ManifestRole, Registry as _, RegistryErrorKind};
use bytes::Bytes;

use crate::sample::{by_digest, files_of, image, index_of, named, referrer, tag};

/// Evidence without the image it is about.
fn evidence() -> ArchiveWriter {
    let subject = image("a");
    let mut writer = ArchiveWriter::new();
    writer.add_tagged(&subject, &tag("1"));
    for kind in ["sbom", "vuln"] {
        let piece = referrer(&subject, kind);
        writer.add_manifest(&piece, ManifestRole::Referrer).unwrap();
        writer.add_blob(Bytes::from_static(kind.as_bytes()));
    }
    writer.add_member("boltseal/policy.json", Bytes::from_static(b"{}")).unwrap();
    writer
}

#[tokio::test]
async fn what_is_written_can_be_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("evidence.tar");
    evidence().write(&path).unwrap();
    assert_eq!(files_of(directory.path()), ["evidence.tar"]);
    let archive = Archive::open(&path).unwrap();
    let subject = image("a");
    assert_eq!(archive.fetch_manifest(&named("1")).await.unwrap(), Some(subject.clone()));
    let referrers = archive.referrers(subject.digest()).await.unwrap();
    let kinds: Vec<_> = referrers.descriptors.iter().map(|it| &it.annotations["kind"]).collect();
    assert_eq!(kinds, ["sbom", "vuln"]);
    let policy = archive.member("boltseal/policy.json", 10).unwrap();
    assert_eq!(policy.as_deref(), Some(&b"{}"[..]));
    assert!(archive.member("boltseal/policy.json", 1).is_err());
    let sbom = boltseal_core::Descriptor::of("a/b", b"sbom");
    assert_eq!(archive.fetch_blob(&sbom, 4).await.unwrap().as_deref(), Some(&b"sbom"[..]));
}

#[tokio::test]
async fn children_are_not_listed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("index.tar");
    let (child, root) = (image("child"), index_of(&[image("child").descriptor()]));
    let mut writer = ArchiveWriter::default();
    writer.add_manifest(&child, ManifestRole::Child).unwrap();
    writer.add_manifest(&root, ManifestRole::Root).unwrap();
    writer.write(&path).unwrap();
    let archive = Archive::open(&path).unwrap();
    assert_eq!(archive.only_image().unwrap().digest, *root.digest());
    assert_eq!(archive.fetch_manifest(&by_digest(&child)).await.unwrap(), Some(child));
}

/// The bytes are a public promise: whoever signs an evidence file finds it again.
#[test]
fn the_same_content_is_the_same_bytes() {
    let directory = tempfile::tempdir().unwrap();
    let [first, second] = ["a", "b"].map(|name| {
        let path = directory.path().join(name);
        evidence().write(&path).unwrap();
        std::fs::read(path).unwrap()
    });
    assert_eq!(first, second);
    assert_eq!(
        Digest::sha256_of(&first).to_string(),
        "sha256:48db6974fb1d98191fc37dabfc21c37001943dea5f3dec959f64a6f5e9657d10"
    );
}

#[test]
fn an_old_file_is_replaced_whole() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("evidence.tar");
    std::fs::write(&path, vec![b'x'; 100_000]).unwrap();
    evidence().write(&path).unwrap();
    Archive::open(&path).unwrap();
    let nowhere = directory.path().join("no/such/evidence.tar");
    let refused = evidence().write(&nowhere).unwrap_err();
    assert_eq!(refused.kind, RegistryErrorKind::Unreachable);
}

#[test]
fn members_cannot_take_the_layouts_names() {
    let mut writer = evidence();
    let bytes = || Bytes::from_static(b"x");
    for name in ["index.json", "oci-layout", "blobs/sha256/a", "../a", "/a", "a//b", "", "."] {
        let refused = writer.add_member(name, bytes()).unwrap_err();
        assert_eq!(refused.kind, RegistryErrorKind::Rejected, "{name}");
    }
    writer.add_member("a", bytes()).unwrap();
    writer.add_member("a", bytes()).unwrap();
    assert!(writer.add_member("a", Bytes::from_static(b"y")).is_err());
}
