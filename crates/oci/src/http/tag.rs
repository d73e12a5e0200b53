//! Moves tags.

use boltseal_core::{Pick, RawManifest, Tag};
use boltseal_ports::{RegistryError, RegistryErrorKind};

use super::answer::Answer;
use super::exchange::Exchange;
use super::manifest;

/// Points a tag at a manifest that is stored already.
pub(super) async fn put(
    exchange: &Exchange,
    tag: &Tag,
    manifest: &RawManifest,
) -> Result<(), RegistryError> {
    let reference = manifest::checked(exchange, tag)?;
    let answer = manifest::put(exchange, reference, manifest).await?;
    let immutable = |it: super::complaint::Complaint| it.is_immutable_tag();
    if !answer.status.is_client_error() || !answer.complaint().is_some_and(immutable) {
        return manifest::stored(&answer, manifest);
    }
    // Said too where the tag holds this very manifest, be it by an attempt whose answer was lost.
    let holder = manifest::fetch(exchange, &Pick::Tag(tag.clone())).await?;
    match holder {
        Some(holder) if holder.digest() == manifest.digest() => Ok(()),
        holder => Err(held(&answer, tag, holder.as_ref())),
    }
}

fn held(answer: &Answer, tag: &Tag, holder: Option<&RawManifest>) -> RegistryError {
    let held_by = holder.map_or_else(String::new, |it| format!("; it holds {}", it.digest()));
    answer
        .error(RegistryErrorKind::Immutable)
        .expected(format!("a tag {tag} that is free, or may move"))
        .found(format!("{}{held_by}", answer.summary()))
        .fix("choose another tag, or exclude this name from the repository's tag immutability")
}
