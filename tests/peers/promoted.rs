//! A promotion carries the release's evidence along and adds its own under another key; the peers
//! tell the two apart.

use crate::cosign::{Cosign, Form, NO_ENVELOPE_BY_KEY, verified_types};
use crate::key_pair::KeyPair;
use crate::policy::Policy;
use crate::program::Program;
use crate::registry::Registry;
use crate::released::{PREDICATES, Released};

const PROMOTION: &str = "urn:boltseal:promotion:v1";

#[test]
fn from_one_registry_into_another() {
    let (distribution, ferro) = (Registry::distribution(), Registry::ferro());
    promote(&distribution, &ferro);
    promote(&ferro, &distribution);
}

fn promote(from: &Registry, to: &Registry) {
    let released = Released::into(from, "bundle");
    let Released { ours, other, pinned, release, image, .. } = &released;
    let promoter = KeyPair::by_cosign(&image.path(""), "promoter");
    let there = format!("{}/prod/app", to.host());
    let (public, private) = (ours.public(), promoter.private());
    let tagged = format!("{there}:1.0.0");
    let keys = ["--key", &public, "--promotion-key", &private];
    let words = [&["promote", pinned, &tagged, "--format", "json"], &keys[..]].concat();
    let result = Program::boltseal().run(&words).passes().json();
    assert_eq!(result["outcome"], "promoted", "{result}");

    let there = format!("{there}@{}", release.digest);
    let summary = PREDICATES[3];
    let mut original = PREDICATES.to_vec();
    original.sort_unstable();
    for cosign in [Cosign::V3, Cosign::V26] {
        for (key, expected) in [(ours, &original[..]), (&promoter, &[summary, PROMOTION])] {
            let verified = cosign.verify(&there, key, Form::Bundle).passes();
            assert_eq!(verified_types(&verified, &release.digest), expected);
            cosign.verify_attestation(&there, summary, key, Form::Bundle).passes();
        }
        cosign.verify(&there, other, Form::Bundle).refuses(NO_ENVELOPE_BY_KEY);
        cosign.verify_attestation(&there, PROMOTION, &promoter, Form::Bundle).passes();
    }
    for policy in [Policy::Bundle, Policy::Validating] {
        policy(summary).tells_apart(&there, ours, other);
        policy(summary).tells_apart(&there, &promoter, other);
        policy(PROMOTION).tells_apart(&there, &promoter, other);
    }
}
