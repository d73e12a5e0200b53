//! Registries whose traffic goes to a stand-in on this machine (`BOLTSEAL_REGISTRY_MAP`).

use std::collections::BTreeMap;
use std::str::FromStr;

use boltseal_core::Repository;
use reqwest::Url;

/// From hosts to loopback addresses, so that a pipeline can be rehearsed without its registry.
///
/// ```
/// use boltseal_oci::http::RegistryMap;
/// let map: RegistryMap = "registry.example=http://127.0.0.1:5000".parse().unwrap();
/// assert!(!map.is_empty());
/// assert!("registry.example=http://10.0.0.1:5000".parse::<RegistryMap>().is_err());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistryMap(BTreeMap<String, Url>);

impl RegistryMap {
    /// Whether nothing is mapped.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The stand-in of `host`, written with its port where it has one.
    pub(super) fn stand_in(&self, host: &str) -> Option<&Url> {
        self.0.get(&host.to_ascii_lowercase())
    }

    /// `url`, sent to the stand-in of its host where there is one.
    pub(super) fn apply(&self, mut url: Url) -> Url {
        let host = url.host_str().unwrap_or_default();
        let named = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        if let Some(target) = self.stand_in(&named) {
            let moved = url.set_scheme(target.scheme()).is_ok()
                && url.set_host(target.host_str()).is_ok()
                && url.set_port(target.port()).is_ok();
            debug_assert!(moved, "both are http or https URLs with a host");
        }
        url
    }
}

impl FromStr for RegistryMap {
    type Err = RegistryMapError;

    /// `HOST=http://127.0.0.1:PORT`, several separated by commas.
    fn from_str(text: &str) -> Result<Self, RegistryMapError> {
        let mut map = BTreeMap::new();
        for entry in text.split(',').map(str::trim).filter(|it| !it.is_empty()) {
            let (host, target) =
                parse_entry(entry).ok_or_else(|| RegistryMapError { found: entry.to_owned() })?;
            map.insert(host, target);
        }
        Ok(Self(map))
    }
}

fn parse_entry(entry: &str) -> Option<(String, Url)> {
    let (host, target) = entry.split_once('=')?;
    // The grammar of a host is that of a repository's first part.
    let mapped: Repository = format!("{host}/x").parse().ok()?;
    let url = Url::parse(target).ok()?;
    let plain = url.username().is_empty() && url.password().is_none();
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let fits = plain && bare && matches!(url.scheme(), "http" | "https") && is_loopback(&url);
    fits.then(|| (mapped.host().to_ascii_lowercase(), url))
}

/// Whether the URL's host is this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    format!("{host}/x").parse::<Repository>().is_ok_and(|it| it.is_loopback())
}

/// A text that is no registry map.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected HOST=http://127.0.0.1:PORT (only loopback addresses are accepted), found {found:?}"
)]
pub struct RegistryMapError {
    /// The entry.
    pub found: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn moves_only_the_mapped_host() {
        let map: RegistryMap =
            "A.example=http://127.0.0.1:5000, b.example:8443=http://[::1]:7".parse().unwrap();
        let moved = |url: &str| map.apply(Url::parse(url).unwrap()).to_string();
        assert_eq!(moved("https://a.example/v2/?x=1"), "http://127.0.0.1:5000/v2/?x=1");
        assert_eq!(moved("https://b.example:8443/t"), "http://[::1]:7/t");
        assert_eq!(moved("https://b.example/t"), "https://b.example/t");
    }

    #[test]
    fn accepts_only_loopback() {
        for bad in [
            "a.example",
            "a.example=https://b.example",
            "a.example=http://127.0.0.1.evil.example",
            "a.example=http://u:p@127.0.0.1:1",
            "a.example=http://127.0.0.1:1/path",
            "a.example=ftp://127.0.0.1:1",
            "nohost=http://127.0.0.1:1",
        ] {
            assert!(bad.parse::<RegistryMap>().is_err(), "{bad}");
        }
        assert!("".parse::<RegistryMap>().unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,80}") {
            drop(text.parse::<RegistryMap>());
        }
    }
}
