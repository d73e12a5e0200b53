use boltseal_core::{Pick, Tag, Target};
use boltseal_pipeline::Failure;
use clap::Args;

use crate::usage::usage;

/// Tags to write.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct TagArgs {
    /// A further tag; like the one in the destination it must not be held by another digest.
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<Tag>,

    /// A tag that may move, after all others.
    #[arg(long = "moving-tag", value_name = "TAG")]
    pub(crate) moving_tags: Vec<Tag>,
}

/// The fixed tags of a release: the one in the destination, then the others, each once.
pub(crate) fn release_tags(
    destination: &Target,
    fixed: &[Tag],
    moving: &[Tag],
) -> Result<Vec<Tag>, Failure> {
    let mut tags = Vec::new();
    if let Some(Pick::Tag(tag)) = &destination.pick {
        tags.push(tag.clone());
    }
    for tag in fixed {
        if !tags.contains(tag) {
            tags.push(tag.clone());
        }
    }
    for tag in tags.iter().chain(moving) {
        refuse_reserved(tag)?;
    }
    match moving.iter().find(|tag| tags.contains(tag)) {
        None => Ok(tags),
        Some(tag) => Err(usage(
            "tag-twice",
            "a tag that is either fixed or may move",
            format!("{tag} named as both"),
            "name it once: --tag for a fixed one, --moving-tag for one that may move",
        )),
    }
}

fn refuse_reserved(tag: &Tag) -> Result<(), Failure> {
    if !tag.is_reserved() {
        return Ok(());
    }
    Err(usage(
        "tag-reserved",
        "a tag of your own",
        format!("{tag}, which belongs to the tag schema of referrers and of cosign"),
        "name another tag",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(destination: &str, fixed: &[&str], moving: &[&str]) -> Result<Vec<String>, Failure> {
        let parse = |names: &[&str]| -> Vec<Tag> {
            names.iter().map(|name| name.parse().unwrap()).collect()
        };
        let tags = release_tags(&destination.parse().unwrap(), &parse(fixed), &parse(moving))?;
        Ok(tags.iter().map(Tag::to_string).collect())
    }

    #[test]
    fn the_destination_comes_first_and_each_tag_once() {
        assert_eq!(tags("h.example/a:1", &["2", "1", "2"], &["latest"]).unwrap(), ["1", "2"]);
        assert_eq!(tags("h.example/a", &[], &[]).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn reserved_and_contradictory_tags_are_refused() {
        let reserved = format!("sha256-{}", "a".repeat(64));
        let code = |result: Result<_, Failure>| result.unwrap_err().reasons()[0].code;
        assert_eq!(code(tags(&format!("h.example/a:{reserved}"), &[], &[])), "tag-reserved");
        assert_eq!(code(tags("h.example/a:1", &[], &[&format!("{reserved}.sig")])), "tag-reserved");
        assert_eq!(code(tags("h.example/a:1", &[], &["1"])), "tag-twice");
    }
}
