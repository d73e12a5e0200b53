//! Token servers (distribution's token specification, and its OAuth 2 form).

use boltseal_ports::{RegistryError, RegistryErrorKind};
use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode, Url};
use url::form_urlencoded::Serializer;

use super::answer::Answer;
use super::challenge::Challenge;
use super::complaint::printable;
use super::credential_file::{Found, Stored};
use super::endpoint::Endpoint;
use super::failure::Failure;
use super::line::Line;
use super::place::address;
use super::token::{MAX_TOKEN_BYTES, Token};
use super::transport::Outgoing;

/// Where a registry's tokens come from.
#[derive(Clone, Debug)]
pub(super) struct Realm {
    url: Url,
    service: Option<String>,
}

impl Realm {
    /// The realm that a Bearer challenge names.
    pub(super) fn of(
        challenge: &Challenge,
        endpoint: &Endpoint,
        place: &str,
    ) -> Result<Self, RegistryError> {
        let named = challenge.parameter("realm").unwrap_or_default();
        let url = endpoint.parse(named).ok_or_else(|| {
            RegistryError::new(RegistryErrorKind::Unauthorised, place)
                .expected("a Bearer challenge whose realm is an HTTP URL")
                .found(format!("realm {:?}", printable(named)))
                .fix("correct the registry's token service")
        })?;
        let service = challenge.parameter("service").map(str::to_owned);
        Ok(Self { url, service })
    }

    /// Asks for a token: with an identity token by OAuth 2, with a password by Basic, with
    /// nothing for what anybody may do.
    pub(super) async fn ask(
        &self,
        line: Line<'_>,
        found: &Found,
        scopes: &[String],
    ) -> Result<Token, Failure> {
        if found.stored.is_some() && !line.endpoint.may_receive_secrets(&self.url) {
            return Err(line
                .endpoint
                .refused(&address(&self.url))
                .expected("a token service that is reached over TLS")
                .found("plain HTTP, over which no credentials are sent")
                .fix("correct the registry's realm, or remove the stored credentials")
                .into());
        }
        let outgoing = match &found.stored {
            None => self.get(scopes, None),
            Some(Stored::Password(login)) => self.get(scopes, Some(login.basic())),
            Some(Stored::IdentityToken(token)) => self.post(scopes, token),
        };
        if outgoing.method == Method::POST {
            line.transport.counter.read();
        } else {
            line.transport.counter.request(&outgoing.method);
        }
        let reply = line.transport.send(outgoing).await?;
        let answer = line.transport.whole(reply, MAX_TOKEN_BYTES).await?;
        if let Some(trouble) = answer.trouble() {
            return Err(trouble.into());
        }
        read(line.endpoint, found, &answer).map_err(Failure::Final)
    }

    fn get(&self, scopes: &[String], login: Option<HeaderValue>) -> Outgoing {
        let mut url = self.url.clone();
        {
            let mut query = url.query_pairs_mut();
            query.extend_pairs(self.service.iter().map(|it| ("service", it)));
            query.extend_pairs(scopes.iter().map(|it| ("scope", it)));
        }
        let mut headers = json_wanted();
        headers.extend(login.map(|it| (AUTHORIZATION, it)));
        let (method, body) = (Method::GET, Bytes::new());
        Outgoing { method, url, headers, body }
    }

    fn post(&self, scopes: &[String], identity_token: &str) -> Outgoing {
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "refresh_token");
        form.append_pair("client_id", "boltseal");
        form.append_pair("refresh_token", identity_token);
        form.append_pair("scope", &scopes.join(" "));
        form.extend_pairs(self.service.iter().map(|it| ("service", it)));
        let mut headers = json_wanted();
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(CONTENT_TYPE, form_type);
        let (method, body) = (Method::POST, Bytes::from(form.finish()));
        Outgoing { method, url: self.url.clone(), headers, body }
    }
}

fn json_wanted() -> HeaderMap {
    HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))])
}

fn read(endpoint: &Endpoint, found: &Found, answer: &Answer) -> Result<Token, RegistryError> {
    let with = match &found.stored {
        None => found.searched.as_str(),
        Some(Stored::IdentityToken(_)) => "the stored identity token was sent",
        Some(Stored::Password(_)) => "the stored name and password were sent",
    };
    if answer.status != StatusCode::OK {
        let found = format!("{}; {with}", answer.status);
        return Err(endpoint.refused(&answer.place).expected("a token").found(found));
    }
    if answer.overflows {
        let found = format!("an answer of more than {MAX_TOKEN_BYTES} bytes");
        return Err(endpoint.refused(&answer.place).expected("a token").found(found));
    }
    Token::parse(&answer.body)
        .map_err(|problem| endpoint.refused(&answer.place).expected("a token").found(problem))
}
