//! How to speak to a registry.

use std::path::PathBuf;
use std::time::Duration;

use super::{Credentials, RegistryMap};

/// What every registry of a run has in common.
#[derive(Clone, Debug)]
pub struct HttpOptions {
    /// Which hosts are spoken to over plain HTTP.
    pub plain_http: PlainHttp,
    /// A PEM file of certificate authorities that are trusted besides the system's (and those
    /// of `SSL_CERT_FILE`).
    pub ca_file: Option<PathBuf>,
    /// Hosts whose traffic goes to a stand-in on this machine.
    pub registry_map: RegistryMap,
    /// Where names and passwords come from, should a registry ask.
    pub credentials: Credentials,
    /// The `User-Agent` header.
    pub user_agent: String,
    /// How long one registry may fail before boltseal gives up: the time that a request is
    /// tried again, waiting included. Time spent by requests that were given up is not given
    /// twice, so that a run against a broken registry ends.
    pub patience: Duration,
}

impl Default for HttpOptions {
    /// Plain HTTP on loopback, the credentials of docker and podman, 45 seconds of patience.
    fn default() -> Self {
        Self {
            plain_http: PlainHttp::Loopback,
            ca_file: None,
            registry_map: RegistryMap::default(),
            credentials: Credentials::from_environment(),
            user_agent: concat!("boltseal/", env!("CARGO_PKG_VERSION")).to_owned(),
            patience: Duration::from_secs(45),
        }
    }
}

/// Which hosts are spoken to over plain HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlainHttp {
    /// Every host.
    Any,
    /// Only this machine, as crane does.
    #[default]
    Loopback,
    /// None, not even this machine.
    Never,
}
