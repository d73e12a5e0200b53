//! Confirm: everything fetched back, and verified by the verifier's own code.

use std::collections::BTreeSet;

use boltseal_core::{Digest, Exit, Kind, Reason};
use boltseal_verify::{Evidence, Format, Outcome, Release, Trust, Verified, judge};
use jiff::Timestamp;

use super::attach::Wrote;
use super::identify::collect_all;
use super::notation::OwnSignatures;
use super::seal::SealedRelease;
use super::{ReleaseRequest, ReleaseWorld};
use crate::evidence::collect::Collected;
use crate::evidence::signing_key::SigningKey;
use crate::{EvidenceFormats, Failure};

/// What was fetched back, and the proof that it is complete.
pub(crate) struct Confirmed {
    pub(crate) proof: Verified<Release>,
    /// The carriers of every piece that any of the keys verifies, in any format.
    pub(crate) accepted: BTreeSet<Digest>,
    pub(crate) collected: Collected,
}

/// Fetches back what a release wrote. Where nothing was written, what `identify` fetched stands:
/// it came from the registry in this very run.
pub(crate) async fn confirm_release(
    request: &ReleaseRequest,
    world: &ReleaseWorld<'_>,
    sealed: &SealedRelease<'_>,
    wrote: Wrote,
) -> Result<Confirmed, Failure> {
    let trusts: Vec<Trust> = sealed.identified.keys.iter().map(SigningKey::trust).collect();
    let awaited = sealed.notation.as_ref().is_some_and(|it| it.awaited);
    let collected = if wrote == Wrote::Something || awaited {
        collect_all(world.destination, &sealed.identified.image, request.formats).await
    } else {
        sealed.identified.collected.clone()
    };
    let now = world.clock.now();
    let confirmed = confirm(collected, &trusts, &sealed.kinds, request.formats, now)?;
    match &sealed.notation {
        Some(own) => with_notation(confirmed, own, now),
        None => Ok(confirmed),
    }
}

/// The Notation signatures as well, each of every subject: readers of that format look at no
/// other.
fn with_notation(
    mut confirmed: Confirmed,
    own: &OwnSignatures,
    now: Timestamp,
) -> Result<Confirmed, Failure> {
    let trust = Trust::in_notation(own.trust.clone());
    let view = only(&confirmed.collected.evidence, |it| it == Format::Notation);
    for evidence in std::iter::once(&view).chain(&view.children) {
        let verified = reasons_of(judge(evidence, &trust, &[Kind::Signature], now).outcome)?;
        confirmed.accepted.extend(verified.accepted().iter().map(|it| it.carrier.clone()));
    }
    Ok(confirmed)
}

/// Judges a set as complete under every key by itself, and every child of an index by itself; in
/// each of the formats by itself, because readers look at one only.
pub(crate) fn confirm(
    collected: Collected,
    trusts: &[Trust],
    kinds: &[Kind],
    formats: EvidenceFormats,
    now: Timestamp,
) -> Result<Confirmed, Failure> {
    let mut proof = None;
    let mut accepted = BTreeSet::new();
    let mut reasons: Vec<Reason> = Vec::new();
    for trust in trusts {
        for evidence in views(&collected.evidence, formats) {
            for child in &evidence.children {
                reasons.extend(reasons_of(judge(child, trust, kinds, now).outcome).err());
            }
            match reasons_of(judge(&evidence, trust, kinds, now).outcome) {
                Ok(verified) => {
                    accepted.extend(verified.accepted().iter().map(|it| it.carrier.clone()));
                    proof = Some(verified);
                }
                Err(reason) => reasons.push(reason),
            }
        }
    }
    match proof {
        Some(proof) if reasons.is_empty() => Ok(Confirmed { proof, accepted, collected }),
        _ => Err(Failure::of(reasons)),
    }
}

/// The evidence as readers of each format see it.
fn views(evidence: &Evidence, formats: EvidenceFormats) -> Vec<Evidence> {
    if formats.bundles() && formats.legacy() {
        return vec![
            only(evidence, |it| it == Format::Bundle),
            only(evidence, |it| matches!(it, Format::LegacyAttestation | Format::LegacySignature)),
        ];
    }
    vec![evidence.clone()]
}

fn only(evidence: &Evidence, wanted: fn(Format) -> bool) -> Evidence {
    let mut view = evidence.clone();
    view.pieces.retain(|piece| wanted(piece.content.format()));
    view.children = evidence.children.iter().map(|child| only(child, wanted)).collect();
    view
}

/// The proof, or the first reason why not.
fn reasons_of(outcome: Outcome) -> Result<Verified<Release>, Reason> {
    match outcome {
        Outcome::Verified(proof) => Ok(proof),
        Outcome::Refused(reasons) | Outcome::Undetermined(reasons) => {
            Err(reasons.into_iter().next().unwrap_or_else(silent))
        }
    }
}

/// A verifier that refuses and does not say why.
fn silent() -> Reason {
    Reason::new(Exit::Bug, "refused-without-reason")
        .expected("a reason why the evidence that was fetched back does not verify")
        .found("none")
        .place("the confirm step")
        .fix("report this as a bug of boltseal; the tag was not moved")
}
