//! What a signature says about the names of an image, in `subject[0].annotations`.

use boltseal_core::{Exit, Kind, Reason, Tag};

use crate::Authentic;

/// The annotation that holds the repository.
pub const REPOSITORY_ANNOTATION: &str = "urn:boltseal:repository";
/// The annotation that holds the fixed tags, comma-separated.
pub const TAGS_ANNOTATION: &str = "urn:boltseal:tags";

/// The tags that the verifying signatures were made for, where every one of them names tags and
/// none names `tag`. A signature that names no tags binds none.
pub fn tag_not_bound(pieces: &[Authentic], tag: &Tag) -> Option<Vec<String>> {
    let signatures =
        pieces.iter().filter(|it| it.verifies() && it.claimed == Some(Kind::Signature));
    let mut others = Vec::new();
    for signature in signatures {
        let named = named_tags(signature)?;
        if named.iter().any(|name| name == tag.as_str()) {
            return None;
        }
        others.extend(named);
    }
    others.sort();
    others.dedup();
    (!others.is_empty()).then_some(others)
}

/// Why no verifying signature says that the digest is `tag`'s.
pub(crate) fn unbound(pieces: &[Authentic], tag: &Tag) -> Option<Reason> {
    let signatures =
        pieces.iter().filter(|it| it.verifies() && it.claimed == Some(Kind::Signature));
    let mut named: Vec<String> = signatures.filter_map(named_tags).flatten().collect();
    if named.iter().any(|name| name == tag.as_str()) {
        return None;
    }
    named.sort();
    named.dedup();
    let found = if named.is_empty() { "none".to_owned() } else { named.join(", ") };
    Some(
        Reason::new(Exit::Untrusted, "tag-not-bound")
            .expected(format!("a signature that names the tag {tag}"))
            .found(format!("tags that are named: {found}"))
            .place(tag.to_string())
            .fix(
                "verify the digest or the tag that was signed, or leave bind_tag out of the policy",
            ),
    )
}

fn named_tags(signature: &Authentic) -> Option<Vec<String>> {
    let subjects = &signature.statement.as_ref()?.subject;
    let value = subjects.iter().find_map(|subject| subject.annotations.get(TAGS_ANNOTATION))?;
    Some(value.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations_live_in_our_namespace() {
        for name in [REPOSITORY_ANNOTATION, TAGS_ANNOTATION] {
            assert!(name.starts_with(&format!("{}:", boltseal_core::NAMESPACE)));
        }
    }
}
