use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;

use boltseal_image::build::rootfs;
use serde_json::{Value, json};
use tar::EntryType;

use crate::made::{AMD64, ARM64, Place, code, elf};

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A directory with everything in it that a system has.
fn system(place: &Place) {
    let files = [
        ("root/bin/app", elf(AMD64), 0o4755),
        ("root/bin/other", elf(AMD64), 0o755),
        ("root/lib/foreign", elf(ARM64), 0o644),
        ("root/etc/secret", b"s".to_vec(), 0o600),
        ("root/etc-more", b"after etc/".to_vec(), 0o644),
        ("root/empty", Vec::new(), 0o644),
    ];
    for (name, content, mode) in files {
        chmod(&place.file(name, &content), mode);
    }
    let root = place.path("root");
    fs::create_dir(root.join("tmp")).unwrap();
    for (name, mode) in [("bin", 0o755), ("lib", 0o755), ("etc", 0o750), ("tmp", 0o1777)] {
        chmod(&root.join(name), mode);
    }
    symlink("/bin/app", root.join("start")).unwrap();
    symlink("../../outside", root.join("etc/broken")).unwrap();
    fs::hard_link(root.join("etc/secret"), root.join("etc/twin")).unwrap();
    let long = root.join("lib").join("n".repeat(150));
    chmod(
        &{
            fs::write(&long, "long").unwrap();
            long
        },
        0o644,
    );
}

#[test]
fn is_everything_in_order() {
    let place = Place::new();
    system(&place);
    drop(UnixListener::bind(place.path("root/tmp/socket")).unwrap());
    let (manifest, config) = place.image(&rootfs(&place.path("root"), &place.options()).unwrap());
    let entries = place.entries(&manifest);
    let seen: Vec<_> = entries.iter().map(|it| (it.path.as_str(), it.kind, it.mode)).collect();
    let long = format!("lib/{}", "n".repeat(150));
    let expected = [
        ("bin/", EntryType::Directory, 0o755),
        ("bin/app", EntryType::Regular, 0o4755),
        ("bin/other", EntryType::Regular, 0o755),
        ("empty", EntryType::Regular, 0o644),
        ("etc/", EntryType::Directory, 0o750),
        ("etc/broken", EntryType::Symlink, 0o777),
        ("etc/secret", EntryType::Regular, 0o600),
        ("etc/twin", EntryType::Regular, 0o600),
        ("etc-more", EntryType::Regular, 0o644),
        ("lib/", EntryType::Directory, 0o755),
        ("lib/foreign", EntryType::Regular, 0o644),
        (&long, EntryType::Regular, 0o644),
        ("start", EntryType::Symlink, 0o777),
        ("tmp/", EntryType::Directory, 0o1777),
    ];
    assert_eq!(seen, expected);
    let of = |path: &str| entries.iter().find(|it| it.path == path).unwrap();
    assert_eq!(of("etc/twin").content, b"s");
    assert_eq!(of("bin/app").content, elf(AMD64));
    assert_eq!(of("start").link.as_deref(), Some(Path::new("/bin/app")));
    assert_eq!(of("etc/broken").link.as_deref(), Some(Path::new("../../outside")));
    assert_eq!((&config["os"], &config["architecture"]), (&json!("linux"), &json!("amd64")));
    assert_eq!(config["config"], json!({}));
}

fn layer(place: &Place) -> (String, Value) {
    let made = rootfs(&place.path("root"), &place.options()).unwrap();
    let (manifest, _) = place.image(&made);
    (Place::layer_digest(&manifest), json!(made.digest))
}

/// A change of these is a breaking change: the same directory must give the same image for good.
#[test]
fn gives_the_same_digests_for_good() {
    let (one, other) = (Place::new(), Place::new());
    system(&one);
    system(&other);
    let early = fs::File::options().write(true).open(other.path("root/empty")).unwrap();
    early.set_modified(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(layer(&one), layer(&other));
    let expected = "sha256:18f4e3c2ea31932269ba898d411f3777fe34322bc9b655143678cce26280ffed";
    assert_eq!(layer_again(&one), expected);
}

fn layer_again(place: &Place) -> String {
    fs::remove_dir_all(place.path("out")).unwrap();
    layer(place).0
}

#[test]
fn any_difference_is_another_layer() {
    let place = Place::new();
    system(&place);
    let before = layer(&place).0;
    chmod(&place.path("root/empty"), 0o640);
    assert_ne!(layer_again(&place), before);
    chmod(&place.path("root/empty"), 0o644);
    assert_eq!(layer_again(&place), before);
}

#[test]
fn names_that_mean_a_removed_file_are_refused() {
    let place = Place::new();
    system(&place);
    place.file("root/etc/.wh.passwd", b"");
    let error = rootfs(&place.path("root"), &place.options()).unwrap_err();
    assert_eq!(code(&error), "name-unfit");
    assert!(error.place.ends_with("etc/.wh.passwd"), "{error}");
}

#[test]
fn a_platform_is_needed_and_must_stand_out() {
    let place = Place::new();
    place.file("root/text", b"text");
    let error = rootfs(&place.path("root"), &place.options()).unwrap_err();
    assert_eq!(code(&error), "platform-unknown");
    fs::remove_dir_all(place.path("out")).unwrap();
    place.file("root/one", &elf(AMD64));
    place.file("root/other", &elf(ARM64));
    let error = rootfs(&place.path("root"), &place.options()).unwrap_err();
    assert!(error.to_string().contains("linux/amd64 as for linux/arm64"), "{error}");
    fs::remove_dir_all(place.path("out")).unwrap();
    let mut options = place.options();
    options.platform = Some("linux/riscv64".parse().unwrap());
    let (_, config) = place.image(&rootfs(&place.path("root"), &options).unwrap());
    assert_eq!(config["architecture"], "riscv64");
}

#[test]
fn the_output_cannot_lie_in_the_input() {
    let place = Place::new();
    place.file("out/text", b"text");
    let mut options = place.options();
    options.dir = place.path("out/image/deep");
    let error = rootfs(&place.path("out"), &options).unwrap_err();
    assert_eq!(code(&error), "output-not-empty");
    assert!(!options.dir.exists());
    let error = rootfs(&place.path("out/text"), &place.options()).unwrap_err();
    assert_eq!(code(&error), "input-unreadable");
}

#[test]
fn depth_costs_no_stack() {
    let place = Place::new();
    let deep = "d/".repeat(1500);
    place.file(&format!("root/{deep}app"), &elf(AMD64));
    let (manifest, _) = place.image(&rootfs(&place.path("root"), &place.options()).unwrap());
    let entries = place.entries(&manifest);
    assert_eq!(entries.len(), 1501);
    assert_eq!(entries[1500].path, format!("{deep}app"));
}
