use std::fmt;
use std::str::FromStr;

use super::Malformed;

/// A ref whose jobs may release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ReleaseRef {
    /// A branch, by its name.
    Branch(String),
    /// A tag, by its name or by a pattern.
    Tag(String),
}

/// Of which kinds some refs are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefKinds {
    Branches,
    Tags,
    Both,
}

impl RefKinds {
    /// Of at least one.
    pub(crate) fn of(refs: &[ReleaseRef]) -> Self {
        if refs.iter().all(ReleaseRef::is_tag) {
            Self::Tags
        } else if refs.iter().any(ReleaseRef::is_tag) {
            Self::Both
        } else {
            Self::Branches
        }
    }
}

impl ReleaseRef {
    /// The name without `refs/heads/` or `refs/tags/`.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Branch(name) | Self::Tag(name) => name,
        }
    }

    /// `branch` or `tag`.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Branch(_) => "branch",
            Self::Tag(_) => "tag",
        }
    }

    pub(crate) const fn is_tag(&self) -> bool {
        matches!(self, Self::Tag(_))
    }
}

impl FromStr for ReleaseRef {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let expected = "refs/heads/NAME, refs/tags/NAME or refs/tags/PATTERN with a star";
        let refuse = || Malformed::new(expected, text);
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./+".contains(&b);
        let is_name = |name: &str, star: bool| {
            let ends = |c: char| "/.-".contains(c);
            (1..=200).contains(&name.len())
                && name.bytes().all(|b| plain(b) || (star && b == b'*'))
                && !name.starts_with(ends)
                && !name.ends_with(['/', '.'])
                && !name.contains("..")
                && !name.contains("//")
        };
        if let Some(name) = text.strip_prefix("refs/heads/") {
            // A branch by a pattern would let whoever may make branches release.
            return if is_name(name, false) {
                Ok(Self::Branch(name.to_owned()))
            } else {
                Err(refuse())
            };
        }
        let name = text.strip_prefix("refs/tags/").filter(|it| is_name(it, true));
        name.map(|it| Self::Tag(it.to_owned())).ok_or_else(refuse)
    }
}

impl fmt::Display for ReleaseRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Branch(name) => write!(f, "refs/heads/{name}"),
            Self::Tag(name) => write!(f, "refs/tags/{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_are_named_and_tags_may_be_patterns() {
        for good in ["refs/heads/main", "refs/heads/release/1.2", "refs/tags/v*", "refs/tags/1.0"] {
            assert_eq!(good.parse::<ReleaseRef>().unwrap().to_string(), good);
        }
        for bad in [
            "main",
            "refs/heads/",
            "refs/heads/*",
            "refs/heads/a*",
            "refs/pull/1/merge",
            "refs/heads/a b",
            "refs/heads/a:b",
            "refs/heads/../x",
            "refs/heads/${x}",
            "refs/tags/\"",
            "refs/heads/a\nb",
            "refs/heads/-x",
        ] {
            assert!(bad.parse::<ReleaseRef>().is_err(), "{bad}");
        }
    }
}
