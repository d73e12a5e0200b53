//! Logs in where a registry asks for it.

use std::time::Duration;

use boltseal_ports::{RegistryError, RegistryErrorKind};
use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use tokio::sync::{Mutex, OnceCell};
use tokio::time::Instant;

use super::access::Access;
use super::challenge::Challenge;
use super::complaint::printable;
use super::credential::{Credentials, Issuer};
use super::credential_file::{Found, Stored};
use super::endpoint::Endpoint;
use super::failure::Failure;
use super::line::Line;
use super::realm::Realm;
use super::secrets::Secrets;
use super::token::Token;

/// A login that is younger has not ended, unless the registry says so.
const FRESH: Duration = Duration::from_secs(20);

/// Which logins are taken to have ended when they are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LoginAge {
    /// Any: the registry says that it has.
    Any,
    /// Those that are not fresh.
    NotFresh,
}

/// What one registry wants to see, as far as it has said so, and what it was given. A registry
/// that never asks is never sent anything.
pub(super) struct Keyring {
    credentials: Credentials,
    found: OnceCell<Found>,
    state: Mutex<State>,
    /// What must never be shown, should a registry echo it.
    secrets: Secrets,
}

#[derive(Default)]
struct State {
    scheme: Scheme,
    /// When the name and password of the scheme were had.
    given: Option<Instant>,
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

impl Keyring {
    pub(super) fn new(credentials: Credentials) -> Self {
        Self {
            credentials,
            found: OnceCell::new(),
            state: Mutex::default(),
            secrets: Secrets::default(),
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
            Scheme::Unasked => match &self.credentials {
                // Whoever issues logins for his own registry always asks for one.
                Credentials::Issued(issuer) => Ok(Some(self.issue(issuer, &mut state).await?)),
                _ => Ok(None),
            },
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
            let named = bearer.parameter("scope").unwrap_or_default();
            let scopes = access.scopes_with(line.endpoint.path(), named);
            let token = self.ask_realm(line, &realm, &scopes).await?;
            state.scheme = Scheme::Bearer(realm);
            return Ok(state.keep(access, token));
        }
        if of("basic").is_some() {
            let header = self.basic(line.endpoint, &refusal).await?;
            state.begin(header.clone());
            return Ok(header);
        }
        let offered: Vec<_> = challenges.iter().map(|it| printable(&it.scheme)).collect();
        Err(RegistryError::new(RegistryErrorKind::Unauthorised, refusal.place)
            .expected("a Bearer or Basic challenge in WWW-Authenticate")
            .found(format!("401 with challenges [{}]", offered.join(", ")))
            .fix("use a registry or proxy that offers one of the two")
            .into())
    }

    /// A fresh login instead of `used`, from a service that issues them; [`None`] where nothing
    /// issues any, or where the one that was refused cannot have ended yet.
    pub(super) async fn reissue(
        &self,
        used: Option<&HeaderValue>,
        age: LoginAge,
    ) -> Result<Option<HeaderValue>, Failure> {
        let (Credentials::Issued(issuer), Some(used)) = (&self.credentials, used) else {
            return Ok(None);
        };
        let mut state = self.state.lock().await;
        // Another request may have been given a login while this one waited.
        if let Scheme::Basic(held) = &state.scheme
            && held != used
        {
            return Ok(Some(held.clone()));
        }
        if age == LoginAge::NotFresh && state.given.is_none_or(|it| it.elapsed() < FRESH) {
            return Ok(None);
        }
        let header = self.issue(issuer, &mut state).await?;
        Ok(Some(header).filter(|it| it != used))
    }

    async fn issue(
        &self,
        issuer: &Issuer,
        state: &mut State,
    ) -> Result<HeaderValue, RegistryError> {
        let login = issuer.login().await?;
        self.secrets.remember(login.password());
        self.secrets.remember(&login.encoded());
        let header = login.basic();
        state.begin(header.clone());
        Ok(header)
    }

    /// `text` without anything secret that was sent.
    pub(super) fn redact(&self, text: &[u8]) -> Vec<u8> {
        self.secrets.redact(text)
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
            return Err(endpoint
                .refused(refusal.place)
                .expected("a name and a password for Basic authentication")
                .found(match &found.stored {
                    Some(_) => "an identity token, which Basic cannot use".to_owned(),
                    None => found.searched.clone(),
                }));
        };
        let header = login.basic();
        if Some(&header) == refusal.used {
            return Err(endpoint
                .refused(refusal.place)
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
        self.secrets.remember(token.secret());
        Ok(token)
    }

    async fn find(&self, endpoint: &Endpoint) -> Result<&Found, RegistryError> {
        let server = endpoint.login_name();
        let search = async {
            let found = self.look_up(server).await?;
            match &found.stored {
                Some(Stored::Password(login)) => {
                    self.secrets.remember(login.password());
                    self.secrets.remember(&login.encoded());
                }
                Some(Stored::IdentityToken(token)) => self.secrets.remember(token),
                None => {}
            }
            Ok(found)
        };
        self.found.get_or_try_init(|| search).await
    }

    async fn look_up(&self, server: &str) -> Result<Found, RegistryError> {
        if let Credentials::Issued(issuer) = &self.credentials {
            return Ok(Found::some(Stored::Password(issuer.login().await?)));
        }
        self.credentials.find(server).await.map_err(|error| {
            RegistryError::new(RegistryErrorKind::Unauthorised, error.source)
                .expected(format!("credentials for {server}"))
                .found(error.problem)
                .fix(format!("repair it, or remove its entry for {server}"))
        })
    }
}

impl State {
    fn begin(&mut self, header: HeaderValue) {
        self.scheme = Scheme::Basic(header);
        self.given = Some(Instant::now());
    }

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

fn challenges(headers: &HeaderMap) -> Vec<Challenge> {
    let values = headers.get_all(WWW_AUTHENTICATE).iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    texts.flat_map(Challenge::parse_all).collect()
}
