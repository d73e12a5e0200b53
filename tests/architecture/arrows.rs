//! The arrows between crates, read from `cargo metadata`. Dev-dependencies are free.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Each crate of the workspace with the crates of the workspace that it may use. Vocabulary at the
/// top, decisions below it, then the ports, the adapters that never see one another, the journeys
/// that name no adapter, and the binary that joins them.
const ARROWS: [(&str, &[&str]); 15] = [
    ("boltseal-core", &[]),
    ("boltseal-crypto", &["boltseal-core"]),
    ("boltseal-image", &["boltseal-core"]),
    ("boltseal-gate", &["boltseal-core"]),
    ("boltseal-posture", &["boltseal-core"]),
    ("boltseal-verify", &["boltseal-core", "boltseal-crypto", "boltseal-gate"]),
    ("boltseal-ports", &["boltseal-core"]),
    ("boltseal-oci", &["boltseal-core", "boltseal-ports"]),
    ("boltseal-aws", &["boltseal-core", "boltseal-ports"]),
    ("boltseal-ci", &["boltseal-core", "boltseal-ports"]),
    (
        "boltseal-pipeline",
        &[
            "boltseal-core",
            "boltseal-crypto",
            "boltseal-gate",
            "boltseal-image",
            "boltseal-ports",
            "boltseal-posture",
            "boltseal-verify",
        ],
    ),
    (
        "boltseal-report",
        &[
            "boltseal-core",
            "boltseal-gate",
            "boltseal-pipeline",
            "boltseal-posture",
            "boltseal-verify",
        ],
    ),
    ("boltseal-testkit", &["boltseal-core", "boltseal-ports"]),
    (
        "boltseal",
        &[
            "boltseal-aws",
            "boltseal-ci",
            "boltseal-core",
            "boltseal-crypto",
            "boltseal-gate",
            "boltseal-image",
            "boltseal-oci",
            "boltseal-pipeline",
            "boltseal-ports",
            "boltseal-posture",
            "boltseal-report",
            "boltseal-verify",
        ],
    ),
    ("xtask", &["boltseal-testkit"]),
];

/// Outside crates, by the beginning of their names, that only these may use.
const KEEPERS: [(&str, &[&str]); 6] = [
    ("aws-sdk", &["boltseal-aws"]),
    ("hyper", &["boltseal-testkit"]),
    ("oci-client", &[]),
    ("reqwest", &["boltseal-aws", "boltseal-ci", "boltseal-oci"]),
    ("sigstore", &["boltseal-crypto"]),
    (
        "tokio",
        &[
            "boltseal",
            "boltseal-aws",
            "boltseal-ci",
            "boltseal-oci",
            "boltseal-pipeline",
            "boltseal-testkit",
            "xtask",
        ],
    ),
];

/// Crate name to the names of what it uses outside its tests.
type Uses = BTreeMap<String, BTreeSet<String>>;

fn uses() -> Uses {
    let metadata = MetadataCommand::new().no_deps().exec().expect("cargo metadata answers");
    let members = metadata.workspace_packages().into_iter().map(|package| {
        let used = package.dependencies.iter();
        let used = used.filter(|dependency| dependency.kind != DependencyKind::Development);
        (package.name.to_string(), used.map(|dependency| dependency.name.clone()).collect())
    });
    members.collect()
}

/// What breaks the two tables above, one line each.
fn violations(uses: &Uses) -> Vec<String> {
    let arrows: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    let mut found = Vec::new();
    for (name, used) in uses {
        let Some(allowed) = arrows.get(name.as_str()) else {
            found.push(format!("{name} has no place in the table of arrows"));
            continue;
        };
        for other in used.iter().filter(|other| uses.contains_key(*other)) {
            if !allowed.contains(&other.as_str()) {
                found.push(format!("{name} must not use {other}"));
            }
        }
        for (prefix, keepers) in KEEPERS {
            for other in used.iter().filter(|other| other.starts_with(prefix)) {
                if !keepers.contains(&name.as_str()) {
                    found.push(format!("{name} must not use {other}; only {keepers:?} may"));
                }
            }
        }
    }
    found
}

#[test]
fn every_arrow_is_one_of_the_table() {
    let found = violations(&uses());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_table_names_no_crate_that_is_gone() {
    let uses = uses();
    let gone: Vec<&str> =
        ARROWS.into_iter().map(|(name, _)| name).filter(|name| !uses.contains_key(*name)).collect();
    assert!(gone.is_empty(), "{gone:?}");
}

#[test]
fn a_wrong_arrow_is_found() {
    let with = |name: &str, other: &str| {
        let mut uses = uses();
        uses.entry(name.to_owned()).or_default().insert(other.to_owned());
        violations(&uses)
    };
    let wrong = [
        ("boltseal-oci", "boltseal-ci"),
        ("boltseal-aws", "boltseal-oci"),
        ("boltseal-pipeline", "boltseal-aws"),
        ("boltseal-pipeline", "boltseal-oci"),
        ("boltseal-core", "boltseal-ports"),
        ("boltseal", "boltseal-testkit"),
        ("boltseal-verify", "reqwest"),
        ("boltseal-verify", "sigstore-verify"),
        ("boltseal-gate", "tokio"),
        ("boltseal-new", "serde"),
    ];
    for (name, other) in wrong {
        assert_eq!(with(name, other).len(), 1, "{name} -> {other}");
    }
}
