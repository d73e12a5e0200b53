//! Tags: names that may move.

use std::fmt;
use std::str::FromStr;

/// A tag of a repository, or a reference name in an OCI layout (whose grammar is wider).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(String);

impl Tag {
    /// A reference name in an OCI layout: any printable text (image-spec, `annotations.md`).
    pub fn ref_name(text: &str) -> Result<Self, TagError> {
        let fine =
            !text.is_empty() && text.len() <= 255 && !text.contains(|c: char| c.is_control());
        if fine { Ok(Self(text.to_owned())) } else { Err(TagError { found: text.to_owned() }) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name belongs to the tag schema of referrers and of cosign
    /// (`sha256-<hex>`, with `.sig`, `.att` or `.sbom`): never a name to release under.
    pub fn is_reserved(&self) -> bool {
        let stem = self.0.split('.').next().unwrap_or_default();
        stem.replacen('-', ":", 1).parse::<crate::Digest>().is_ok()
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Tag {
    type Err = TagError;

    /// The grammar of distribution-spec: `[A-Za-z0-9_][A-Za-z0-9._-]{0,127}`.
    fn from_str(text: &str) -> Result<Self, TagError> {
        let first = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let rest = text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        if first && rest && text.len() <= 128 {
            Ok(Self(text.to_owned()))
        } else {
            Err(TagError { found: text.to_owned() })
        }
    }
}

/// A text that is no tag.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a tag of at most 128 letters, digits, '.', '_' or '-', found {found:?}")]
pub struct TagError {
    /// The text.
    pub found: String,
}
