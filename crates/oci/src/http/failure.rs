//! Attempts that failed: for good, or perhaps not.

use std::error::Error as _;
use std::time::Duration;

use boltseal_ports::{RegistryError, RegistryErrorKind};

use super::complaint::printable;

/// What became of one attempt.
#[derive(Debug)]
pub(super) enum Failure {
    /// Trying again would not help.
    Final(RegistryError),
    /// Trying again may help.
    Passing(Trouble),
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        Self::Final(error)
    }
}

/// Why an attempt should be made again.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    pub(super) cause: Cause,
    pub(super) place: String,
    pub(super) found: String,
    /// How long the registry asks to be left alone.
    pub(super) wait: Option<Duration>,
}

/// The classes of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// Nobody took the connection.
    Connection,
    /// No answer, half an answer, or a server error.
    Server,
    /// Too many requests.
    Throttle,
}

impl Trouble {
    pub(super) fn new(cause: Cause, place: &str, found: impl Into<String>) -> Self {
        Self { cause, place: place.to_owned(), found: found.into(), wait: None }
    }

    /// The error that this is, once nobody tries any more. `history` says how often and how long
    /// it was tried.
    pub(super) fn into_error(self, history: &str) -> RegistryError {
        let (kind, fix) = match self.cause {
            Cause::Connection => (
                RegistryErrorKind::Unreachable,
                "check the host, its port, HTTPS_PROXY and NO_PROXY; a registry without TLS needs \
                 --plain-http",
            ),
            Cause::Server => (
                RegistryErrorKind::Unreachable,
                "run again when the registry works; nothing that was done is done twice",
            ),
            Cause::Throttle => (
                RegistryErrorKind::Throttled,
                "wait and run again, or have the registry's rate limit raised",
            ),
        };
        RegistryError::new(kind, self.place)
            .expected("an answer")
            .found(format!("{}; {history}", self.found))
            .fix(fix)
    }
}

/// What an error of the HTTP client means. Its own text is not used: it holds the URL.
pub(super) fn of_client(error: &reqwest::Error, place: &str) -> Failure {
    let (root, tls) = root_cause(error);
    if let Some(problem) = tls.filter(|_| error.is_connect()) {
        return RegistryError::new(RegistryErrorKind::Unreachable, place)
            .expected("a TLS connection to a host whose certificate is trusted")
            .found(printable(&problem))
            .fix("name the authority's PEM file by SSL_CERT_FILE, or use --plain-http where the registry has no TLS")
            .into();
    }
    let cause = if error.is_connect() { Cause::Connection } else { Cause::Server };
    let found =
        if error.is_timeout() { "no connection in time".to_owned() } else { printable(&root) };
    Trouble::new(cause, place, found).into()
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::Passing(trouble)
    }
}

/// The innermost error's text.
pub(super) fn root_text(error: &reqwest::Error) -> String {
    printable(&root_cause(error).0)
}

/// The innermost error's text, and that of a TLS error where there is one.
fn root_cause(error: &reqwest::Error) -> (String, Option<String>) {
    let mut root = String::new();
    let mut tls = None;
    let mut next = error.source();
    while let Some(source) = next {
        root = source.to_string();
        if source.is::<rustls::Error>() {
            tls = Some(root.clone());
        }
        next = wrapped(source).or_else(|| source.source());
    }
    (root, tls)
}

/// What an `io::Error` wraps, which it does not name as its source.
fn wrapped<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> Option<&'a (dyn std::error::Error + 'static)> {
    let inner = error.downcast_ref::<std::io::Error>()?.get_ref()?;
    Some(inner)
}
