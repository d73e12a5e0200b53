//! Adoption: when a statement that is there makes a new one unnecessary (DESIGN.md, invariant 5).

use boltseal_core::predicate::{Promotion, Provenance, Vsa, Vuln};
use boltseal_core::{Kind, Statement, own_uri};
use boltseal_verify::{Authentic, Format};

use crate::release::posture;

/// What there is already about one subject, as seen with each key: `existing[k]` are the pieces
/// judged with trust in key `k` alone.
pub(crate) type Existing<'a> = &'a [Vec<Authentic>];

/// The signed bytes of a statement that is there, verifies under one of the keys, and says the
/// same. A simple-signing payload is no statement, so it is never taken for one.
pub(crate) fn adoptable(statement: &Statement, existing: Existing<'_>) -> Option<Vec<u8>> {
    let says_it = |piece: &&Authentic| {
        piece.verifies()
            && matches!(piece.format, Format::Bundle | Format::LegacyAttestation)
            && piece.statement.as_ref().is_some_and(|it| says_the_same(it, statement))
    };
    existing.iter().flatten().find(says_it).map(|piece| piece.signed.clone())
}

/// Whether a statement that is there makes a new one unnecessary (DESIGN.md, invariant 5).
fn says_the_same(old: &Statement, new: &Statement) -> bool {
    if old.kind() != new.kind() {
        return false;
    }
    match new.kind() {
        Kind::Signature => true,
        Kind::Provenance => same(old, new, |it: &Provenance| {
            let definition = &it.build_definition;
            let builder = it.run_details.builder.id.clone();
            let parameters = definition.external_parameters.clone();
            let dependencies = definition.resolved_dependencies.clone();
            Some((definition.build_type.clone(), builder, parameters, dependencies))
        }),
        Kind::Vuln => same(old, new, |it: &Vuln| it.report.as_ref().map(|it| it.digest.clone())),
        Kind::Vsa => same(old, new, |it: &Vsa| {
            let inputs = it.input_attestations.iter().map(|input| input.statement.clone());
            let mut inputs: Vec<_> = inputs.collect();
            inputs.sort();
            let policy = it.policy.digest.clone();
            Some((policy, inputs, it.verification_result, it.resource_uri.clone()))
        }),
        Kind::Other(uri) if uri == own_uri("promotion") => same(old, new, |it: &Promotion| {
            let (from, to, tags) = (it.from.clone(), it.to.clone(), it.tags.clone());
            Some((from, to, tags, it.policy.clone(), it.evidence.clone()))
        }),
        Kind::Other(uri) if uri == own_uri("posture") => {
            posture::says_the_same(&old.predicate, &new.predicate)
        }
        Kind::Sbom | Kind::Other(_) => old.predicate == new.predicate,
    }
}

fn same<T, K>(old: &Statement, new: &Statement, key: impl Fn(&T) -> Option<K>) -> bool
where
    T: serde::de::DeserializeOwned,
    K: PartialEq,
{
    let read = |it: &Statement| serde_json::from_value::<T>(it.predicate.clone()).ok();
    match (read(old).as_ref().and_then(&key), read(new).as_ref().and_then(&key)) {
        (Some(old), Some(new)) => old == new,
        _ => false,
    }
}
