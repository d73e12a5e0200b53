//! Kyverno admits what boltseal released, under our key and no other.

use crate::policy::{Policy, admitted};
use crate::registry::Registry;
use crate::released::{PREDICATES, Released};

/// Its reader of bundles filters by `artifactType`, which the awkward registry misstates.
#[test]
fn sigstore_bundles_on_distribution() {
    let registry = Registry::distribution();
    let released = Released::into(&registry, "bundle");
    admits(&released, Policy::Bundle);
}

#[test]
fn sigstore_bundles_on_a_registry_with_referrers() {
    let registry = Registry::ferro();
    let released = Released::into(&registry, "bundle");
    admits(&released, Policy::Bundle);
}

#[test]
fn image_validating_policies_on_both() {
    for registry in [Registry::distribution(), Registry::ferro(), Registry::ggcr()] {
        let released = Released::into(&registry, "bundle");
        admits(&released, Policy::Validating);
    }
}

#[test]
fn the_classic_policy_on_a_legacy_release() {
    let registry = Registry::distribution();
    let released = Released::into(&registry, "bundle,legacy");
    let Released { pinned, ours, other, .. } = &released;
    admitted(&Policy::ClassicSignature.apply(pinned, ours));
    Policy::ClassicSignature.apply(pinned, other).refuses();
    for predicate in attested() {
        let policy = Policy::ClassicAttestation(predicate);
        admitted(&policy.apply(pinned, ours));
        policy.apply(pinned, other).refuses();
    }
}

fn admits(released: &Released, policy: impl Fn(&'static str) -> Policy) {
    for predicate in PREDICATES {
        admitted(&policy(predicate).apply(&released.pinned, &released.ours));
        policy(predicate).apply(&released.pinned, &released.other).refuses();
    }
    policy("https://example.test/never/v1").apply(&released.pinned, &released.ours).refuses();
}

fn attested() -> impl Iterator<Item = &'static str> {
    PREDICATES.into_iter().filter(|predicate| !predicate.ends_with("sign/v1"))
}
