//! SARIF 2.1.0, as GitHub's code scanning takes it.
//!
//! Each run is in a category of its own that stays the same from release to release.
//! `boltseal/NAME/findings/` has what scanners found, and is there only where all reports were
//! read and judged: an empty list from a run that could not judge would close every alert.
//! `boltseal/NAME/posture/` has what preflight found, where it looked.
//! `boltseal/NAME/gate/` is always there and has the checks that failed.

mod finding;
mod rule;
mod run;

pub(crate) use rule::page as vulnerability_page;

use serde_json::{Value, json};

use crate::check::{Check, failed};
use crate::dossier::Dossier;
use crate::escape::uri_path;

/// The document.
pub(crate) fn sarif(dossier: &Dossier<'_>) -> Value {
    let name = name(dossier);
    let mut runs = Vec::new();
    if dossier.is_counted() {
        runs.push(run::findings(dossier, &name));
    }
    let posture = dossier.posture.filter(|posture| !posture.documents.is_empty());
    let found = posture.map_or(&[][..], |posture| &posture.findings);
    if posture.is_some() {
        runs.push(run::posture(dossier, &name, found));
    }
    // What is told as a finding is not told twice.
    let is_finding = |check: &Check| found.iter().any(|it| it.refuses && it.id == check.name);
    let failed: Vec<Check> = failed(dossier).into_iter().filter(|it| !is_finding(it)).collect();
    runs.push(run::checks(dossier, &name, &failed));
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": runs,
    })
}

/// What stays the same of the name: neither tag nor digest, and of a path the last part.
fn name(dossier: &Dossier<'_>) -> String {
    let report = || dossier.gate?.reports.first().map(|it| it.file.as_str());
    match dossier.place().or_else(report) {
        Some(place) => match place.split_once(':') {
            Some(("oci" | "oci-archive" | "docker-archive" | "evidence", path)) => last(path),
            _ if dossier.place().is_none() => last(place),
            _ => place.to_owned(),
        },
        None => dossier.command().to_owned(),
    }
}

fn last(path: &str) -> String {
    path.rsplit('/').find(|part| !part.is_empty()).unwrap_or("image").to_owned()
}

/// Where a result is: a path that the repository does not have, but that the format demands.
fn location(name: &str, place: &str) -> Value {
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": {"uri": format!("image/{}", uri_path(name))},
            "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1},
        },
    });
    if !place.is_empty() {
        location["logicalLocations"] = json!([{"fullyQualifiedName": place}]);
    }
    location
}

#[cfg(test)]
mod tests {
    use boltseal_core::Digest;

    use super::*;
    use crate::v1::{Head, Outcome, SubjectOfResult};

    #[test]
    fn the_name_is_the_same_for_every_release() {
        for (reference, expected) in [
            ("h.example/a:1", "h.example/a"),
            ("h.example:5000/a:2", "h.example:5000/a"),
            ("oci:/home/me/out:1", "out"),
        ] {
            let subject = SubjectOfResult::new(reference, Some(Digest::sha256_of(b"")));
            let head = Head::good("boltseal.release/v1", Outcome::Released, subject);
            assert_eq!(name(&Dossier::of(&head)), expected);
        }
    }
}
