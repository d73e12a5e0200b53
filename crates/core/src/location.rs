//! Where an image is: in a registry, a layout, an archive or an evidence file.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::{Digest, Reference, ReferenceError, Repository, Tag, TagError};

/// A place that holds images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A repository of a registry.
    Registry(Repository),
    /// An OCI image layout directory (`oci:DIR`).
    Layout(PathBuf),
    /// An OCI image layout in a tar file (`oci-archive:FILE`).
    OciArchive(PathBuf),
    /// What `docker save` writes (`docker-archive:FILE`).
    DockerArchive(PathBuf),
    /// boltseal's evidence file (`evidence:FILE`).
    Evidence(PathBuf),
}

/// Which image at a [`Location`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The one with this digest.
    Digest(Digest),
    /// The one that the tag, or the layout's reference name, points at.
    Tag(Tag),
}

/// An IMAGE, SOURCE, DEST or TARGET of the command line, with the names that skopeo uses.
///
/// ```
/// use boltseal_core::{Pick, Target};
/// let target: Target = "oci:build/out:1.2".parse().unwrap();
/// assert!(matches!(target.pick, Some(Pick::Tag(ref tag)) if tag.as_str() == "1.2"));
/// assert_eq!(target.to_string(), "oci:build/out:1.2");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The place.
    pub location: Location,
    /// The image there, where one was named.
    pub pick: Option<Pick>,
}

impl Target {
    /// The same place, and the image with this digest.
    #[must_use]
    pub fn pinned(&self, digest: &Digest) -> Self {
        Self { location: self.location.clone(), pick: Some(Pick::Digest(digest.clone())) }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry(repository) => write!(f, "{repository}"),
            Self::Layout(path) => write!(f, "oci:{}", path.display()),
            Self::OciArchive(path) => write!(f, "oci-archive:{}", path.display()),
            Self::DockerArchive(path) => write!(f, "docker-archive:{}", path.display()),
            Self::Evidence(path) => write!(f, "evidence:{}", path.display()),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.location)?;
        match &self.pick {
            Some(Pick::Digest(digest)) => write!(f, "@{digest}"),
            Some(Pick::Tag(tag)) => write!(f, ":{tag}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let local: [(&str, At); 4] = [
            ("oci:", Location::Layout),
            ("oci-archive:", Location::OciArchive),
            ("docker-archive:", Location::DockerArchive),
            ("evidence:", Location::Evidence),
        ];
        for (prefix, location) in local {
            if let Some(rest) = text.strip_prefix(prefix) {
                return local_target(text, rest, location);
            }
        }
        let reference: Reference = text
            .parse()
            .map_err(|problem| TargetError::Reference { found: text.to_owned(), problem })?;
        let location = Location::Registry(reference.repository().clone());
        let pick = match reference {
            Reference::Pinned(_, digest) => Some(Pick::Digest(digest)),
            Reference::Tagged(_, tag) => Some(Pick::Tag(tag)),
            Reference::Bare(_) => None,
        };
        Ok(Self { location, pick })
    }
}

/// Makes a location of a path.
type At = fn(PathBuf) -> Location;

/// `PATH`, `PATH:NAME` or `PATH@DIGEST`; as in skopeo, the first colon ends the path.
fn local_target(whole: &str, rest: &str, location: At) -> Result<Target, TargetError> {
    let by_digest = rest.rsplit_once('@').and_then(|(path, digest)| {
        digest.parse().ok().map(|digest| (path, Some(Pick::Digest(digest))))
    });
    let (path, pick) = match (by_digest, rest.split_once(':')) {
        (Some(found), _) => found,
        (None, Some((path, name))) => (path, Some(Pick::Tag(Tag::ref_name(name)?))),
        (None, None) => (rest, None),
    };
    if path.is_empty() {
        return Err(TargetError::NoPath { found: whole.to_owned() });
    }
    Ok(Target { location: location(PathBuf::from(path)), pick })
}

/// A text that names no image.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Nothing after `oci:` or the like.
    #[error("expected a path after the first colon, found {found:?}")]
    NoPath {
        /// The text.
        found: String,
    },
    /// Neither a local form nor a reference into a registry.
    #[error(
        "expected HOST/REPO:TAG, HOST/REPO@DIGEST, oci:DIR[:TAG|@DIGEST], oci-archive:FILE, \
         docker-archive:FILE or evidence:FILE, found {found:?} ({problem})"
    )]
    Reference {
        /// The text.
        found: String,
        /// What is wrong with it as a reference.
        problem: ReferenceError,
    },
    /// The name in the layout is malformed.
    #[error(transparent)]
    Tag(#[from] TagError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_every_form() {
        let digest = Digest::sha256_of(b"");
        for text in [
            "oci:dir".to_owned(),
            "oci:dir:name:with:colons".to_owned(),
            format!("oci:dir@{digest}"),
            "oci-archive:a.tar:1".to_owned(),
            "docker-archive:a.tar:app:1".to_owned(),
            "evidence:e.tar".to_owned(),
            "h.example:5000/a/b:1".to_owned(),
            "h.example/a".to_owned(),
            format!("127.0.0.1:5000/a@{digest}"),
        ] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
        }
        assert!(matches!("oci:".parse::<Target>(), Err(TargetError::NoPath { .. })));
        assert!(matches!("app:1".parse::<Target>(), Err(TargetError::Reference { .. })));
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,120}") {
            drop(text.parse::<Target>());
        }
    }
}
