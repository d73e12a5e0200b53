//! Attach: the new pieces of evidence, as referrers.

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::seal::{SealedRelease, SealedSubject};
use super::{ReleaseRequest, ReleaseWorld};
use crate::piece_writer::{Referrer, push_empty_config};
use crate::{Failure, legacy};
use boltseal_core::Kind;

const AT_ONCE: usize = 4;

/// What the attach step wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wrote {
    pub(crate) bundles: bool,
    pub(crate) legacy: bool,
}

impl Wrote {
    pub(crate) const fn anything(self) -> bool {
        self.bundles || self.legacy
    }
}

pub(crate) async fn attach(
    request: &ReleaseRequest,
    world: &ReleaseWorld<'_>,
    sealed: &SealedRelease<'_>,
) -> Result<Wrote, Failure> {
    let mut wrote = Wrote::default();
    if request.formats.bundles() {
        let new = sealed.subjects.iter().flat_map(|it| &it.statements).any(|it| !it.is_adopted());
        if new {
            push_empty_config(world.destination).await?;
            wrote.bundles = true;
        }
        for subject in &sealed.subjects {
            attach_bundles(world, subject).await?;
        }
    }
    if request.formats.legacy() {
        for subject in &sealed.subjects {
            let keys = &sealed.identified.keys;
            wrote.legacy |= legacy::attach(request, world, subject, keys).await?;
        }
    }
    Ok(wrote)
}

/// The summary comes after what it lists, so that what is there of an interrupted release can be
/// adopted; the signature comes last, so that a crash never leaves it alone.
async fn attach_bundles(world: &ReleaseWorld<'_>, subject: &SealedSubject) -> Result<(), Failure> {
    let mut listed = Vec::new();
    for rank in 0..3 {
        let statements = subject.statements.iter().filter(|it| rank_of(&it.kind) == rank);
        let batch: Vec<&Referrer> =
            statements.flat_map(super::super::sealed::Sealed::new_referrers).collect();
        let pushes = batch.iter().map(|referrer| referrer.push(world.destination));
        stream::iter(pushes).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await?;
        listed.extend(batch.iter().map(|it| it.listed()));
    }
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
