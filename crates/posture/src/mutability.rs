use crate::documents::Repository;
use crate::pattern;

/// Whether a tag can be moved once it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagFate {
    /// It can.
    Mutable,
    /// It can, because an exclusion filter of an immutable repository matches it.
    MutableByExclusion,
    /// It cannot.
    Immutable,
}

/// The fate of `tag` under `imageTagMutability` and its exclusion filters; none for a setting that
/// is not known.
///
/// ```
/// use boltseal_posture::{TagFate, tag_fate};
/// let filters = ["sha256-*".to_owned()];
/// let fate = |tag| tag_fate("IMMUTABLE_WITH_EXCLUSION", &filters, tag);
/// assert_eq!(fate("1.2.3"), Some(TagFate::Immutable));
/// assert_eq!(fate("sha256-00.sig"), Some(TagFate::MutableByExclusion));
/// ```
pub fn tag_fate(mutability: &str, exclusions: &[String], tag: &str) -> Option<TagFate> {
    let is_excluded = exclusions.iter().any(|filter| pattern::matches(filter, tag));
    match (mutability, is_excluded) {
        ("MUTABLE", _) | ("MUTABLE_WITH_EXCLUSION", false) => Some(TagFate::Mutable),
        ("IMMUTABLE", _)
        | ("IMMUTABLE_WITH_EXCLUSION", false)
        | ("MUTABLE_WITH_EXCLUSION", true) => Some(TagFate::Immutable),
        ("IMMUTABLE_WITH_EXCLUSION", true) => Some(TagFate::MutableByExclusion),
        _ => None,
    }
}

impl Repository {
    pub(crate) fn exclusions(&self) -> Vec<String> {
        self.image_tag_mutability_exclusion_filters.iter().map(|it| it.filter.clone()).collect()
    }

    pub(crate) fn tag_fate(&self, tag: &str) -> Option<TagFate> {
        tag_fate(self.image_tag_mutability.as_deref()?, &self.exclusions(), tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_turn_the_setting_around() {
        let filters = ["latest".to_owned(), "dev-*".to_owned()];
        for (mutability, tag, fate) in [
            ("MUTABLE", "1", Some(TagFate::Mutable)),
            ("IMMUTABLE", "latest", Some(TagFate::Immutable)),
            ("IMMUTABLE_WITH_EXCLUSION", "1", Some(TagFate::Immutable)),
            ("IMMUTABLE_WITH_EXCLUSION", "dev-1", Some(TagFate::MutableByExclusion)),
            ("MUTABLE_WITH_EXCLUSION", "1", Some(TagFate::Mutable)),
            ("MUTABLE_WITH_EXCLUSION", "latest", Some(TagFate::Immutable)),
            ("SOMETIMES", "1", None),
        ] {
            assert_eq!(tag_fate(mutability, &filters, tag), fate, "{mutability} {tag}");
        }
    }
}
