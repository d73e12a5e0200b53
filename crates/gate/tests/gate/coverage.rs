//! A scanner that saw nothing has not said that there is nothing.

use boltseal_core::{Ecosystem, Exit, Inventory};
use boltseal_gate::{Decision, Outcome};
use serde_json::{Value, json};

use crate::sample::{
    app, codes, cyclonedx, decide_for, digest, grype, inventory, rated, report, trivy, trivy_debian,
};

const DPKG: &str = "var/lib/dpkg/status";

fn debian() -> Inventory {
    inventory(&[(Ecosystem::Deb, "zlib1g", DPKG), (Ecosystem::Deb, "bash", DPKG)])
}

fn decide(values: &[Value], inventory: &Inventory) -> Decision {
    let reports: Vec<_> = values.iter().map(report).collect();
    decide_for(&reports, app(Some(inventory)))
}

fn npm_result() -> Value {
    json!({"Target": "Node.js", "Class": "lang-pkgs", "Type": "node-pkg",
        "Packages": [{"Name": "lodash", "Version": "1"}]})
}

#[test]
fn a_report_that_lists_nothing_of_an_image_that_has_packages_is_refused() {
    let empty = json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "vulnerabilities": [],
        "components": [], "metadata": {"timestamp": "2026-03-01T12:00:00Z",
            "component": {"type": "container", "name": "app", "version": digest("app")}}});
    for value in [trivy(&[]), empty.clone()] {
        let decision = decide(&[value], &debian());
        assert_eq!((codes(&decision), decision.exit()), (vec!["no-coverage"], Exit::Gate));
        let reason = &decision.reasons[0];
        assert_eq!(reason.expected, "a report that lists packages of linux/amd64 (deb 2)");
        assert_eq!(
            (reason.found.as_str(), reason.place.as_str()),
            ("one that lists none", "report.json")
        );
    }
    // A second report that saw them does not make up for it: each report must pass.
    let seen = trivy(&[trivy_debian(&["zlib1g"], &[])]);
    assert_eq!(codes(&decide(&[seen, empty], &debian())), ["no-coverage"]);
}

#[test]
fn nothing_is_expected_of_an_image_without_packages() {
    assert_eq!(decide(&[trivy(&[])], &Inventory::default()).outcome, Outcome::Passed);
}

#[test]
fn an_image_that_was_not_looked_at_is_said() {
    let decision = decide_for(&[report(&trivy(&[]))], app(None));
    assert_eq!(decision.outcome, Outcome::Passed);
    assert!(decision.notes[0].contains("was not looked at"), "{:?}", decision.notes);
}

#[test]
fn what_could_not_be_listed_in_the_image_is_said() {
    let mut inventory = debian();
    inventory.problems = vec!["app/x: a broken record".to_owned(), "app/y: too large".to_owned()];
    let decision = decide(&[trivy(&[trivy_debian(&["bash"], &[])])], &inventory);
    assert_eq!(decision.outcome, Outcome::Passed);
    assert_eq!(
        decision.notes,
        [
            "linux/amd64: 2 problems in listing the image's own packages, the first: app/x: a broken record"
        ]
    );
}

#[test]
fn a_report_that_lists_no_packages_at_all_cannot_be_held_against_the_image() {
    assert_eq!(decide(&[grype(&[])], &debian()).outcome, Outcome::Passed);
}

#[test]
fn every_kind_of_package_must_be_seen_by_some_report() {
    let both = inventory(&[
        (Ecosystem::Deb, "bash", DPKG),
        (Ecosystem::Npm, "lodash", "app/node_modules/lodash/package.json"),
    ]);
    let system = || trivy(&[trivy_debian(&["bash"], &[])]);
    let decision = decide(&[system()], &both);
    assert_eq!(codes(&decision), ["no-coverage"]);
    let reason = &decision.reasons[0];
    assert_eq!(
        reason.expected,
        "a report that lists npm packages of linux/amd64, of which there are 1 (in \
         app/node_modules/lodash/package.json)"
    );
    assert_eq!(reason.place, digest("app").to_string());
    // Two reports may share the work, and where one lists nothing nobody can tell.
    assert_eq!(decide(&[system(), trivy(&[npm_result()])], &both).outcome, Outcome::Passed);
    assert_eq!(decide(&[system(), grype(&[])], &both).outcome, Outcome::Passed);
    // The other way round.
    assert_eq!(codes(&decide(&[trivy(&[npm_result()])], &both)), ["no-coverage"]);
}

#[test]
fn packages_that_the_systems_package_manager_installed_are_its_affair() {
    let of = |path: &str| {
        inventory(&[(Ecosystem::Deb, "python3-six", DPKG), (Ecosystem::Pypi, "six", path)])
    };
    let system = || trivy(&[trivy_debian(&["python3-six"], &[])]);
    let outcome = |path: &str| decide(&[system()], &of(path)).outcome;
    assert_eq!(outcome("usr/lib/python3/dist-packages/six-1.dist-info/METADATA"), Outcome::Passed);
    for own in [
        "usr/local/lib/python3.13/site-packages/six-1.dist-info/METADATA",
        "usr/src/app/venv/lib/python3.13/site-packages/six-1.dist-info/METADATA",
        "opt/venv/six-1.dist-info/METADATA",
    ] {
        assert_eq!(outcome(own), Outcome::Refused, "{own}");
    }
    // Without a package manager nothing is its affair.
    let alone = inventory(&[(Ecosystem::Golang, "example.org/app", "usr/bin/app")]);
    assert_eq!(codes(&decide(&[trivy(&[npm_result()])], &alone)), ["no-coverage"]);
}

#[test]
fn a_package_of_unknown_kind_could_be_of_any() {
    let mut value = cyclonedx(&[]);
    value["components"] = json!([{"type": "library", "name": "something", "version": "1"}]);
    assert_eq!(decide(&[value], &debian()).outcome, Outcome::Passed);
}

#[test]
fn the_kind_is_that_of_the_purl() {
    let apk = inventory(&[(Ecosystem::Apk, "musl", "lib/apk/db/installed")]);
    assert_eq!(codes(&decide(&[cyclonedx(&[])], &apk)), ["no-coverage"]);
    assert_eq!(decide(&[cyclonedx(&[])], &debian()).outcome, Outcome::Passed);
}

#[test]
fn a_report_that_names_no_digest_is_held_against_the_only_platform() {
    let mut value = cyclonedx(&[rated("CVE-1", "NVD", json!([{"severity": "low"}]))]);
    value["metadata"]["component"] = json!(null);
    value["components"] = json!([]);
    let decision = decide(&[value], &debian());
    assert_eq!(codes(&decision), ["no-coverage"]);
    assert_eq!(decision.platforms[0].counts.low, 1);
}
