//! Components: the image, its operating system, its packages.

use std::collections::BTreeMap;

use boltseal_core::{Algorithm, NAMESPACE, OsRelease, Package};

use super::BomSubject;
use super::licence::licences;
use super::schema::{Component, Evidence, Hash, Occurrence, Property};
use crate::purl::Purl;

/// The image itself.
pub(super) fn root(subject: &BomSubject) -> Component {
    let purl = image_purl(subject);
    let algorithm = match subject.digest.algorithm() {
        Algorithm::Sha256 => "SHA-256",
        Algorithm::Sha512 => "SHA-512",
    };
    Component {
        bom_ref: purl.clone(),
        kind: "container",
        name: subject.name.clone(),
        version: subject.digest.to_string(),
        hashes: vec![Hash { alg: algorithm, content: subject.digest.hex().to_owned() }],
        purl,
        properties: vec![property("image:platform", &subject.platform.to_string())],
        ..Component::default()
    }
}

/// `pkg:oci/NAME@DIGEST`: the name is the last part of the repository's path.
fn image_purl(subject: &BomSubject) -> String {
    let repository = subject.repository.as_deref();
    let path = repository.unwrap_or(&subject.name);
    let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    Purl::new("oci", &name, &subject.digest.to_string())
        .with("arch", &subject.platform.architecture)
        .with("repository_url", repository.unwrap_or_default())
        .to_string()
}

/// The operating system.
pub(super) fn operating_system(os: &OsRelease) -> Component {
    Component {
        bom_ref: format!("os:{}@{}", os.id, os.version_id),
        kind: "operating-system",
        name: os.id.clone(),
        version: os.version_id.clone(),
        description: os.pretty_name.clone(),
        ..Component::default()
    }
}

/// One component for each package URL, in their order, with every place where it is installed.
pub(super) fn packages(packages: &[Package]) -> Vec<Component> {
    let mut by_purl: BTreeMap<&str, Vec<&Package>> = BTreeMap::new();
    for package in packages {
        by_purl.entry(&package.purl).or_default().push(package);
    }
    let places = by_purl.into_values();
    places.map(|mut places| component(&mut places)).collect()
}

fn component(places: &mut [&Package]) -> Component {
    places.sort_by(|a, b| (&a.path, &a.layer).cmp(&(&b.path, &b.layer)));
    let package = places[0];
    let licence = places.iter().find_map(|it| it.licence.as_deref());
    let locations = places.iter().map(|it| Occurrence { location: it.path.clone() });
    Component {
        bom_ref: package.purl.clone(),
        kind: "library",
        name: package.name.clone(),
        version: package.version.clone(),
        licenses: licences(licence),
        purl: package.purl.clone(),
        evidence: Evidence { occurrences: locations.collect() },
        properties: properties(package, places),
        ..Component::default()
    }
}

fn properties(package: &Package, places: &[&Package]) -> Vec<Property> {
    let layers = places.iter();
    let layers = layers.map(|it| property("layer:digest", &it.layer.to_string()));
    let architecture = package.architecture.iter();
    let architecture = architecture.map(|text| property("package:architecture", text));
    let source = package.source.iter().flat_map(|(name, version)| {
        [property("source:name", name), property("source:version", version)]
    });
    layers.chain(architecture).chain(source).collect()
}

pub(super) fn property(name: &str, value: &str) -> Property {
    Property { name: format!("{NAMESPACE}:{name}"), value: value.to_owned() }
}
