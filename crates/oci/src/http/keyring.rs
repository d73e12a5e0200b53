//! Logs in where a registry asks for it.

use std::sync::PoisonError;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use boltseal_ports::{RegistryError, RegistryErrorKind};
use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use tokio::sync::{Mutex, OnceCell};

use super::access::Access;
use super::challenge::Challenge;
use super::complaint::printable;
use super::credential::{Credentials, Found, Login, Stored};
use super::endpoint::Endpoint;
use super::failure::Failure;
use super::realm::Realm;
use super::token::Token;
use super::transport::Transport;

/// What one registry wants to see, as far as it has said so, and what it was given. A registry
/// that never asks is never sent anything.
pub(super) struct Keyring {
    credentials: Credentials,
    found: OnceCell<Found>,
    state: Mutex<State>,
    /// What must never be shown, should a registry echo it.
    secrets: std::sync::Mutex<Vec<String>>,
}

#[derive(Default)]
struct State {
    scheme: Scheme,
    tokens: Vec<(Access, Token)>,
}

#[derive(Default)]
enum Scheme {
    /// It did not ask, so far.
    #[default]
    Unasked,
    Basic(HeaderValue),
    Bearer(Realm),
}

/// The registry, and the connections to it and its token server.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) transport: &'a Transport,
}

impl Keyring {
    pub(super) fn new(credentials: Credentials) -> Self {
        Self {
            credentials,
            found: OnceCell::new(),
            state: Mutex::default(),
            secrets: std::sync::Mutex::default(),
        }
    }

    /// The `Authorization` to send at once: none before the registry asked for one.
    pub(super) async fn authorise(
        &self,
        line: Line<'_>,
        access: &Access,
    ) -> Result<Option<HeaderValue>, Failure> {
        let mut state = self.state.lock().await;
        match &state.scheme {
            Scheme::Unasked => Ok(None),
            Scheme::Basic(header) => Ok(Some(header.clone())),
            Scheme::Bearer(realm) => {
                if let Some(token) = state.token(access) {
                    return Ok(Some(token.header().clone()));
                }
                let realm = realm.clone();
                let scopes = access.scopes(line.endpoint.path());
                let token = self.ask_realm(line, &realm, &scopes).await?;
                Ok(Some(state.keep(access, token)))
            }
        }
    }

    /// The `Authorization` that answers the challenge in `headers`, to a request that was sent
    /// with `used`.
    pub(super) async fn answer(
        &self,
        line: Line<'_>,
        access: &Access,
        refusal: Refusal<'_>,
    ) -> Result<HeaderValue, Failure> {
        let challenges = challenges(refusal.headers);
        let of = |scheme| challenges.iter().find(|it| it.scheme == scheme);
        let mut state = self.state.lock().await;
        if let Some(bearer) = of("bearer") {
            // Another request may have been given a token while this one waited.
            let newer = state.token(access).map(|it| it.header().clone());
            if let Some(header) = newer.filter(|it| Some(it) != refusal.used) {
                return Ok(header);
            }
            let realm = Realm::of(bearer, line.endpoint, refusal.place)?;
            let scopes = with_challenge(access.scopes(line.endpoint.path()), bearer);
            let token = self.ask_realm(line, &realm, &scopes).await?;
            state.scheme = Scheme::Bearer(realm);
            return Ok(state.keep(access, token));
        }
        if of("basic").is_some() {
            let header = self.basic(line.endpoint, &refusal).await?;
            state.scheme = Scheme::Basic(header.clone());
            return Ok(header);
        }
        let offered: Vec<_> = challenges.iter().map(|it| printable(&it.scheme)).collect();
        Err(RegistryError::new(RegistryErrorKind::Unauthorised, refusal.place)
            .expected("a Bearer or Basic challenge in WWW-Authenticate")
            .found(format!("401 with challenges [{}]", offered.join(", ")))
            .fix("use a registry or proxy that offers one of the two")
            .into())
    }

    /// `text` without anything secret that was sent.
    pub(super) fn redact(&self, text: &[u8]) -> Vec<u8> {
        let mut text = String::from_utf8_lossy(text).into_owned();
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        for secret in secrets.iter() {
            text = text.replace(secret.as_str(), "***");
        }
        text.into_bytes()
    }

    /// Why there are no credentials, or that there are some: for errors.
    pub(super) fn describe(&self) -> String {
        match self.found.get() {
            Some(Found { stored: None, searched }) => searched.clone(),
            Some(_) => "credentials were sent".to_owned(),
            None => "no credentials were asked for".to_owned(),
        }
    }

    async fn basic(
        &self,
        endpoint: &Endpoint,
        refusal: &Refusal<'_>,
    ) -> Result<HeaderValue, RegistryError> {
        let found = self.find(endpoint).await?;
        let Some(Stored::Password(login)) = &found.stored else {
            return Err(refused(endpoint, refusal.place)
                .expected("a name and a password for Basic authentication")
                .found(match &found.stored {
                    Some(_) => "an identity token, which Basic cannot use".to_owned(),
                    None => found.searched.clone(),
                }));
        };
        let header = basic_header(login);
        if Some(&header) == refusal.used {
            return Err(refused(endpoint, refusal.place)
                .expected("access with the stored name and password")
                .found("401"));
        }
        Ok(header)
    }

