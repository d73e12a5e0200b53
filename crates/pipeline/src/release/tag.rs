//! Tag: moved last, and looked at afterwards.

use boltseal_core::{Digest, Pick, RawManifest, Tag};
use boltseal_ports::{Registry, TagWriter};

use super::identify::tag_taken;
use super::seal::SealedRelease;
use super::{ReleaseRequest, ReleaseWorld};
use crate::evidence::referrer::Referrer;
use crate::evidence::sealed::Sealed;
use crate::{Failure, TagMove};

/// What to point at an image.
pub(crate) struct TagPlan<'a> {
    pub(crate) registry: &'a dyn Registry,
    pub(crate) writer: &'a dyn TagWriter,
    pub(crate) manifest: &'a RawManifest,
    /// Tags that must be free, or hold the image.
    pub(crate) fixed: &'a [Tag],
    /// Fixed tags that were seen to hold the image.
    pub(crate) held: &'a [Tag],
    /// When the fixed tags were looked at.
    pub(crate) last_look: LastLook,
    /// Tags that may move.
    pub(crate) moving: &'a [Tag],
}

/// How long ago the fixed tags were seen to be free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LastLook {
    /// Nothing that takes long happened since; another look would tell nothing new.
    JustNow,
    /// Layers were sent since; others had the time to take the tag.
    LongAgo,
}

/// The tags that were moved, and what stopped the rest.
pub(crate) type Moved = (Vec<TagMove>, Option<Failure>);

pub(crate) async fn tag(
    request: &ReleaseRequest,
    world: &ReleaseWorld<'_>,
    sealed: &SealedRelease<'_>,
) -> Moved {
    let plan = TagPlan {
        registry: world.destination,
        writer: world.tags,
        manifest: &sealed.identified.image.root,
        fixed: &request.tags,
        held: &sealed.identified.held,
        last_look: LastLook::LongAgo,
        moving: &request.moving_tags,
    };
    let (moved, stopped) = move_tags(&plan).await;
    let linked = relink(world.destination, sealed).await;
    (moved, stopped.or(linked.err()))
}

/// Once more after the tag: somebody may have written the fallback index at the same time.
async fn relink(destination: &dyn Registry, sealed: &SealedRelease<'_>) -> Result<(), Failure> {
    for subject in &sealed.subjects {
        let new = subject.statements.iter().flat_map(Sealed::new_referrers);
        let listed: Vec<_> = new.map(Referrer::listed).collect();
        if !listed.is_empty() {
            destination.link_referrers(&subject.subject.digest, &listed).await?;
        }
    }
    Ok(())
}

/// Moves the fixed tags, then the moving ones; after each write the tag is read again.
pub(crate) async fn move_tags(plan: &TagPlan<'_>) -> Moved {
    let mut moved = Vec::new();
    let fixed = plan.fixed.iter().map(|tag| (tag, Rule::Fixed));
    for (tag, rule) in fixed.chain(plan.moving.iter().map(|tag| (tag, Rule::Moving))) {
        match plan.point(tag, rule).await {
            Ok(it) => moved.push(it),
            Err(failure) => return (moved, Some(failure)),
        }
    }
    (moved, None)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    Fixed,
    Moving,
}

impl TagPlan<'_> {
    async fn point(&self, tag: &Tag, rule: Rule) -> Result<TagMove, Failure> {
        let ours = self.manifest.digest();
        if self.held.contains(tag) {
            return Ok(TagMove { tag: tag.clone(), before: Some(ours.clone()) });
        }
        let before = match (rule, self.last_look) {
            (Rule::Fixed, LastLook::JustNow) => None,
            _ => self.read(tag).await?,
        };
        match &before {
            Some(theirs) if rule == Rule::Fixed && theirs != ours => {
                return Err(tag_taken(self.registry, tag, ours, theirs).into());
            }
            Some(theirs) if theirs == ours => {}
            _ => self.write(tag, ours).await?,
        }
        Ok(TagMove { tag: tag.clone(), before })
    }

    async fn write(&self, tag: &Tag, ours: &Digest) -> Result<(), Failure> {
        self.writer.put_tag(tag, self.manifest).await?;
        match self.read(tag).await? {
            Some(now) if now == *ours => Ok(()),
            Some(theirs) => Err(tag_taken(self.registry, tag, ours, &theirs).into()),
            None => Err(not_there(self.registry, tag, ours).into()),
        }
    }

    async fn read(&self, tag: &Tag) -> Result<Option<Digest>, Failure> {
        let found = self.registry.fetch_manifest(&Pick::Tag(tag.clone())).await?;
        Ok(found.map(|manifest| manifest.digest().clone()))
    }
}

fn not_there(registry: &dyn Registry, tag: &Tag, ours: &Digest) -> boltseal_core::Reason {
    boltseal_core::Reason::new(boltseal_core::Exit::Undetermined, "tag-vanished")
        .expected(format!("the tag {tag} to hold {ours} after it was written"))
        .found("the registry says that there is no such tag")
        .place(format!("{}:{tag}", registry.location()))
        .fix("run the release again: it continues from what is there")
}
