use boltseal_core::Kind;
use boltseal_verify::{Demands, Piece, SourceDemand};
use serde_json::{Value, json};

use crate::signed::{Key, evidence, image, judged, trust};

const OURS: &str = "git+https://github.com/acme/app@refs/tags/v1";
const THEIRS: &str = "git+https://github.com/mallory/app@refs/tags/v1";
const BUILDER: &str = "https://ci.example/builder";

fn provenance(key: &Key, source: &str, builder: &str) -> Piece {
    let external = if source.is_empty() { json!({}) } else { json!({"source": source}) };
    let predicate: Value = json!({
        "buildDefinition": {"buildType": "urn:x", "externalParameters": external},
        "runDetails": {"builder": {"id": builder}},
    });
    key.says(&image(), &Kind::Provenance, predicate)
}

fn sbom(key: &Key, url: &str) -> Piece {
    let links = json!([{"type": "vcs", "url": url}]);
    let component = json!({"externalReferences": links});
    let predicate = json!({"bomFormat": "CycloneDX", "metadata": {"component": component}});
    key.says(&image(), &Kind::Sbom, predicate)
}

fn demands() -> Demands {
    let source = SourceDemand {
        repository: Some("https://github.com/acme/app".to_owned()),
        refs: vec!["refs/tags/v*".to_owned()],
        builders: vec![BUILDER.to_owned()],
    };
    Demands { source, ..Demands::kinds(&[Kind::Provenance]) }
}

#[test]
fn at_least_one_provenance_is_what_is_demanded() {
    let key = Key::new("k");
    let judge = |pieces| judged(&evidence(pieces), &trust(&[&key]), &demands());
    assert_eq!(judge(vec![provenance(&key, OURS, BUILDER)]).0, 0);
    let branch = "git+https://github.com/acme/app@refs/heads/main";
    for (source, builder, code) in [
        ("", BUILDER, "no-source"),
        (THEIRS, BUILDER, "other-source"),
        (branch, BUILDER, "other-ref"),
        (OURS, "https://mallory.example/builder", "other-builder"),
    ] {
        assert_eq!(judge(vec![provenance(&key, source, builder)]), (11, vec![code]));
    }
    // What is not demanded, and contradicts nothing, changes nothing.
    let beside = vec![provenance(&key, OURS, BUILDER), provenance(&key, branch, BUILDER)];
    assert_eq!(judge(beside).0, 0);
}

#[test]
fn no_accepted_signer_may_name_another_source() {
    let key = Key::new("k");
    let stranger = Key::new("x");
    let judge = |other| {
        let pieces = vec![provenance(&key, OURS, BUILDER), other];
        judged(&evidence(pieces), &trust(&[&key]), &demands())
    };
    assert_eq!(judge(provenance(&key, THEIRS, BUILDER)), (11, vec!["other-source"]));
    assert_eq!(judge(sbom(&key, "https://github.com/mallory/app")), (11, vec!["other-source"]));
    assert_eq!(judge(sbom(&key, "https://github.com/acme/app.git")).0, 0);
    // Whoever may push must not be able to block a verification.
    assert_eq!(judge(provenance(&stranger, THEIRS, BUILDER)).0, 0);
}
