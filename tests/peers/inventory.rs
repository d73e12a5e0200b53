//! The SBOM of a real Debian says what dpkg says.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::program::Program;
use crate::released::text;

/// Where `cargo xtask` made it.
fn made() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/demo");
    let there = folder.join("bookworm/index.json").is_file();
    assert!(there, "the Debian image is not there: run `cargo xtask test peers`, which makes it");
    folder
}

type Packages = BTreeSet<(String, String, String)>;

#[test]
fn of_debian_equals_dpkg_query() {
    let sbom = sbom();
    let found: Packages = components(&sbom).collect();
    assert_eq!(found, truth());
    assert_eq!(components(&sbom).count(), found.len(), "no package is listed twice");
}

#[test]
fn twice_is_the_same_bytes() {
    assert_eq!(sbom(), sbom());
}

#[test]
fn syft_sees_the_same_packages() {
    let layout = format!("oci-dir:{}", made().join("bookworm").display());
    let peer = Program::peer("syft").run(&["scan", "-q", "-o", "json", &layout]).passes().json();
    let packages = peer["artifacts"].as_array().expect("a list of artifacts").iter();
    let theirs: Packages = packages
        .filter(|package| package["type"] == "deb")
        .map(|package| {
            let field = |pointer: &str| text(package, pointer);
            (field("/name"), field("/version"), field("/metadata/architecture"))
        })
        .collect();
    assert_eq!(theirs, components(&sbom()).collect());
}

fn sbom() -> String {
    let image = format!("oci:{}:latest", made().join("bookworm").display());
    Program::boltseal().run(&["sbom", &image]).passes().stdout
}

/// Name, version and architecture of each Debian package in a CycloneDX document.
fn components(sbom: &str) -> impl Iterator<Item = (String, String, String)> {
    let sbom: Value = serde_json::from_str(sbom).expect("CycloneDX is JSON");
    let components = sbom["components"].as_array().expect("a list of components").clone();
    components.into_iter().filter_map(|component| {
        let purl = component["purl"].as_str()?;
        let qualifiers = purl.strip_prefix("pkg:deb/debian/")?.split_once('?')?.1;
        let architecture = qualifiers.split('&').find_map(|pair| pair.strip_prefix("arch="))?;
        Some((text(&component, "/name"), text(&component, "/version"), architecture.to_owned()))
    })
}

/// What dpkg itself says about the tree that the image was made from.
fn truth() -> Packages {
    let tree = tempfile::tempdir().expect("a temporary folder");
    let shown = |path: &Path| path.display().to_string();
    let tar = shown(&made().join("bookworm.tar"));
    let place = shown(tree.path());
    Program::debian("tar").run(&["-C", &place, "-xf", &tar, "./var/lib/dpkg"]).passes();
    let database = shown(&tree.path().join("var/lib/dpkg"));
    let format = "--showformat=${Package}\\t${Version}\\t${Architecture}\\n";
    let answer =
        Program::debian("dpkg-query").run(&["--admindir", &database, "--show", format]).passes();
    let lines = answer.stdout.lines().map(|line| {
        let mut fields = line.split('\t').map(str::to_owned);
        let mut field = || fields.next().expect("three fields were asked for");
        (field(), field(), field())
    });
    lines.collect()
}
