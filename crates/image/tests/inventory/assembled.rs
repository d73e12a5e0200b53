//! Layers on one another.

use crate::kit::{Archive, STATUS, inventory, origins, status};

fn named(pairs: &[(&str, usize)]) -> Vec<(String, usize)> {
    pairs.iter().map(|(name, layer)| ((*name).to_owned(), *layer)).collect()
}

fn npm(name: &str, version: &str) -> String {
    format!(r#"{{"name":"{name}","version":"{version}"}}"#)
}

#[test]
fn a_package_belongs_to_the_layer_that_brought_it_in() {
    let base = Archive::new().file(STATUS, &status(&["a 1", "b 1", "c 1"])).layer();
    let upgrade = Archive::new().file(STATUS, &status(&["a 1", "b 2", "c 1", "d 1"])).layer();
    let nothing = Archive::new().file("etc/motd", "hello").layer();
    let removal = Archive::new().file(STATUS, &status(&["a 1", "b 2", "d 1"])).layer();
    let back = Archive::new().file(STATUS, &status(&["a 1", "b 1", "c 1", "d 1"])).layer();
    let first = [&base, &upgrade, &nothing];
    assert_eq!(origins(&first), named(&[("a 1", 0), ("b 2", 1), ("c 1", 0), ("d 1", 1)]));
    // What went and came back came with the layer that brought it back.
    let all = [&base, &upgrade, &nothing, &removal, &back];
    assert_eq!(origins(&all), named(&[("a 1", 0), ("b 1", 4), ("c 1", 4), ("d 1", 1)]));
}

#[test]
fn the_same_goes_for_apk() {
    let path = "lib/apk/db/installed";
    let base = Archive::new().file(path, "P:musl\nV:1\nA:x86_64\n\n").layer();
    let more = Archive::new().file(path, "P:musl\nV:1\nA:x86_64\n\nP:curl\nV:8\n\n").layer();
    assert_eq!(origins(&[&base, &more]), named(&[("curl 8", 1), ("musl 1", 0)]));
}

#[test]
fn distroless_packages_have_a_file_each() {
    let base = Archive::new()
        .file("var/lib/dpkg/status.d/base", "Package: base-files\nVersion: 12\n")
        .file("var/lib/dpkg/status.d/base.md5sums", "00  etc/x\n")
        .layer();
    let more = Archive::new()
        .file("var/lib/dpkg/status.d/tz", "Package: tzdata\nVersion: 2024a\n")
        .layer();
    assert_eq!(origins(&[&base, &more]), named(&[("base-files 12", 0), ("tzdata 2024a", 1)]));
    assert!(inventory(&[&base, &more]).problems.is_empty());
}

#[test]
fn whiteouts_remove_files_and_whole_directories() {
    let base = Archive::new()
        .file("app/node_modules/a/package.json", &npm("a", "1"))
        .file("app/node_modules/b/package.json", &npm("b", "1"))
        .file("srv/node_modules/c/package.json", &npm("c", "1"))
        .layer();
    let one = Archive::new().file("app/node_modules/a/.wh.package.json", "").layer();
    assert_eq!(origins(&[&base, &one]), named(&[("b 1", 0), ("c 1", 0)]));
    let tree = Archive::new().file(".wh.app", "").layer();
    assert_eq!(origins(&[&base, &tree]), named(&[("c 1", 0)]));
    // Removed and brought back in the same layer: it is that layer's.
    let again = Archive::new()
        .file(".wh.app", "")
        .file("app/node_modules/b/package.json", &npm("b", "1"))
        .layer();
    assert_eq!(origins(&[&base, &again]), named(&[("b 1", 1), ("c 1", 0)]));
}

#[test]
fn opaque_directories_hide_what_is_below_but_not_their_own() {
    let base = Archive::new()
        .file("app/node_modules/a/package.json", &npm("a", "1"))
        .file("srv/node_modules/c/package.json", &npm("c", "1"))
        .layer();
    let opaque = Archive::new()
        .file("app/node_modules/b/package.json", &npm("b", "1"))
        .file("app/.wh..wh..opq", "")
        .layer();
    assert_eq!(origins(&[&base, &opaque]), named(&[("b 1", 1), ("c 1", 0)]));
    let root = Archive::new().file(".wh..wh..opq", "").layer();
    assert!(origins(&[&base, &opaque, &root]).is_empty());
    let aufs = Archive::new().file(".wh..wh.plnk", "").layer();
    assert_eq!(origins(&[&base, &aufs]).len(), 2);
}

#[test]
fn anything_else_in_its_place_hides_a_record() {
    let path = "app/node_modules/a/package.json";
    let base = Archive::new().file(path, &npm("a", "1")).layer();
    for over in [
        Archive::new().file("app", "now a file"),
        Archive::new().symlink("app/node_modules", "/elsewhere"),
        Archive::new().directory(path),
        Archive::new().file(path, "{}"),
        Archive::new().entry(path, tar::EntryType::Fifo, 0o644, b""),
    ] {
        assert!(origins(&[&base, &over.layer()]).is_empty());
    }
    let harmless = Archive::new().directory("app").directory("app/node_modules").file("ap", "");
    assert_eq!(origins(&[&base, &harmless.layer()]).len(), 1);
}

#[test]
fn the_later_of_two_entries_with_one_name_counts() {
    let twice = Archive::new().file(STATUS, &status(&["a 1"])).file(STATUS, &status(&["a 2"]));
    assert_eq!(origins(&[&twice.layer()]), named(&[("a 2", 0)]));
    let gone = Archive::new().file(STATUS, &status(&["a 1"])).directory(STATUS);
    assert!(origins(&[&gone.layer()]).is_empty());
}

#[test]
fn links_in_the_root_directory_are_followed() {
    let base = Archive::new()
        .symlink("lib", "usr/lib")
        .file("usr/lib/apk/db/installed", "P:musl\nV:1\n\nP:old\nV:1\n\n")
        .layer();
    let through = Archive::new().file("lib/apk/db/installed", "P:musl\nV:1\n\n").layer();
    assert_eq!(origins(&[&base, &through]), named(&[("musl 1", 0)]));
    let removed = Archive::new().file("lib/apk/db/.wh.installed", "").layer();
    assert!(origins(&[&base, &removed]).is_empty());
    // The link itself, written again or removed, takes nothing with it.
    for over in [Archive::new().symlink("lib", "usr/lib"), Archive::new().file(".wh.lib", "")] {
        assert_eq!(origins(&[&base, &over.layer()]).len(), 2);
    }
    // A directory in the link's place is another directory.
    let replaced = Archive::new().directory("lib").file("lib/apk/db/.wh.installed", "").layer();
    assert_eq!(origins(&[&base, &replaced]).len(), 2);
}

#[test]
fn a_database_behind_a_link_does_not_pass_unseen() {
    for (link, target) in [
        ("var", "private/var"),
        ("var/lib/dpkg", "/usr/share/dpkg"),
        ("lib", "usr/lib64"),
        (STATUS, "status-elsewhere"),
    ] {
        let problems = inventory(&[&Archive::new().symlink(link, target).layer()]).problems;
        assert_eq!(problems.len(), 1, "{link}");
        assert!(problems[0].contains("a symbolic link to"), "{problems:?}");
    }
    for (link, target) in [("lib", "usr/lib"), ("lib/apk", "/usr/lib/apk"), ("bin", "usr/bin")] {
        let problems = inventory(&[&Archive::new().symlink(link, target).layer()]).problems;
        assert!(problems.is_empty(), "{problems:?}");
    }
}

#[test]
fn a_hard_link_is_a_second_name() {
    let json = npm("a", "1");
    let base = Archive::new()
        .file("x/node_modules/a/package.json", &json)
        .hard_link("y/node_modules/a/package.json", "x/node_modules/a/package.json")
        .layer();
    let removal = Archive::new().file(".wh.x", "").layer();
    let paths = |layers: &[&_]| -> Vec<String> {
        inventory(layers).packages.into_iter().map(|it| it.path).collect()
    };
    assert_eq!(paths(&[&base]).len(), 2);
    assert_eq!(paths(&[&base, &removal]), ["y/node_modules/a/package.json"]);
    let unread = Archive::new().file("other", "").hard_link(STATUS, "other").layer();
    assert!(inventory(&[&unread]).problems[0].contains("hard link"));
}

#[test]
fn os_release_is_found_through_its_link() {
    let debian = "ID=debian\nVERSION_ID=\"12\"\n";
    let own = Archive::new().file("etc/os-release", "ID=own\n").layer();
    for (target, found) in [
        ("../usr/lib/os-release", true),
        ("/usr/lib/os-release", true),
        ("../run/os-release", false),
    ] {
        let base = Archive::new()
            .symlink("etc/os-release", target)
            .file("usr/lib/os-release", debian)
            .layer();
        let inventory = inventory(&[&base]);
        assert_eq!(inventory.os.unwrap().id, "debian", "{target}");
        assert_eq!(inventory.problems.is_empty(), found, "{:?}", inventory.problems);
        assert_eq!(crate::kit::inventory(&[&base, &own]).os.unwrap().id, "own");
    }
    assert_eq!(inventory(&[]).os, None);
}

#[test]
fn purls_take_the_operating_system_of_the_finished_image() {
    let base = Archive::new()
        .file("etc/os-release", "ID=debian\nVERSION_ID=11\n")
        .file(STATUS, &status(&["login 1:4.13"]))
        .layer();
    let upgrade = Archive::new().file("etc/os-release", "ID=debian\nVERSION_ID=12\n").layer();
    assert_eq!(
        inventory(&[&base, &upgrade]).packages[0].purl,
        "pkg:deb/debian/login@4.13?arch=amd64&distro=debian-12&epoch=1"
    );
}

#[test]
fn a_problem_goes_with_the_file_that_has_it() {
    let broken = "app/node_modules/a/package.json";
    let base = Archive::new().file(broken, "{").file(STATUS, "Package: a\n").layer();
    let problems = inventory(&[&base]).problems;
    let short = base.descriptor.digest.short();
    assert_eq!(problems.len(), 2);
    assert!(problems[0].starts_with(&format!("{broken} (layer {short}): no JSON")));
    assert!(problems[1].starts_with(&format!("{STATUS} (layer {short}): package \"a\"")));
    let removal = Archive::new().file(".wh.app", "").file(STATUS, &status(&["a 1"])).layer();
    assert!(inventory(&[&base, &removal]).problems.is_empty());
}
