//! Every result is as its published schema says: the schemas themselves allow members that are
//! added later, here nothing is allowed that they do not name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use boltseal_core::Severity;
use boltseal_testkit::image::debian_like;
use boltseal_testkit::registry::Options;
use boltseal_testkit::report::Scan;
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::harness::Sandbox;
use crate::release::Place;

const ECR: &str = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/team/app";

/// A schema as it is published, and one that allows no member that it does not name.
struct Published {
    open: Validator,
    closed: Validator,
}

/// What a document has that its published schema does not say, or lacks.
pub(crate) fn complaints(document: &Value) -> Vec<String> {
    let name = document["schema"].as_str().expect("a result says its schema");
    let Some(published) = published().get(name) else {
        return vec![format!("{name} has no schema in docs/schemas")];
    };
    let errors = published.open.iter_errors(document);
    let errors = errors.chain(published.closed.iter_errors(document));
    errors.map(|it| format!("{}: {it}", it.instance_path())).collect()
}

fn published() -> &'static BTreeMap<String, Published> {
    static PUBLISHED: OnceLock<BTreeMap<String, Published>> = OnceLock::new();
    PUBLISHED.get_or_init(|| files().iter().map(|path| read(path)).collect())
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas")
}

fn files() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).expect("the published schemas");
    let paths = entries.map(|entry| entry.expect("a schema").path());
    paths.filter(|path| path.to_str().is_some_and(|it| it.ends_with(".v1.schema.json"))).collect()
}

/// A schema under the name that results give it.
fn read(path: &Path) -> (String, Published) {
    let text = fs::read(path).expect("a schema");
    let open: Value = serde_json::from_slice(&text).expect("a schema is JSON");
    let mut closed = open.clone();
    close(&mut closed);
    let build = |schema: &Value| {
        let options = jsonschema::options().should_validate_formats(true);
        options.build(schema).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let name = open["properties"]["schema"]["const"].as_str().expect("the name of the results");
    let file = name.strip_prefix("boltseal.").expect("a prefix").replace('/', ".");
    assert!(path.ends_with(format!("{file}.schema.json")), "{}", path.display());
    assert_eq!(open["title"], name);
    (name.to_owned(), Published { open: build(&open), closed: build(&closed) })
}

/// Forbids what is not named, except where a condition names only what it is about.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.contains_key("properties") && !members.contains_key("additionalProperties") {
                members.insert("additionalProperties".to_owned(), false.into());
            }
            let conditions = ["if", "then", "else"];
            let parts = members.iter_mut().filter(|(key, _)| !conditions.contains(&key.as_str()));
            parts.for_each(|(_, part)| close(part));
        }
        Value::Array(parts) => parts.iter_mut().for_each(close),
        _ => {}
    }
}

/// A result of each kind: good, and refused where it can be.
fn results() -> Vec<Value> {
    let place = Place::new(Options::default());
    let scan = Scan::of(&debian_like()).vulnerability("CVE-2026-1", "libc6", Severity::High);
    place.sandbox.write("bad.json", scan.grype());
    place.sandbox.write("d/describe-repositories.json", r#"{"repositories": []}"#);
    place.sandbox.write("policy.toml", "[[signer]]\nname = \"ci\"\nkey = \"release.pub\"\n");
    place.sandbox.write("blob", "content");
    let (to, key, public) = (place.to("1.0"), &*place.key.private, &*place.key.public);
    let (digest, prod) = (format!("oci:image@{}", place.image.digest()), place.to("prod"));
    place.sandbox.key_pair("promotion");
    let lines: [&[&str]; 22] = [
        &["gate", "scan.json"],
        &["gate", "bad.json"],
        &["release", "oci:image:1", "--to", &to, "--key", key, "--scan", "bad.json"],
        &["release", "oci:image:1", "--to", &to, "--key", key, "--scan", "scan.json", "--dry-run"],
        &["release", "oci:image:1", "--to", &to, "--key", key, "--scan", "scan.json"],
        &["verify", &to, "--key", public],
        &["verify", &to, "--key", "promotion.pub"],
        &["promote", &to, &prod, "--key", public, "--promotion-key", "promotion.key"],
        &["promote", &to, &prod, "--key", "promotion.pub", "--promotion-key", "promotion.key"],
        &["verify-blob", "blob", "--bundle", "blob", "--key", public],
        &["preflight", "--documents", "d"],
        &["inspect", &to],
        &["inspect", &digest],
        &["keys", "public", "--key", key],
        &["policy", "check", "policy.toml"],
        &["policy", "test", "policy.toml", &to],
        &["policy", "test", "policy.toml", &to, "--expect", "refused"],
        &["sbom", "oci:absent:1"],
        &["init", "--to", ECR, "--ci", "github", "--source-repository", "acme/app"],
        &["init", "--to", ECR, "--ci", "github", "--source-repository", "acme/other", "--check"],
        &["completions", "bash"],
        &["man"],
    ];
    let run =
        |words: &&[&str]| place.sandbox.boltseal(&[words, &["--format", "json"][..]].concat());
    let doctor = place.sandbox.boltseal(&["doctor", "key", key, "--format", "json"]);
    lines.iter().map(run).chain([doctor]).map(|it| it.json()).collect()
}

#[test]
fn every_schema_describes_a_result_that_was_written() {
    let seen: BTreeSet<String> =
        results().iter().map(|it| it["schema"].as_str().expect("a name").to_owned()).collect();
    let known: BTreeSet<String> = published().keys().cloned().collect();
    assert_eq!(seen, known, "no schema is without a result, no result without a schema");
}

/// A schema that lets everything pass describes nothing.
#[test]
fn a_schema_refuses_what_lacks_a_member_and_what_has_one_too_many() {
    for document in results() {
        for (key, _) in document.as_object().expect("an object") {
            if matches!(
                key.as_str(),
                "schema" | "diff" | "plan" | "posture" | "provenance" | "effective"
            ) {
                continue;
            }
            let mut poorer = document.clone();
            poorer.as_object_mut().expect("an object").remove(key);
            assert!(!complaints(&poorer).is_empty(), "without {key}: {document:#}");
            let mut other = document.clone();
            other[key] = json!({"x": 1});
            assert!(!complaints(&other).is_empty(), "another {key}: {document:#}");
        }
        let mut richer = document.clone();
        richer["surprise"] = 1.into();
        assert!(!complaints(&richer).is_empty(), "{richer:#}");
        let name = document["schema"].as_str().expect("a name");
        let errors = published()[name].open.iter_errors(&richer).count();
        assert_eq!(errors, 0, "whoever reads a later version is not refused");
        let mut contrary = document.clone();
        contrary["exit"] = if document["exit"] == 0 { 10 } else { 0 }.into();
        assert!(!complaints(&contrary).is_empty(), "outcome and exit belong together");
    }
}

/// The document that a report has is the same.
#[test]
fn the_report_of_a_result_is_as_its_schema_says() {
    let sandbox = Sandbox::new();
    sandbox.write("scan.json", "");
    sandbox.boltseal(&["gate", "scan.json", "--report", "json=r.json"]).exits(20);
    let document = serde_json::from_str(&sandbox.read("r.json")).expect("JSON");
    assert_eq!(complaints(&document), Vec::<String>::new());
}
