use super::wildcard::matches;

/// Which tags of a repository can be set once and never moved: its `imageTagMutability` with the
/// exclusion filters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImmutableTags {
    /// None: every tag can move.
    None,
    /// Every tag.
    All,
    /// Every tag that matches none of these filters.
    AllExcept(Vec<String>),
    /// The tags that match one of these filters.
    Only(Vec<String>),
}

impl ImmutableTags {
    /// What ECR's setting means; [`None`] for one that is not known.
    pub fn of(mutability: &str, filters: Vec<String>) -> Option<Self> {
        match mutability {
            "MUTABLE" => Some(Self::None),
            "IMMUTABLE" => Some(Self::All),
            "IMMUTABLE_WITH_EXCLUSION" => Some(Self::AllExcept(filters)),
            "MUTABLE_WITH_EXCLUSION" => Some(Self::Only(filters)),
            _ => None,
        }
    }

    /// Whether `tag`, once it is set, can never be moved.
    ///
    /// ```
    /// use boltseal_aws::ImmutableTags;
    /// let tags = ImmutableTags::AllExcept(vec!["sha256-*".to_owned()]);
    /// assert!(tags.holds("1.2") && !tags.holds("sha256-0123.sig"));
    /// ```
    pub fn holds(&self, tag: &str) -> bool {
        let any = |filters: &[String]| filters.iter().any(|filter| matches(filter, tag));
        match self {
            Self::None => false,
            Self::All => true,
            Self::AllExcept(filters) => !any(filters),
            Self::Only(filters) => any(filters),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_setting_holds_the_tags_it_says() {
        let filters = || vec!["sha256-*".to_owned(), "latest".to_owned()];
        let holds =
            |setting: &str, tag: &str| ImmutableTags::of(setting, filters()).unwrap().holds(tag);
        for (tag, excluded) in
            [("1.2", false), ("latest", true), ("latest-2", false), ("sha256-0", true)]
        {
            assert!(!holds("MUTABLE", tag));
            assert!(holds("IMMUTABLE", tag));
            assert_eq!(holds("IMMUTABLE_WITH_EXCLUSION", tag), !excluded, "{tag}");
            assert_eq!(holds("MUTABLE_WITH_EXCLUSION", tag), excluded, "{tag}");
        }
        assert_eq!(ImmutableTags::of("SOMETHING_NEW", Vec::new()), None);
    }
}
