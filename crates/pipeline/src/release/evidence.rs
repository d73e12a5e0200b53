//! What goes into the evidence file of a release.

use boltseal_core::{Kind, Location, Tag};

use super::confirm::Confirmed;
use super::gate::Admitted;
use super::seal::SealedRelease;
use super::{ReleaseRequest, ReleaseWorld};
use crate::evidence::evidence_file::EvidenceFile;
use crate::evidence::signing_key::SigningKey;

pub(crate) fn file(
    request: &ReleaseRequest,
    world: &ReleaseWorld<'_>,
    sealed: &SealedRelease<'_>,
    confirmed: &Confirmed,
    admitted: &Admitted,
) -> EvidenceFile {
    let image = &sealed.identified.image;
    let children = if image.is_index() {
        image.images.iter().map(|it| it.manifest.clone()).collect()
    } else {
        Vec::new()
    };
    let keys = sealed.identified.keys.iter().map(SigningKey::public);
    EvidenceFile::of(&confirmed.accepted, &confirmed.collected, image.root.clone())
        .with_children(children)
        .with_names(names(world.destination.location(), &request.tags))
        .with_policy(admitted.policy.clone())
        .with_keys(keys)
        .with_summary(summary(sealed).as_ref())
}

/// The names that the image is listed under.
pub(crate) fn names(destination: &Location, tags: &[Tag]) -> Vec<String> {
    let name = |tag: &Tag| match destination {
        Location::Registry(repository) => format!("{repository}:{tag}"),
        _ => tag.to_string(),
    };
    tags.iter().map(name).collect()
}

/// The payload of the summary of the whole image.
fn summary(sealed: &SealedRelease<'_>) -> Option<boltseal_core::Digest> {
    let root = sealed.subjects.last()?;
    root.statements.iter().find(|it| it.kind == Kind::Vsa).map(|it| it.statement.clone())
}
