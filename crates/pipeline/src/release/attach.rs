//! Attach: the new pieces of evidence, as referrers and under cosign's tags.

use boltseal_core::{Descriptor, Exit, Kind, Reason};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::ReleaseWorld;
use super::seal::{SealedRelease, SealedSubject};
use crate::Failure;
use crate::evidence::legacy::{LegacyLayer, LegacySet};
use crate::evidence::referrer::{Referrer, push_empty_config};
use crate::evidence::sealed::Sealed;

const AT_ONCE: usize = 4;

/// Whether the attach step wrote anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrote {
    Nothing,
    Something,
}

pub(crate) async fn attach(
    world: &ReleaseWorld<'_>,
    sealed: &SealedRelease<'_>,
) -> Result<Wrote, Failure> {
    let statements = || sealed.subjects.iter().flat_map(|it| &it.statements);
    if statements().all(Sealed::is_adopted) {
        return Ok(Wrote::Nothing);
    }
    check_room(world, sealed)?;
    if statements().flat_map(Sealed::new_referrers).next().is_some() {
        push_empty_config(world.destination).await?;
    }
    for subject in &sealed.subjects {
        attach_bundles(world, subject).await?;
        attach_legacy(world, subject).await?;
        attach_notation(world, subject).await?;
        link(world, subject).await?;
    }
    Ok(Wrote::Something)
}

/// A service that takes no more referrers of a subject would say so in the middle.
fn check_room(world: &ReleaseWorld<'_>, sealed: &SealedRelease<'_>) -> Result<(), Failure> {
    let Some(rules) = world.destination.rules() else { return Ok(()) };
    let most = rules.most_referrers();
    for subject in &sealed.subjects {
        let digest = &subject.subject.digest;
        let there = sealed.identified.collected.listed.get(digest).copied().unwrap_or_default();
        let new = subject.statements.iter().flat_map(Sealed::new_referrers).count();
        if there + new > most {
            let place = format!("{}@{digest}", world.destination.location());
            return Err(Reason::new(Exit::Invalid, "referrers-full")
                .expected(format!("room for {new} more of the {most} referrers that one image may have"))
                .found(format!("{there} referrers"))
                .place(place)
                .fix("delete old ones by their digests (`boltseal inspect` lists them), or build anew")
                .into());
        }
    }
    Ok(())
}

async fn attach_legacy(world: &ReleaseWorld<'_>, subject: &SealedSubject) -> Result<(), Failure> {
    let layers: Vec<&LegacyLayer> =
        subject.statements.iter().flat_map(Sealed::new_layers).collect();
    let (registry, tags) = (world.destination, world.tags);
    LegacySet { registry, tags, subject: &subject.subject.digest }.add(&layers).await
}

/// The summary comes after what it lists, so that what is there of an interrupted release can be
/// adopted; the signature comes last, so that a crash never leaves it alone.
async fn attach_bundles(world: &ReleaseWorld<'_>, subject: &SealedSubject) -> Result<(), Failure> {
    for rank in 0..3 {
        let statements = subject.statements.iter().filter(|it| rank_of(&it.kind) == rank);
        let new = statements.flat_map(Sealed::new_referrers).filter(|it| !it.is_notation());
        let pushes = new.map(|referrer| referrer.push(world.destination));
        stream::iter(pushes).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await?;
    }
    Ok(())
}

/// A signature as well, so it comes after both sets of statements.
async fn attach_notation(world: &ReleaseWorld<'_>, subject: &SealedSubject) -> Result<(), Failure> {
    let new = subject.statements.iter().flat_map(Sealed::new_referrers);
    for signature in new.filter(|it| it.is_notation()) {
        signature.push(world.destination).await?;
    }
    Ok(())
}

/// One write of the fallback index, for all that was pushed about a subject.
async fn link(world: &ReleaseWorld<'_>, subject: &SealedSubject) -> Result<(), Failure> {
    let new = subject.statements.iter().flat_map(Sealed::new_referrers);
    let listed: Vec<Descriptor> = new.map(Referrer::listed).collect();
    if !listed.is_empty() {
        world.destination.link_referrers(&subject.subject.digest, &listed).await?;
    }
    Ok(())
}

const fn rank_of(kind: &Kind) -> u8 {
    match kind {
        Kind::Signature => 2,
        Kind::Vsa => 1,
        _ => 0,
    }
}
