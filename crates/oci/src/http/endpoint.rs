//! Where a repository's API is.

use boltseal_core::{Digest, Repository};
use boltseal_ports::{RegistryError, RegistryErrorKind};
use reqwest::Url;

use super::registry_map::is_loopback;
use super::{HttpOptions, PlainHttp, RegistryMap};

/// The API of one repository (distribution-spec, "Endpoints").
#[derive(Debug)]
pub(super) struct Endpoint {
    base: Url,
    path: String,
    login_name: String,
    map: RegistryMap,
}

impl Endpoint {
    pub(super) fn new(
        repository: &Repository,
        options: &HttpOptions,
    ) -> Result<Self, RegistryError> {
        let path = api_path(repository);
        let root = root(repository, options).map_err(|problem| {
            RegistryError::new(RegistryErrorKind::Unreachable, repository.to_string())
                .expected("a registry host that makes a URL")
                .found(problem.to_string())
                .fix("correct the host in the reference")
        })?;
        let mut base = root;
        base.set_path(&format!("/v2/{path}/"));
        Ok(Self {
            base,
            path,
            login_name: login_name(repository),
            map: options.registry_map.clone(),
        })
    }

    /// The repository's path as the API spells it.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The name under which credentials are stored: the host as its user writes it, never that
    /// of a stand-in.
    pub(super) fn login_name(&self) -> &str {
        &self.login_name
    }

    /// `manifests/<reference>`; a tag must have the grammar of distribution-spec.
    pub(super) fn manifest(&self, reference: &str) -> Url {
        self.at(&format!("manifests/{reference}"))
    }

    pub(super) fn blob(&self, digest: &Digest) -> Url {
        self.at(&format!("blobs/{digest}"))
    }

    pub(super) fn uploads(&self) -> Url {
        self.at("blobs/uploads/")
    }

    pub(super) fn referrers(&self, subject: &Digest) -> Url {
        self.at(&format!("referrers/{subject}"))
    }

    /// An error that tells how to log in.
    pub(super) fn refused(&self, place: &str) -> RegistryError {
        RegistryError::new(RegistryErrorKind::Unauthorised, place)
            .fix(format!("docker login {}, with a user that may do this", self.login_name))
    }

    fn at(&self, suffix: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{suffix}", self.base.path()));
        url
    }

    /// Whether `url` is on the registry itself, which alone is sent credentials.
    pub(super) fn is_home(&self, url: &Url) -> bool {
        self.base.origin() == url.origin()
    }

    /// Whether a password may be sent to `url`: over TLS, to this machine, or to the host to
    /// which the user chose to speak plain HTTP.
    pub(super) fn may_receive_secrets(&self, url: &Url) -> bool {
        let same_host = self.base.scheme() == "http" && self.base.host() == url.host();
        url.scheme() == "https" || is_loopback(url) || same_host
    }

    /// The absolute form of `text`, a realm.
    pub(super) fn parse(&self, text: &str) -> Option<Url> {
        self.checked(Url::parse(text).ok()?)
    }

    /// Where `location`, found in the answer to a request of `from`, leads. `None` where it is
    /// no HTTP URL, or leads from TLS to plain HTTP.
    pub(super) fn follow(&self, from: &Url, location: &str) -> Option<Url> {
        let to = self.checked(from.join(location).ok()?)?;
        let downgrade = from.scheme() == "https" && to.scheme() == "http";
        (!downgrade).then_some(to)
    }

    fn checked(&self, url: Url) -> Option<Url> {
        let mut url = self.map.apply(url);
        let web = matches!(url.scheme(), "http" | "https") && url.has_host();
        // Nobody but the keyring decides who logs in where.
        let clean = url.set_username("").is_ok() && url.set_password(None).is_ok();
        url.set_fragment(None);
        (web && clean).then_some(url)
    }
}

fn root(repository: &Repository, options: &HttpOptions) -> Result<Url, url::ParseError> {
    if let Some(stand_in) = options.registry_map.stand_in(repository.host()) {
        return Ok(stand_in.clone());
    }
    let plain = match options.plain_http {
        PlainHttp::Any => true,
        PlainHttp::Loopback => repository.is_loopback(),
        PlainHttp::Never => false,
    };
    let scheme = if plain { "http" } else { "https" };
    let host = match repository.host() {
        "docker.io" | "index.docker.io" => "registry-1.docker.io",
        host => host,
    };
    Url::parse(&format!("{scheme}://{host}/"))
}

