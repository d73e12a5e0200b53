//! The token endpoint and the tokens it gave out.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use boltseal_core::Digest;
use bytes::Bytes;
use hyper::header::CONTENT_TYPE;
use hyper::{Method, StatusCode};
use serde_json::json;

use super::answer::Answer;
use super::auth::{Access, Auth, Bearer, basic_login};
use super::call::Call;
use super::query::Query;
use super::received::Received;
use super::scope::Scope;
use super::shared::{Shared, locked};

/// The tokens given out so far.
#[derive(Debug, Default)]
pub(super) struct Tokens(HashMap<String, Grant>);

#[derive(Debug)]
struct Grant {
    expires: Instant,
    asked: Scope,
    given: Scope,
}

/// How a token stands to what is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Good,
    /// Unknown or expired.
    Invalid,
    /// Another one would have to be asked for.
    NotAsked,
    /// It was asked for and not granted.
    NotGranted,
}

impl Tokens {
    pub(super) fn standing(&self, token: &str, wanted: &Scope) -> Standing {
        let Some(grant) = self.0.get(token) else {
            return Standing::Invalid;
        };
        if grant.expires <= Instant::now() {
            Standing::Invalid
        } else if grant.given.covers(wanted) {
            Standing::Good
        } else if grant.asked.covers(wanted) {
            Standing::NotGranted
        } else {
            Standing::NotAsked
        }
    }

    /// Makes every token expire at once.
    pub(super) fn expire(&mut self) {
        let now = Instant::now();
        self.0.values_mut().for_each(|grant| grant.expires = now);
    }

    fn issue(&mut self, asked: Scope, given: Scope, lifetime: Duration) -> String {
        let now = Instant::now();
        let seed = format!("{} {now:?} {given}", self.0.len());
        let token = Digest::sha256_of(seed.as_bytes()).hex().to_owned();
        let grant = Grant { expires: now + lifetime, asked, given };
        self.0.insert(token.clone(), grant);
        token
    }
}

impl Shared {
    /// `GET /token` (docker's token protocol) and `POST /token` (its OAuth form).
    pub(super) fn token(&self, call: &Call, body: &Received) -> Answer {
        let Auth::Bearer(bearer) = &self.options.auth else {
            return Answer::not_found("UNSUPPORTED", "there are no tokens here");
        };
        let form = match call.method {
            Method::GET => call.query.clone(),
            Method::POST => {
                let bytes = body.content.bytes().unwrap_or_default();
                Query::parse(&String::from_utf8_lossy(&bytes))
            }
            _ => return Answer::empty(StatusCode::METHOD_NOT_ALLOWED),
        };
        let Some(access) = access(bearer, call, &form) else {
            let message = "incorrect username or password";
            return Answer::error(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", message);
        };
        let asked = Scope::parse(form.all("scope"));
        let given = asked.only(|name, action| access.allows(name, action));
        let token = locked(&self.tokens).issue(asked, given, bearer.lifetime);
        let document = json!({
            "token": token,
            "access_token": token,
            "expires_in": bearer.lifetime.as_secs(),
            "issued_at": jiff::Timestamp::now().to_string(),
        });
        Answer::new(StatusCode::OK, Bytes::from(document.to_string()))
            .with(CONTENT_TYPE, "application/json")
    }
}

/// What the one who asks may do; `None` where the login is wrong.
fn access<'a>(bearer: &'a Bearer, call: &Call, form: &Query) -> Option<&'a Access> {
    let login = if call.method == Method::POST {
        let pair = (form.first("username"), form.first("password"));
        match (form.first("grant_type"), pair) {
            (Some("refresh_token"), _) => {
                let known = bearer.identity_token.as_deref();
                let fits = known.is_some() && form.first("refresh_token") == known;
                return fits.then_some(&bearer.access);
            }
            (Some("password"), (Some(user), Some(password))) => {
                Some((user.to_owned(), password.to_owned()))
            }
            _ => return None,
        }
    } else {
        basic_login(&call.headers)
    };
    match login {
        None if call.headers.contains_key("authorization") => None,
        None => Some(&bearer.anonymous),
        Some((user, password)) => {
            let fits = user == bearer.user && password == bearer.password;
            fits.then_some(&bearer.access)
        }
    }
}
