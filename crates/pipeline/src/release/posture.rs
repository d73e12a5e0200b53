//! Posture: who else could replace what is released, found out while the image is inspected.

use boltseal_core::{Kind, NAMESPACE, Reason, Severity, own_uri};
use boltseal_ports::{PostureScope, PostureSource};
use boltseal_posture::{Finding, Outcome, Posture, PublicPull, Request};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Record, ReleaseWorld};
use crate::Failure;
use crate::evidence::statement_maker::{seconds, version};
use crate::evidence::summary::resource_uri;

/// The id of findings about what could not be seen.
const UNKNOWN: &str = "posture-unknown";

/// How a release looks at the posture of its destination.
pub struct PostureCheck<'a> {
    /// Where the documents come from.
    pub source: &'a dyn PostureSource,
    /// What is looked at.
    pub scope: PostureScope,
    /// What it is judged against.
    pub request: Request,
    /// What a refusal does.
    pub effect: PostureEffect,
    /// Whether it becomes evidence.
    pub attestation: PostureAttestation,
}

/// What a posture that refuses does to a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PostureEffect {
    /// It is a warning.
    Warn,
    /// It ends the release before anything is written.
    Block,
}

/// Whether a posture becomes evidence, of the predicate type `urn:boltseal:posture:v1`. It is not
/// among the kinds that make a release complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PostureAttestation {
    /// It does.
    Written,
    /// It does not.
    #[default]
    None,
}

/// The kind of the statement about a posture.
pub(crate) fn kind() -> Kind {
    Kind::Other(own_uri("posture"))
}

/// Fetches and judges; none where no posture is looked at.
pub(crate) async fn look(world: &ReleaseWorld<'_>) -> Option<Result<Posture, Failure>> {
    let check = world.posture.as_ref()?;
    Some(crate::preflight(check.source, &check.scope, &check.request).await)
}

/// Makes of a posture what the release was told to.
///
/// # Errors
/// Its reasons, where it blocks.
pub(crate) fn weigh(
    world: &ReleaseWorld<'_>,
    looked: Option<Result<Posture, Failure>>,
    record: &mut Record,
) -> Result<(), Failure> {
    let (Some(check), Some(looked)) = (&world.posture, looked) else { return Ok(()) };
    let reasons = match &looked {
        Ok(posture) => posture.reasons.clone(),
        Err(failure) => failure.reasons().to_vec(),
    };
    let is_blocked = check.effect == PostureEffect::Block && !reasons.is_empty();
    if !is_blocked {
        record.warn_all(world, reasons.iter().map(told).collect());
    }
    match looked {
        Ok(posture) => {
            record.warn_all(world, beside(&posture));
            record.posture = Some(posture);
        }
        Err(_) if check.attestation == PostureAttestation::Written && !is_blocked => {
            record.warn(world, "posture: it could not be judged, and is not attested".to_owned());
        }
        Err(_) => {}
    }
    if is_blocked { Err(Failure::of(reasons)) } else { Ok(()) }
}

fn told(reason: &Reason) -> String {
    let Reason { code, found, place, fix, .. } = reason;
    format!("posture: {code}: {found} ({place}); {fix}")
}

/// What refuses nothing and should be known all the same.
fn beside(posture: &Posture) -> Vec<String> {
    let others = || posture.findings.iter().filter(|it| !it.refuses);
    let unseen: Vec<&str> =
        others().filter(|it| it.id == UNKNOWN).map(|it| it.place.as_str()).collect();
    let grave = |it: &&Finding| it.severity <= Severity::High && it.id != UNKNOWN;
    let grave: Vec<&str> = others().filter(grave).map(|it| it.id).collect();
    let said = |what: &str, list: &[&str]| {
        (!list.is_empty()).then(|| format!("posture: {what}: {}", list.join(", ")))
    };
    let hint = format!("{UNKNOWN}: could not be read");
    said(&hint, &unseen)
        .into_iter()
        .chain(said("grave, though it refuses nothing (boltseal preflight tells more)", &grave))
        .collect()
}

/// The posture that becomes evidence, where one does.
pub(crate) fn attested<'r>(
    world: &ReleaseWorld<'_>,
    posture: Option<&'r Posture>,
) -> Option<&'r Posture> {
    let check = world.posture.as_ref()?;
    posture.filter(|_| check.attestation == PostureAttestation::Written)
}

/// What the statement says.
pub(crate) fn predicate(world: &ReleaseWorld<'_>, posture: &Posture, now: Timestamp) -> Value {
    let policy = world.posture.as_ref().map(|check| {
        let Request { allow_push, public_pull, refuse_at, .. } = &check.request;
        let allowed: Vec<&str> = allow_push.iter().map(boltseal_posture::Allowed::as_str).collect();
        json!({
            "effect": check.effect,
            "level": refuse_at.name(),
            "allowPush": allowed,
            "allowPublicPull": *public_pull == PublicPull::Allowed,
        })
    });
    json!({
        "verifier": {"id": NAMESPACE, "version": version()},
        "evaluatedOn": seconds(now),
        "resourceUri": resource_uri(world.destination.location()),
        "policy": policy,
        "outcome": outcome(posture),
        "findings": posture.findings,
        "rights": posture.rights,
        "documents": posture.documents,
        "notLookedAt": posture.not_looked_at,
    })
}

const fn outcome(posture: &Posture) -> &'static str {
    match posture.outcome {
        Outcome::Passed => "passed",
        Outcome::Refused => "refused",
        Outcome::Undetermined => "undetermined",
    }
}

/// Whether two statements about a posture say the same: all but who says it, and when.
pub(crate) fn says_the_same(old: &Value, new: &Value) -> bool {
    let same = |name: &&str| old.get(name).is_some() && old.get(name) == new.get(name);
    ["resourceUri", "policy", "outcome", "findings", "rights", "notLookedAt"].iter().all(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_posture_is_the_same_whenever_it_was_looked_at() {
        let of = |time: &str, outcome: &str| {
            json!({"verifier": {"id": NAMESPACE}, "evaluatedOn": time, "resourceUri": "oci://h/a",
                "policy": null, "outcome": outcome, "findings": [], "rights": {},
                "notLookedAt": []})
        };
        assert!(says_the_same(
            &of("2026-06-01T00:00:00Z", "passed"),
            &of("2026-06-02T00:00:00Z", "passed")
        ));
        assert!(!says_the_same(
            &of("2026-06-01T00:00:00Z", "passed"),
            &of("2026-06-01T00:00:00Z", "refused")
        ));
        assert!(!says_the_same(&json!({}), &json!({})), "what says nothing is not adopted");
    }
}