fn is_docker_hub(repository: &Repository) -> bool {
    matches!(repository.host(), "docker.io" | "index.docker.io" | "registry-1.docker.io")
}

/// Docker Hub keeps its official images under `library/`.
pub(super) fn api_path(repository: &Repository) -> String {
    if is_docker_hub(repository) && !repository.path().contains('/') {
        format!("library/{}", repository.path())
    } else {
        repository.path().to_owned()
    }
}

fn login_name(repository: &Repository) -> String {
    if is_docker_hub(repository) {
        // The key that docker itself stores Docker Hub's credentials under.
        "https://index.docker.io/v1/".to_owned()
    } else {
        repository.host().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(repository: &str, options: &HttpOptions) -> Endpoint {
        Endpoint::new(&repository.parse().unwrap(), options).unwrap()
    }

    fn options(plain_http: PlainHttp, map: &str) -> HttpOptions {
        HttpOptions { plain_http, registry_map: map.parse().unwrap(), ..HttpOptions::default() }
    }

    #[test]
    fn finds_the_api() {
        let usual = options(PlainHttp::Loopback, "h.example=http://127.0.0.1:9");
        let tag = |repository, options: &_| endpoint(repository, options).manifest("1").to_string();
        for (repository, url) in [
            ("docker.io/debian", "https://registry-1.docker.io/v2/library/debian/manifests/1"),
            ("docker.io/a/b", "https://registry-1.docker.io/v2/a/b/manifests/1"),
            ("127.0.0.1:5000/a", "http://127.0.0.1:5000/v2/a/manifests/1"),
            ("g.example:8443/a", "https://g.example:8443/v2/a/manifests/1"),
            ("h.example/a", "http://127.0.0.1:9/v2/a/manifests/1"),
        ] {
            assert_eq!(tag(repository, &usual), url);
        }
        let never = options(PlainHttp::Never, "");
        assert_eq!(tag("127.0.0.1:5000/a", &never), "https://127.0.0.1:5000/v2/a/manifests/1");
        let any = options(PlainHttp::Any, "");
        assert_eq!(tag("g.example/a", &any), "http://g.example/v2/a/manifests/1");
        assert_eq!(endpoint("h.example/a", &usual).login_name(), "h.example");
        let hub = endpoint("docker.io/debian", &usual);
        assert_eq!(hub.login_name(), "https://index.docker.io/v1/");
    }

    #[test]
    fn never_steps_down_from_tls() {
        let home = endpoint("g.example/a", &options(PlainHttp::Loopback, ""));
        let from = home.uploads();
        assert!(home.follow(&from, "http://g.example/x").is_none());
        assert!(home.follow(&from, "file:///etc/passwd").is_none());
        let other = home.follow(&from, "https://u:p@cdn.example/x?s=1").unwrap();
        assert_eq!(other.as_str(), "https://cdn.example/x?s=1");
        assert!(!home.is_home(&other));
        let same = home.follow(&from, "/v2/a/blobs/uploads/1?_state=x").unwrap();
        assert!(home.is_home(&same) && same.query() == Some("_state=x"));
        assert!(!home.is_home(&Url::parse("https://g.example:444/").unwrap()));
    }

    #[test]
    fn sends_secrets_only_where_they_are_safe() {
        let safe = |home: &Endpoint, url: &str| home.may_receive_secrets(&Url::parse(url).unwrap());
        let tls = endpoint("g.example/a", &options(PlainHttp::Loopback, ""));
        assert!(safe(&tls, "https://auth.example/token"));
        assert!(!safe(&tls, "http://auth.example/token"));
        assert!(!safe(&tls, "http://g.example/token"));
        let plain = endpoint("g.example:5000/a", &options(PlainHttp::Any, ""));
        assert!(safe(&plain, "http://g.example:5001/token"));
        assert!(!safe(&plain, "http://auth.example/token"));
        assert!(safe(&plain, "http://127.0.0.1:1/token"));
    }
}
