//! Repositories: a registry's host and a path in it.

use std::fmt;
use std::str::FromStr;

/// `HOST[:PORT]/PATH`. The host is never guessed: it must have a dot, a port, or be `localhost`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository {
    host: String,
    path: String,
}

impl Repository {
    /// The host with its port, as written.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The path, without a leading `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether the host is this machine: `localhost`, `127.0.0.0/8` or `[::1]`. Such hosts are
    /// spoken to over plain HTTP, as crane does.
    pub fn is_loopback(&self) -> bool {
        let host = match self.host.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => &self.host,
        };
        let address = host.trim_start_matches('[').trim_end_matches(']');
        let is_address = address.parse::<std::net::IpAddr>().is_ok_and(|it| it.is_loopback());
        host == "localhost" || is_address
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.path)
    }
}

impl FromStr for Repository {
    type Err = RepositoryError;

    fn from_str(text: &str) -> Result<Self, RepositoryError> {
        let refuse = |problem| RepositoryError { found: text.to_owned(), problem };
        let (host, path) = text.split_once('/').ok_or_else(|| refuse("no path after the host"))?;
        if !is_host(host) {
            return Err(refuse("no registry host before the first /"));
        }
        if path.len() > 255 || !path.split('/').all(is_component) {
            return Err(refuse("a path that distribution-spec does not allow"));
        }
        Ok(Self { host: host.to_owned(), path: path.to_owned() })
    }
}

fn is_host(host: &str) -> bool {
    let looks_like_one = host == "localhost" || host.contains(['.', ':']);
    let clean = |c: char| c.is_ascii_alphanumeric() || ".-:[]_".contains(c);
    looks_like_one && host.chars().all(clean) && host.starts_with(|c: char| c != '.' && c != ':')
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn is_component(component: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = component.as_bytes();
    let ends_plain =
        bytes.first().is_some_and(|b| plain(*b)) && bytes.last().is_some_and(|b| plain(*b));
    let separators_fine = component
        .split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        .all(|gap| matches!(gap, "" | "." | "_" | "__") || gap.bytes().all(|b| b == b'-'));
    ends_plain && separators_fine
}

/// A text that names no repository.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected HOST/PATH such as registry.example.com/team/app, found {found:?}: {problem}")]
pub struct RepositoryError {
    /// The text.
    pub found: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_guesses_a_host() {
        for bad in [
            "app",
            "team/app",
            "UPPER.example/app/",
            "h.example/App",
            "h.example/a..b",
            "h.example/",
        ] {
            assert!(bad.parse::<Repository>().is_err(), "{bad}");
        }
        for good in [
            "h.example/a",
            "localhost/a",
            "127.0.0.1:5000/a/b",
            "[::1]:5000/x",
            "h.example/a__b/c-d.e",
        ] {
            assert_eq!(good.parse::<Repository>().unwrap().to_string(), good);
        }
    }

    #[test]
    fn knows_loopback() {
        let loopback = |text: &str| text.parse::<Repository>().unwrap().is_loopback();
        assert!(loopback("127.0.0.1:5000/a") && loopback("localhost:1/a") && loopback("[::1]:5/a"));
        assert!(!loopback("h.example/a") && !loopback("127.example.com/a"));
    }
}