    async fn ask_realm(
        &self,
        line: Line<'_>,
        realm: &Realm,
        scopes: &[String],
    ) -> Result<Token, Failure> {
        let found = self.find(line.endpoint).await?;
        let token = realm.ask(line, found, scopes).await?;
        self.remember(token.secret());
        Ok(token)
    }

    async fn find(&self, endpoint: &Endpoint) -> Result<&Found, RegistryError> {
        let server = endpoint.login_name();
        let search = async {
            let found = self.credentials.find(server).await.map_err(|error| {
                RegistryError::new(RegistryErrorKind::Unauthorised, error.source)
                    .expected(format!("credentials for {server}"))
                    .found(error.problem)
                    .fix(format!("repair it, or remove its entry for {server}"))
            })?;
            match &found.stored {
                Some(Stored::Password(login)) => {
                    self.remember(login.password());
                    self.remember(&encoded(login));
                }
                Some(Stored::IdentityToken(token)) => self.remember(token),
                None => {}
            }
            Ok(found)
        };
        self.found.get_or_try_init(|| search).await
    }

    fn remember(&self, secret: &str) {
        // Replacing something shorter would garble texts that have nothing to do with it.
        if secret.len() >= 4 {
            let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
            secrets.push(secret.to_owned());
        }
    }
}

impl State {
    fn token(&self, access: &Access) -> Option<&Token> {
        let fits = |(given, token): &&(Access, Token)| given.covers(access) && token.is_fresh();
        self.tokens.iter().find(fits).map(|(_, token)| token)
    }

    /// Keeps the token instead of all that it makes superfluous.
    fn keep(&mut self, access: &Access, token: Token) -> HeaderValue {
        let header = token.header().clone();
        self.tokens.retain(|(given, _)| !access.covers(given) && given != access);
        self.tokens.insert(0, (access.clone(), token));
        header
    }
}

/// A request that was answered with 401.
#[derive(Clone, Copy)]
pub(super) struct Refusal<'a> {
    pub(super) place: &'a str,
    /// The answer's headers.
    pub(super) headers: &'a HeaderMap,
    /// The `Authorization` that was sent.
    pub(super) used: Option<&'a HeaderValue>,
}

/// An error that tells how to log in.
pub(super) fn refused(endpoint: &Endpoint, place: &str) -> RegistryError {
    RegistryError::new(RegistryErrorKind::Unauthorised, place)
        .fix(format!("docker login {}, with a user that may do this", endpoint.login_name()))
}

pub(super) fn basic_header(login: &Login) -> HeaderValue {
    let mut header = HeaderValue::try_from(format!("Basic {}", encoded(login)))
        .expect("base64 has no character that a header cannot hold");
    header.set_sensitive(true);
    header
}

fn encoded(login: &Login) -> String {
    STANDARD.encode(format!("{}:{}", login.username(), login.password()))
}

fn challenges(headers: &HeaderMap) -> Vec<Challenge> {
    let values = headers.get_all(WWW_AUTHENTICATE).iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    texts.flat_map(Challenge::parse_all).collect()
}

/// The scopes that are needed, and those that the registry names beyond them: it may know the
/// repository under another name.
fn with_challenge(mut scopes: Vec<String>, challenge: &Challenge) -> Vec<String> {
    let named = challenge.parameter("scope").unwrap_or_default();
    for scope in named.split(' ').filter(|it| !it.is_empty()) {
        if !scopes.iter().any(|ours| includes(ours, scope)) {
            scopes.push(scope.to_owned());
        }
    }
    scopes
}

/// Whether a scope (`type:name:action,action`) allows all that another does.
fn includes(scope: &str, other: &str) -> bool {
    match (scope.rsplit_once(':'), other.rsplit_once(':')) {
        (Some((resource, actions)), Some((same, wanted))) => {
            resource == same
                && wanted.split(',').all(|it| actions.split(',').any(|ours| ours == it))
        }
        _ => scope == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_for_what_is_needed_and_what_is_named() {
        let asked = |scope: &str| {
            let header = format!("Bearer realm=\"x\",scope=\"{scope}\"");
            let ours = Access::Push.scopes("a");
            with_challenge(ours, &Challenge::parse_all(&header)[0])
        };
        assert_eq!(asked("repository:a:pull"), ["repository:a:pull,push"]);
        assert_eq!(asked(""), ["repository:a:pull,push"]);
        let both = ["repository:a:pull,push", "repository:proxy/a:pull"];
        assert_eq!(asked("repository:proxy/a:pull repository:a:push,pull"), both);
    }

    #[test]
    fn hides_what_was_sent() {
        let keyring = Keyring::new(Credentials::Anonymous);
        keyring.remember("hunter2");
        assert_eq!(keyring.redact(b"you said hunter2!"), b"you said ***!");
    }
}
