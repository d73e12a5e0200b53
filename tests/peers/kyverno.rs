//! Kyverno admits what boltseal released, under our key and no other.

use crate::image::Image;
use crate::policy::{NO_BUNDLE, Policy, refused};
use crate::registry::Registry;
use crate::released::{NEVER, PREDICATES, Released, attestations};

/// Its reader of bundles filters by `artifactType`, which the awkward registry misstates.
#[test]
fn sigstore_bundles_on_distribution() {
    bundles(&Registry::distribution());
}

#[test]
fn sigstore_bundles_on_a_registry_with_referrers() {
    bundles(&Registry::ferro());
}

fn bundles(registry: &Registry) {
    let released = Released::into(registry, "bundle");
    let Released { pinned, ours, other, .. } = &released;
    for policy in PREDICATES.map(Policy::Bundle) {
        policy.tells_apart(pinned, ours, other);
    }
    Policy::AnyBundle.tells_apart(pinned, ours, other);
    refused(&Policy::Bundle(NEVER).apply(pinned, ours), NO_BUNDLE);
}

#[test]
fn image_validating_policies_everywhere() {
    for registry in [Registry::distribution(), Registry::ferro(), Registry::ggcr()] {
        let released = Released::into(&registry, "bundle");
        let Released { pinned, ours, other, .. } = &released;
        for policy in PREDICATES.map(Policy::Validating) {
            policy.tells_apart(pinned, ours, other);
        }
        let absent = format!("required predicate type {NEVER} not found");
        refused(&Policy::Validating(NEVER).apply(pinned, ours), &absent);
    }
}

#[test]
fn the_classic_policy_on_a_legacy_release() {
    for registry in [Registry::distribution(), Registry::ferro()] {
        let released = Released::into(&registry, "bundle,legacy");
        let Released { pinned, ours, other, .. } = &released;
        Policy::ClassicSignature.tells_apart(pinned, ours, other);
        for policy in attestations().map(Policy::ClassicAttestation) {
            policy.tells_apart(pinned, ours, other);
        }
        let absent = format!("not found for predicate type {NEVER}");
        refused(&Policy::ClassicAttestation(NEVER).apply(pinned, ours), &absent);
        // The bundles beside it are not hidden by the legacy set.
        Policy::Bundle(PREDICATES[0]).tells_apart(pinned, ours, other);
        Policy::Validating(PREDICATES[0]).tells_apart(pinned, ours, other);
    }
}

/// Only a legacy set meets the classic policy, and only bundles meet the others' attestations.
#[test]
fn a_release_in_one_format_meets_the_policies_of_that_format() {
    let registry = Registry::distribution();
    let released = Released::into(&registry, "bundle");
    let classic = Policy::ClassicSignature.apply(&released.pinned, &released.ours);
    refused(&classic, "no signatures found");
    let registry = Registry::distribution();
    let released = Released::into(&registry, "legacy");
    let bundle = Policy::Bundle(PREDICATES[0]).apply(&released.pinned, &released.ours);
    refused(&bundle, NO_BUNDLE);
    let validating = Policy::Validating(PREDICATES[0]).apply(&released.pinned, &released.ours);
    refused(&validating, "cosign bundle verification failed");
}

#[test]
fn the_policy_of_the_document() {
    let registry = Registry::distribution();
    let Released { pinned, ours, other, .. } = &Released::into(&registry, "bundle");
    Policy::Documented.tells_apart(pinned, ours, other);
}

/// A pod names the index; Kyverno reads what is about the index itself.
#[test]
fn an_index() {
    let registry = Registry::distribution();
    let released = Released::of(Image::of_two_platforms(), &registry, "bundle");
    let Released { pinned, ours, other, .. } = &released;
    for predicate in [PREDICATES[0], PREDICATES[3], PREDICATES[4]] {
        Policy::Bundle(predicate).tells_apart(pinned, ours, other);
        Policy::Validating(predicate).tells_apart(pinned, ours, other);
    }
}
