use std::fmt;
use std::str::FromStr;

use super::host::Host;
use super::{CiSystem, Malformed};

const EXPECTED: &str = "OWNER/NAME or https://HOST/OWNER/NAME";

/// A repository of source: on the CI system's public instance where no host is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourceRepository {
    host: Option<Host>,
    path: String,
}

impl SourceRepository {
    /// `OWNER/NAME`, or `GROUP/SUBGROUP/NAME` of GitLab.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The owner and the name.
    pub(crate) fn parts(&self) -> (&str, &str) {
        self.path.rsplit_once('/').unwrap_or((&self.path, ""))
    }

    /// The host.
    pub(crate) fn host(&self, ci: CiSystem) -> &str {
        self.host.as_ref().map_or(ci.host(), Host::as_str)
    }

    /// Its URL, as provenance names it.
    pub(crate) fn url(&self, ci: CiSystem) -> String {
        format!("https://{}/{}", self.host(ci), self.path)
    }

    /// Of a remote: `https://HOST/PATH.git`, `ssh://git@HOST/PATH` or `git@HOST:PATH`. What stands
    /// before an `@` may be a password, and is left out.
    pub(crate) fn of_remote(url: &str) -> Result<Self, Malformed> {
        let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
        let (authority, path) = match scheme {
            "" => rest.split_once(':'),
            "https" | "http" | "ssh" | "git" => rest.split_once('/'),
            _ => None,
        }
        .ok_or_else(|| Malformed("expected a remote on a host".to_owned()))?;
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        // The port of ssh is not the one of the web.
        let host = if scheme == "https" { host } else { host.split(':').next().unwrap_or(host) };
        let path = path.trim_matches('/');
        Self::new(Some(host.parse()?), path.strip_suffix(".git").unwrap_or(path))
    }

    fn new(host: Option<Host>, path: &str) -> Result<Self, Malformed> {
        let is_part = |part: &str| {
            let first = part.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
            let first = first || (part.starts_with('.') && part.len() > 2 && !part.contains(".."));
            first && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        let count = path.split('/').count();
        if (2..=20).contains(&count) && path.len() <= 255 && path.split('/').all(is_part) {
            Ok(Self { host, path: path.to_owned() })
        } else {
            Err(Malformed::new(EXPECTED, path))
        }
    }
}

impl FromStr for SourceRepository {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let Some(rest) = text.strip_prefix("https://") else { return Self::new(None, text) };
        let (host, path) = rest.split_once('/').ok_or_else(|| Malformed::new(EXPECTED, text))?;
        let path = path.trim_end_matches('/');
        Self::new(Some(host.parse()?), path.strip_suffix(".git").unwrap_or(path))
    }
}

impl fmt::Display for SourceRepository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Some(host) => write!(f, "https://{host}/{}", self.path),
            None => f.write_str(&self.path),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn remotes_name_host_and_path_and_never_a_password() {
        for (remote, expected) in [
            ("https://github.com/acme/app.git", "https://github.com/acme/app"),
            ("https://user:secret@github.com/acme/app", "https://github.com/acme/app"),
            ("git@github.com:acme/app.git", "https://github.com/acme/app"),
            ("ssh://git@gitlab.example:2222/a/b/c.git", "https://gitlab.example/a/b/c"),
            ("https://GHE.example:8443/acme/app/", "https://ghe.example:8443/acme/app"),
        ] {
            assert_eq!(SourceRepository::of_remote(remote).unwrap().to_string(), expected);
        }
        for remote in ["../app", "/srv/app.git", "file:///srv/a/b", "git@host:app", "C:\\a\\b"] {
            assert!(SourceRepository::of_remote(remote).is_err(), "{remote}");
        }
        let error = SourceRepository::of_remote("https://user:secret@host/a b/c").unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }

    #[test]
    fn a_name_that_would_say_something_in_yaml_or_hcl_is_none() {
        for bad in [
            "acme",
            "acme/",
            "/app",
            "acme/a\"b",
            "acme/${x}",
            "acme/a\nb",
            "acme/a b",
            "acme/*",
            "acme/..",
            "acme/.",
            "acme/a:b",
            "acme/-x",
            "acme/a#b",
            "acme/a'b",
            "acme/a`b`",
            "https://",
            "https://host",
            "https://ho st/a/b",
            "https://host:x/a/b",
            "acme/é",
        ] {
            assert!(bad.parse::<SourceRepository>().is_err(), "{bad}");
        }
        for good in ["acme/app", "acme/.github", "a_b/c-d.e", "g/s/t/p", "https://h.example/a/b"] {
            let read: SourceRepository = good.parse().unwrap();
            assert_eq!(read.to_string(), good);
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_lets_nothing_odd_through(text in ".{0,40}") {
            drop(SourceRepository::of_remote(&text));
            if let Ok(read) = text.parse::<SourceRepository>() {
                prop_assert!(read.path().bytes().all(|b| b.is_ascii_alphanumeric()
                    || b"/-_.".contains(&b)));
            }
        }
    }
}
