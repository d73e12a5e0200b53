//! Paths: which thing a request is about.

use boltseal_core::{Digest, Repository, Tag};

/// A path of the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Base,
    Blob(String, Digest),
    Manifest(String, Picked),
    Referrers(String, Digest),
    /// The storage host's copy of a blob.
    Signed(String, Digest),
    Tags(String),
    Token,
    Upload(String, String),
    Uploads(String),
}

/// A manifest by digest or by tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Picked {
    Digest(Digest),
    Tag(String),
}

/// Why a path leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Astray {
    /// No path of the API.
    Elsewhere,
    /// A malformed digest.
    Digest,
    /// A malformed repository name.
    Name,
    /// A malformed tag.
    Tag,
}

impl Route {
    /// Reads a path, which must not hold a query.
    pub(super) fn parse(path: &str) -> Result<Self, Astray> {
        if path == "/token" {
            return Ok(Self::Token);
        }
        if let Some(rest) = path.strip_prefix("/storage/") {
            let (name, digest) = rest.rsplit_once('/').ok_or(Astray::Elsewhere)?;
            return Ok(Self::Signed(repository(name)?, parse_digest(digest)?));
        }
        let rest = path.strip_prefix("/v2").ok_or(Astray::Elsewhere)?;
        if rest.is_empty() || rest == "/" {
            return Ok(Self::Base);
        }
        let rest = rest.strip_prefix('/').ok_or(Astray::Elsewhere)?;
        Self::in_repository(rest)
    }

    /// The repository, where the path has one.
    pub(super) fn repository(&self) -> Option<&str> {
        match self {
            Self::Base | Self::Token => None,
            Self::Blob(name, _)
            | Self::Manifest(name, _)
            | Self::Referrers(name, _)
            | Self::Signed(name, _)
            | Self::Tags(name)
            | Self::Upload(name, _)
            | Self::Uploads(name) => Some(name),
        }
    }

    fn in_repository(rest: &str) -> Result<Self, Astray> {
        if let Some(name) = rest.strip_suffix("/tags/list") {
            return Ok(Self::Tags(repository(name)?));
        }
        for suffix in ["/blobs/uploads/", "/blobs/uploads"] {
            if let Some(name) = rest.strip_suffix(suffix) {
                return Ok(Self::Uploads(repository(name)?));
            }
        }
        let (head, last) = rest.rsplit_once('/').ok_or(Astray::Elsewhere)?;
        if let Some(name) = head.strip_suffix("/blobs/uploads") {
            return Ok(Self::Upload(repository(name)?, last.to_owned()));
        }
        let (name, kind) = head.rsplit_once('/').ok_or(Astray::Elsewhere)?;
        match kind {
            "blobs" => Ok(Self::Blob(repository(name)?, parse_digest(last)?)),
            "referrers" => Ok(Self::Referrers(repository(name)?, parse_digest(last)?)),
            "manifests" => Ok(Self::Manifest(repository(name)?, picked(last)?)),
            _ => Err(Astray::Elsewhere),
        }
    }
}

fn repository(name: &str) -> Result<String, Astray> {
    let whole = format!("localhost/{name}");
    whole.parse::<Repository>().map_err(|_| Astray::Name)?;
    Ok(name.to_owned())
}

fn parse_digest(text: &str) -> Result<Digest, Astray> {
    text.parse().map_err(|_| Astray::Digest)
}

fn picked(text: &str) -> Result<Picked, Astray> {
    if text.contains(':') {
        return parse_digest(text).map(Picked::Digest);
    }
    text.parse::<Tag>().map_err(|_| Astray::Tag)?;
    Ok(Picked::Tag(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_every_path() {
        let digest = Digest::sha256_of(b"x");
        let name = || "team/manifests/app".to_owned();
        for (path, route) in [
            ("/v2/".to_owned(), Route::Base),
            ("/token".to_owned(), Route::Token),
            (format!("/v2/{}/tags/list", name()), Route::Tags(name())),
            (format!("/v2/{}/blobs/{digest}", name()), Route::Blob(name(), digest.clone())),
            (format!("/v2/{}/blobs/uploads/", name()), Route::Uploads(name())),
            (format!("/v2/{}/blobs/uploads/7", name()), Route::Upload(name(), "7".to_owned())),
            (
                format!("/v2/{}/manifests/1.0", name()),
                Route::Manifest(name(), Picked::Tag("1.0".to_owned())),
            ),
            (
                format!("/v2/{}/referrers/{digest}", name()),
                Route::Referrers(name(), digest.clone()),
            ),
        ] {
            assert_eq!(Route::parse(&path), Ok(route), "{path}");
        }
    }

    #[test]
    fn tells_what_is_malformed() {
        for (path, astray) in [
            ("/v1/", Astray::Elsewhere),
            ("/v2/app", Astray::Elsewhere),
            ("/v2/App/tags/list", Astray::Name),
            ("/v2/app/blobs/sha256:1", Astray::Digest),
            ("/v2/app/manifests/sha256:1", Astray::Digest),
            ("/v2/app/manifests/-1", Astray::Tag),
        ] {
            assert_eq!(Route::parse(path), Err(astray), "{path}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(path in "/(v2|token|storage)?[/a-z0-9:._-]{0,80}") {
            drop(Route::parse(&path));
        }
    }
}
