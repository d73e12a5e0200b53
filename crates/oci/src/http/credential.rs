//! Where names and passwords come from.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use boltseal_ports::{RegistryError, RegistryLogin};

use super::credential_file::{CredentialError, Found, Stored, find_in};
use super::login::Login;

/// A helper may ask a keychain or a cloud; it never needs longer than this.
const HELPER_TIME: Duration = Duration::from_secs(30);

/// Where names and passwords come from. They are looked up when a registry asks, not before.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// Nowhere: only what anybody may do.
    Anonymous,
    /// The first of these files that has an entry for the registry; each has the form of
    /// docker's `config.json` or podman's `auth.json`. A file that is not there has no entry.
    Files(Vec<PathBuf>),
    /// One name and password, for every registry.
    Login(Login),
    /// What a cloud issues for its own registry, when the registry asks.
    Issued(Issuer),
}

/// A cloud that issues logins. Its `Debug` shows nothing of them.
#[derive(Clone)]
pub struct Issuer(Arc<dyn RegistryLogin>);

impl Issuer {
    /// Logins come from `source`.
    pub fn new(source: Arc<dyn RegistryLogin>) -> Self {
        Self(source)
    }

    pub(super) async fn login(&self) -> Result<Login, RegistryError> {
        let issued = self.0.login().await?;
        Ok(Login::new(issued.username, issued.password.as_str()))
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer").finish_non_exhaustive()
    }
}

impl Credentials {
    /// docker's file (`$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`), then
    /// podman's (`$REGISTRY_AUTH_FILE`, else `containers/auth.json` under `$XDG_RUNTIME_DIR`
    /// and `~/.config`).
    pub fn from_environment() -> Self {
        Self::Files(files(|name| std::env::var_os(name)))
    }

    /// What is stored for `server`. Never waits longer than half a minute.
    pub(super) async fn find(&self, server: &str) -> Result<Found, CredentialError> {
        let files = match self {
            Self::Anonymous | Self::Issued(_) => {
                return Ok(Found::nothing("credentials were not to be used"));
            }
            Self::Login(login) => return Ok(Found::some(Stored::Password(login.clone()))),
            Self::Files(files) => files.clone(),
        };
        let (server, (sender, receiver)) = (server.to_owned(), tokio::sync::oneshot::channel());
        // A thread of its own, which a helper that hangs may keep: the run ends without it.
        std::thread::spawn(move || drop(sender.send(find_in(&files, &server))));
        let hangs = || CredentialError::new("a credential helper", "no answer in 30 s");
        let answer = tokio::time::timeout(HELPER_TIME, receiver).await;
        answer.map_err(|_| hangs())?.map_err(|_| hangs())?
    }
}

fn files(variable: impl Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let set = |name| variable(name).filter(|it| !it.is_empty()).map(PathBuf::from);
    let home = set("HOME");
    let docker = set("DOCKER_CONFIG").or_else(|| home.as_ref().map(|it| it.join(".docker")));
    let podman = match set("REGISTRY_AUTH_FILE") {
        Some(file) => vec![file],
        None => [set("XDG_RUNTIME_DIR"), home.map(|it| it.join(".config"))]
            .into_iter()
            .flatten()
            .map(|it| it.join("containers/auth.json"))
            .collect(),
    };
    let docker = docker.map(|it| it.join("config.json"));
    docker.into_iter().chain(podman).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_places() {
        let with = |set: &'static [(&'static str, &'static str)]| {
            files(move |name| {
                let found = set.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| OsString::from(value))
            })
        };
        assert_eq!(
            with(&[("HOME", "/h"), ("XDG_RUNTIME_DIR", "/r")]),
            [
                "/h/.docker/config.json",
                "/r/containers/auth.json",
                "/h/.config/containers/auth.json"
            ]
            .map(PathBuf::from)
        );
        assert_eq!(
            with(&[("HOME", "/h"), ("DOCKER_CONFIG", "/d"), ("REGISTRY_AUTH_FILE", "/a")]),
            ["/d/config.json", "/a"].map(PathBuf::from)
        );
        assert!(with(&[]).is_empty());
    }
}
