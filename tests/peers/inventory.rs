//! The SBOM of a real Debian says what dpkg says.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::image::write;
use crate::program::Program;
use crate::released::{shown, text};

/// The versions of CycloneDX that boltseal writes; the first is the one it writes by default.
const VERSIONS: [&str; 2] = ["1.5", "1.6"];

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
    for version in VERSIONS {
        assert_eq!(sbom_in(version), sbom_in(version));
    }
}

#[test]
fn valid_by_the_official_schemas() {
    for version in VERSIONS {
        let sbom = sbom_in(version);
        let mut document: Value = serde_json::from_str(&sbom).expect("CycloneDX is JSON");
        assert_eq!(document["specVersion"], version);
        assert!(components(&sbom).count() > 50, "a whole Debian is expected");
        assert_eq!(complaints(&document, version), Vec::<String>::new());
        document["components"][0]["type"] = "nonsense".into();
        assert_eq!(complaints(&document, version).len(), 1, "the schema must be able to refuse");
    }
}

/// syft reads the document itself, and finds the same packages in it.
#[test]
fn syft_reads_the_document() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for version in VERSIONS {
        let sbom = sbom_in(version);
        let path = folder.path().join("sbom.json");
        write(&path, &sbom);
        let peer = Program::peer("syft").run(&["convert", "-q", &shown(&path), "-o", "syft-json"]);
        assert_eq!(packages(&peer.passes().json()), components(&sbom).collect(), "{version}");
    }
}

#[test]
fn syft_sees_the_same_packages() {
    let layout = format!("oci-dir:{}", made().join("bookworm").display());
    let peer = Program::peer("syft").run(&["scan", "-q", "-o", "json", &layout]).passes().json();
    assert_eq!(packages(&peer), components(&sbom()).collect());
}

/// The Debian packages in a document of syft's own format.
fn packages(document: &Value) -> Packages {
    let packages = document["artifacts"].as_array().expect("a list of artifacts").iter();
    packages
        .filter(|package| package["type"] == "deb")
        .map(|package| {
            let field = |pointer: &str| text(package, pointer);
            let architecture = architecture(&field("/purl")).expect("an architecture");
            (field("/name"), field("/version"), architecture)
        })
        .collect()
}

fn sbom() -> String {
    sbom_in(VERSIONS[0])
}

fn sbom_in(version: &str) -> String {
    let image = format!("oci:{}:latest", made().join("bookworm").display());
    Program::boltseal().run(&["sbom", &image, "--spec-version", version]).passes().stdout
}

/// What the official schema of this version says against `document`.
fn complaints(document: &Value, version: &str) -> Vec<String> {
    let read = |name: &str| -> Value {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/image/tests");
        let path = folder.join(format!("fixtures/schemas/{name}.schema.json"));
        let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", shown(&path)));
        serde_json::from_slice(&text).expect("a schema is JSON")
    };
    let registry = jsonschema::Registry::new()
        .add("http://cyclonedx.org/schema/spdx.schema.json", read("spdx"))
        .and_then(|it| it.add("http://cyclonedx.org/schema/jsf-0.82.schema.json", read("jsf-0.82")))
        .and_then(jsonschema::RegistryBuilder::prepare)
        .expect("schemas");
    let validator = jsonschema::options()
        .with_registry(&registry)
        .should_validate_formats(true)
        .build(&read(&format!("bom-{version}")))
        .expect("a schema");
    validator.iter_errors(document).map(|it| format!("{}: {it}", it.instance_path())).collect()
}

/// Name, version and architecture of each Debian package in a CycloneDX document.
fn components(sbom: &str) -> impl Iterator<Item = (String, String, String)> {
    let sbom: Value = serde_json::from_str(sbom).expect("CycloneDX is JSON");
    let components = sbom["components"].as_array().expect("a list of components").clone();
    components.into_iter().filter_map(|component| {
        let architecture = architecture(component["purl"].as_str()?)?;
        Some((text(&component, "/name"), text(&component, "/version"), architecture))
    })
}

/// The architecture that the package URL of a Debian package names.
fn architecture(purl: &str) -> Option<String> {
    let qualifiers = purl.strip_prefix("pkg:deb/debian/")?.split_once('?')?.1;
    qualifiers.split('&').find_map(|pair| pair.strip_prefix("arch=")).map(str::to_owned)
}

/// What dpkg itself says about the tree that the image was made from.
fn truth() -> Packages {
    let tree = tempfile::tempdir().expect("a temporary folder");
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
