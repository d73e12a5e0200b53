//! Documents are valid by the official schemas, the same every time, and say what they should.

use boltseal_core::{Digest, Inventory, Platform};
use boltseal_image::cyclonedx::{BomSubject, SpecVersion, document};
use cyclonedx_bom::prelude::{Bom, Validate};
use serde_json::Value;

use crate::kit::{Archive, Layer, STATUS, inventory, status};

const VERSIONS: [SpecVersion; 2] = [SpecVersion::V1_5, SpecVersion::V1_6];

fn subject() -> BomSubject {
    BomSubject {
        name: "team/app".to_owned(),
        repository: Some("registry.example.com:5000/team/App".to_owned()),
        digest: Digest::sha256_of(b"manifest"),
        platform: "linux/arm64/v8".parse::<Platform>().unwrap(),
        created: Some("2024-01-02T03:04:05Z".parse().unwrap()),
    }
}

fn layers() -> [Layer; 2] {
    let base = Archive::new()
        .file("etc/os-release", "ID=debian\nVERSION_ID=12\nPRETTY_NAME=\"Debian 12\"\n")
        .file(STATUS, &status(&["login 1:4.13+dfsg1-1+b1", "libc6 2.36-9"]))
        .file("lib/apk/db/installed", "P:musl\nV:1.2-r0\nA:x86_64\nL:MIT AND (X11 OR Zlib)\n\n")
        .layer();
    let npm = |name: &str, licence: &str| {
        format!(r#"{{"name":"{name}","version":"1.0.0","license":"{licence}"}}"#)
    };
    let app = Archive::new()
        .file("app/node_modules/@s/a/package.json", &npm("@s/a", "SEE LICENSE IN a"))
        .file("app/node_modules/b/package.json", &npm("b", "(MIT OR Apache-2.0)"))
        .file("app/node_modules/@s/a/node_modules/b/package.json", &npm("b", "MIT"))
        .file("app/node_modules/broken/package.json", "{")
        .file("opt/lib/Zope.x-1.dist-info/METADATA", "Name: Zope.x\nVersion: 1\nLicense: ZPL 2.1\n")
        .layer();
    [base, app]
}

fn whole() -> Inventory {
    let [base, app] = layers();
    inventory(&[&base, &app])
}

fn json(inventory: &Inventory, subject: &BomSubject, version: SpecVersion) -> Value {
    serde_json::from_slice(&document(inventory, subject, version)).unwrap()
}

/// What the official schema says against `document`.
fn complaints(document: &Value, version: SpecVersion) -> Vec<String> {
    let read = |name: &str| -> Value {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/schemas");
        let text = std::fs::read(format!("{folder}/{name}.schema.json")).unwrap();
        serde_json::from_slice(&text).unwrap()
    };
    let registry = jsonschema::Registry::new()
        .add("http://cyclonedx.org/schema/spdx.schema.json", read("spdx"))
        .unwrap()
        .add("http://cyclonedx.org/schema/jsf-0.82.schema.json", read("jsf-0.82"))
        .unwrap()
        .prepare()
        .unwrap();
    let schema = read(&format!("bom-{version}"));
    let validator = jsonschema::options()
        .with_registry(&registry)
        .should_validate_formats(true)
        .build(&schema)
        .unwrap();
    validator.iter_errors(document).map(|it| format!("{}: {it}", it.instance_path())).collect()
}

#[test]
fn valid_by_the_official_schemas() {
    let bare = BomSubject { repository: None, created: None, ..subject() };
    for version in VERSIONS {
        for inventory in [whole(), Inventory::default()] {
            for subject in [&subject(), &bare] {
                let document = json(&inventory, subject, version);
                assert_eq!(complaints(&document, version), Vec::<String>::new());
            }
        }
        let mut broken = json(&whole(), &subject(), version);
        broken["components"][0]["type"] = "nonsense".into();
        assert_eq!(complaints(&broken, version).len(), 1, "the schema must be able to refuse");
    }
}

#[test]
fn valid_by_the_reader_of_cyclonedx_bom() {
    let bytes = document(&whole(), &subject(), SpecVersion::V1_5);
    let bom = Bom::parse_from_json(&*bytes).unwrap();
    let result = bom.validate();
    assert!(result.passed(), "{result:?}");
    assert_eq!(bom.components.unwrap().0.len(), 7);
}

#[test]
fn the_same_bytes_every_time() {
    for version in VERSIONS {
        let [base, app] = layers();
        let first = document(&inventory(&[&base, &app]), &subject(), version);
        let [base, app] = layers();
        assert_eq!(document(&inventory(&[&base, &app]), &subject(), version), first);
    }
    let untimed = json(&whole(), &BomSubject { created: None, ..subject() }, SpecVersion::V1_5);
    assert_eq!(untimed["metadata"].get("timestamp"), None);
}

#[test]
fn the_root_is_the_image_and_leads_to_everything() {
    let document = json(&whole(), &subject(), SpecVersion::V1_6);
    let root = &document["metadata"]["component"];
    let digest = Digest::sha256_of(b"manifest");
    let purl = format!(
        "pkg:oci/app@sha256%3A{}?arch=arm64&repository_url=registry.example.com%3A5000%2Fteam%2FApp",
        digest.hex()
    );
    assert_eq!((&root["type"], &root["purl"]), (&"container".into(), &Value::from(&*purl)));
    assert_eq!(root["bom-ref"], purl);
    assert_eq!(document["metadata"]["timestamp"], "2024-01-02T03:04:05Z");
    let components = document["components"].as_array().unwrap();
    let refs: Vec<&Value> = components.iter().map(|it| &it["bom-ref"]).collect();
    assert_eq!(document["dependencies"][0]["ref"], purl);
    let reached: Vec<&Value> =
        document["dependencies"][0]["dependsOn"].as_array().unwrap().iter().collect();
    assert_eq!(reached, refs);
    let unique: std::collections::BTreeSet<_> = refs.iter().map(|it| it.as_str()).collect();
    assert_eq!((unique.len(), refs.len()), (7, 7));
    assert_eq!(components[0]["type"], "operating-system");
    assert_eq!(
        (&components[0]["name"], &components[0]["version"]),
        (&"debian".into(), &"12".into())
    );
}

#[test]
fn every_place_has_its_layer() {
    let [base, app] = layers();
    let document = json(&inventory(&[&base, &app]), &subject(), SpecVersion::V1_5);
    let find = |name: &str| {
        let components = document["components"].as_array().unwrap();
        components.iter().find(|it| it["name"] == name).unwrap()
    };
    let layers_of = |component: &Value| -> Vec<String> {
        let properties = component["properties"].as_array().unwrap().iter();
        let layers = properties.filter(|it| it["name"] == "urn:boltseal:layer:digest");
        layers.map(|it| it["value"].as_str().unwrap().to_owned()).collect()
    };
    let (base, app) = (base.descriptor.digest.to_string(), app.descriptor.digest.to_string());
    let login = find("login");
    assert_eq!(login["version"], "1:4.13+dfsg1-1+b1");
    assert_eq!(layers_of(login), [base]);
    assert_eq!(login["evidence"]["occurrences"][0]["location"], STATUS);
    let nested = find("b");
    assert_eq!(layers_of(nested), [app.clone(), app]);
    assert_eq!(nested["evidence"]["occurrences"].as_array().unwrap().len(), 2);
}

#[test]
fn licences_are_expressions_where_they_are_and_names_elsewhere() {
    let document = json(&whole(), &subject(), SpecVersion::V1_5);
    let licence = |name: &str| {
        let components = document["components"].as_array().unwrap();
        components.iter().find(|it| it["name"] == name).unwrap()["licenses"][0].clone()
    };
    assert_eq!(licence("musl")["expression"], "MIT AND (X11 OR Zlib)");
    assert_eq!(licence("@s/a")["license"]["name"], "SEE LICENSE IN a");
    assert_eq!(licence("Zope.x")["license"]["name"], "ZPL 2.1");
    assert_eq!(licence("login"), Value::Null);
}

#[test]
fn problems_are_told() {
    let document = json(&whole(), &subject(), SpecVersion::V1_5);
    let told = &document["metadata"]["properties"][0];
    assert_eq!(told["name"], "urn:boltseal:inventory:problem");
    assert!(told["value"].as_str().unwrap().starts_with("app/node_modules/broken/package.json"));
}
