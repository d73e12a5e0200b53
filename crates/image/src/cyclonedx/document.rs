//! The whole document.

use boltseal_core::{Digest, Inventory, Platform, own_uri};
use jiff::Timestamp;

use super::SpecVersion;
use super::component::{operating_system, packages, property, root};
use super::schema::{Bom, Component, Dependency, Metadata, Tools};

/// What the document is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BomSubject {
    /// What people call the image.
    pub name: String,
    /// `HOST/PATH`, where the image has a place in a registry.
    pub repository: Option<String>,
    /// The digest of its manifest.
    pub digest: Digest,
    /// Its platform.
    pub platform: Platform,
    /// When the image was made, by its configuration.
    pub created: Option<Timestamp>,
}

/// `inventory` as a CycloneDX document about `subject`, in compact JSON.
///
/// # Panics
/// Never: strings and numbers always serialise.
pub fn document(inventory: &Inventory, subject: &BomSubject, version: SpecVersion) -> Vec<u8> {
    let root = root(subject);
    let system = inventory.os.as_ref().map(operating_system);
    let components: Vec<Component> =
        system.into_iter().chain(packages(&inventory.packages)).collect();
    let bom = Bom {
        schema: format!("http://cyclonedx.org/schema/bom-{version}.schema.json"),
        format: "CycloneDX",
        spec_version: version.to_string(),
        serial_number: serial_number(&root.bom_ref, version),
        version: 1,
        dependencies: vec![Dependency {
            from: root.bom_ref.clone(),
            depends_on: components.iter().map(|it| it.bom_ref.clone()).collect(),
        }],
        metadata: metadata(inventory, subject, root),
        components,
    };
    serde_json::to_vec(&bom).expect("a document is strings and numbers")
}

fn metadata(inventory: &Inventory, subject: &BomSubject, root: Component) -> Metadata {
    let tool = Component {
        kind: "application",
        name: "boltseal".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..Component::default()
    };
    let problems = inventory.problems.iter();
    Metadata {
        timestamp: subject.created.map(|time| time.to_string()),
        tools: Tools { components: [tool] },
        component: root,
        properties: problems.map(|text| property("inventory:problem", text)).collect(),
    }
}

/// The serial number of the document about an image: a UUID of version 8 (RFC 9562, 5.8) made of
/// the first 128 bits of SHA-256 over `urn:boltseal:sbom:v1`, the image's purl, which names its
/// digest and its place, and the version of the specification, a line each.
fn serial_number(image: &str, version: SpecVersion) -> String {
    let seed = format!("{}\n{image}\n{version}", own_uri("sbom"));
    let hash = Digest::sha256_of(seed.as_bytes());
    let mut digits: Vec<char> = hash.hex().chars().take(32).collect();
    digits[12] = '8';
    let variant = digits[16].to_digit(16).unwrap_or_default() & 0b11;
    digits[16] = ['8', '9', 'a', 'b'][variant as usize];
    let uuid: String = digits.into_iter().collect();
    let groups = [0..8, 8..12, 12..16, 16..20, 20..32].map(|group| &uuid[group]);
    format!("urn:uuid:{}", groups.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_serial_number_follows_from_the_image_and_the_version() {
        let one = serial_number("pkg:oci/a@1", SpecVersion::V1_5);
        assert_eq!(one, serial_number("pkg:oci/a@1", SpecVersion::V1_5));
        assert_ne!(one, serial_number("pkg:oci/a@2", SpecVersion::V1_5));
        assert_ne!(one, serial_number("pkg:oci/a@1", SpecVersion::V1_6));
        let parts: Vec<&str> = one["urn:uuid:".len()..].split('-').collect();
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert!(parts[2].starts_with('8') && parts[3].starts_with(['8', '9', 'a', 'b']));
    }
}
