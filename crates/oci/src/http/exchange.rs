//! Requests and their answers: logs in, follows redirects, and tries again.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use boltseal_ports::{RegistryCall, RegistryError, RegistryErrorKind, RegistryRules, Traffic};
use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{Method, StatusCode, Url};

use super::HttpOptions;
use super::access::Access;
use super::answer::{Answer, is_failure};
use super::complaint::MAX_COMPLAINT_BYTES;
use super::endpoint::Endpoint;
use super::failure::Failure;
use super::keyring::{Keyring, LoginAge, Refusal};
use super::line::Line;
use super::patience::Series;
use super::place::place;
use super::transport::{Outgoing, Reply, Transport};

const MAX_REDIRECTS: usize = 5;

/// The conversation with one repository of one registry.
pub(super) struct Exchange {
    pub(super) endpoint: Endpoint,
    pub(super) transport: Transport,
    pub(super) keyring: Keyring,
    /// Given once, before the first request.
    pub(super) rules: OnceLock<Arc<dyn RegistryRules>>,
}

/// A request to the registry, with a small body or none.
#[derive(Clone, Debug)]
pub(super) struct Request {
    method: Method,
    url: Url,
    access: Access,
    headers: HeaderMap,
    body: Bytes,
    limit: usize,
    extra_time: Duration,
}

impl Request {
    /// A request whose answer's body does not matter.
    pub(super) fn new(method: Method, url: Url, access: Access) -> Self {
        Self {
            method,
            url,
            access,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            limit: MAX_COMPLAINT_BYTES,
            extra_time: Duration::ZERO,
        }
    }

    /// With a header. `value` must be one: the callers pass constants and checked values.
    pub(super) fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    pub(super) fn body(mut self, body: Bytes) -> Self {
        self.body = body;
        self
    }

    /// How many bytes of a successful answer are read.
    pub(super) fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Time beyond the patience, for an answer that is not small.
    pub(super) fn extra_time(mut self, time: Duration) -> Self {
        self.extra_time = time;
        self
    }

    pub(super) fn place(&self) -> String {
        place(&self.method, &self.url)
    }
}

impl Exchange {
    pub(super) fn new(endpoint: Endpoint, options: &HttpOptions) -> Result<Self, RegistryError> {
        let transport = Transport::new(options)?;
        // Made now, so that what is wrong with it is said before anything is begun.
        transport.client(&endpoint.uploads())?;
        let keyring = Keyring::new(options.credentials.clone());
        Ok(Self { endpoint, transport, keyring, rules: OnceLock::new() })
    }

    pub(super) fn traffic(&self) -> Traffic {
        self.transport.counter.traffic()
    }

    /// Sends a request as often as it needs, and reads the answer. What is answered is neither
    /// 401, 403, 429 nor a passing server error.
    pub(super) async fn call(&self, request: &Request) -> Result<Answer, RegistryError> {
        let mut series = Series::call(&self.transport.patience, request.extra_time);
        loop {
            match series.attempt(&request.place(), self.once(request)).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => series.pause(failure).await?,
            }
        }
    }

    /// One attempt of [`Exchange::call`].
    pub(super) async fn once(&self, request: &Request) -> Result<Answer, Failure> {
        let reply = self.open(request).await?;
        self.read(reply, request.limit).await
    }

    /// One attempt, up to the head of the answer.
    pub(super) async fn open(&self, request: &Request) -> Result<Reply, Failure> {
        let mut used = self.keyring.authorise(self.line(), &request.access).await?;
        let mut renewed = false;
        loop {
            let reply = self.hop(request, used.as_ref()).await?;
            if renewed || !asks_for_login(reply.status()) || !self.endpoint.is_home(&reply.url) {
                return self.judge(reply).await;
            }
            // Read, so that the connection can be used again.
            let answer = self.read(reply, MAX_COMPLAINT_BYTES).await?;
            used = Some(self.login_again(&answer, &request.access, used.as_ref()).await?);
            renewed = true;
        }
    }

    /// What to send instead of `used`, which was answered with 401, or with 403 by a service whose
    /// logins end early.
    pub(super) async fn login_again(
        &self,
        answer: &Answer,
        access: &Access,
        used: Option<&HeaderValue>,
    ) -> Result<HeaderValue, Failure> {
        if answer.status == StatusCode::FORBIDDEN {
            let age = if answer.says_expired() { LoginAge::Any } else { LoginAge::NotFresh };
            let reissued = self.keyring.reissue(used, age).await?;
            return reissued.ok_or_else(|| self.failure_of(answer));
        }
        let refusal = Refusal { place: &answer.place, headers: &answer.headers, used };
        self.keyring.answer(self.line(), access, refusal).await
    }

    /// Turns an answer that is none into a failure.
    pub(super) async fn judge(&self, reply: Reply) -> Result<Reply, Failure> {
        if !is_failure(reply.status()) {
            return Ok(reply);
        }
        let answer = self.read(reply, MAX_COMPLAINT_BYTES).await?;
        Err(self.failure_of(&answer))
    }

    /// What an answer with a status that [`is_failure`] means.
    pub(super) fn failure_of(&self, answer: &Answer) -> Failure {
        if let Some(trouble) = answer.trouble() {
            return trouble.into();
        }
        self.endpoint
            .refused(&answer.place)
            .expected("access")
            .found(format!("{}; {}", answer.summary(), self.keyring.describe()))
            .into()
    }

    /// Reads a body up to `limit`. An error's body is read for its words only, which are cleared
    /// of everything secret.
    pub(super) async fn read(&self, reply: Reply, limit: usize) -> Result<Answer, Failure> {
        if reply.status().is_success() {
            return self.transport.whole(reply, limit).await;
        }
        let mut answer = self.transport.whole(reply, MAX_COMPLAINT_BYTES).await?;
        answer.body = self.keyring.redact(&answer.body).into();
        Ok(answer)
    }

    pub(super) const fn line(&self) -> Line<'_> {
        Line { endpoint: &self.endpoint, transport: &self.transport }
    }

    /// Sends a request, and where it only reads, follows redirects. Credentials go to the
    /// registry alone.
    async fn hop(&self, request: &Request, login: Option<&HeaderValue>) -> Result<Reply, Failure> {
        let reads = request.method == Method::GET || request.method == Method::HEAD;
        let mut url = request.url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let mut headers = request.headers.clone();
            if self.endpoint.is_home(&url) {
                headers.extend(login.map(|it| (AUTHORIZATION, it.clone())));
            }
            self.turn(&request.method, &url).await;
            self.transport.counter.request(&request.method);
            let reply = self
                .transport
                .send(Outgoing {
                    method: request.method.clone(),
                    url,
                    headers,
                    body: request.body.clone(),
                })
                .await?;
            if !reads || !is_redirect(reply.status()) {
                return Ok(reply);
            }
            url = self.target(reply).await?;
        }
        let error = RegistryError::new(RegistryErrorKind::Unreadable, request.place())
            .expected(format!("an answer after at most {MAX_REDIRECTS} redirects"))
            .found("one redirect more")
            .fix("correct the registry or the proxy; its redirects do not end");
        Err(error.into())
    }

    /// Waits for the service to take one more such request. Requests that go elsewhere, such as
    /// to where blobs are stored, are not its own.
    pub(super) async fn turn(&self, method: &Method, url: &Url) {
        let Some(rules) = self.rules.get().filter(|_| self.endpoint.is_home(url)) else {
            return;
        };
        rules.turn(call_of(method, url.path())).await;
    }

    async fn target(&self, reply: Reply) -> Result<Url, Failure> {
        let from = reply.url.clone();
        let answer = self.read(reply, MAX_COMPLAINT_BYTES).await?;
        let location = answer.header(&LOCATION).unwrap_or_default();
        self.endpoint.follow(&from, location).ok_or_else(|| {
            let error = answer.unreadable("a redirect to an HTTP URL, and from TLS only to TLS");
            Failure::Final(error)
        })
    }
}

fn call_of(method: &Method, path: &str) -> RegistryCall {
    match method.as_str() {
        "POST" => RegistryCall::UploadBegin,
        "PUT" if path.contains("/manifests/") => RegistryCall::ManifestWrite,
        "PUT" => RegistryCall::UploadEnd,
        _ if path.contains("/blobs/") => RegistryCall::BlobRead,
        _ => RegistryCall::ManifestRead,
    }
}

pub(super) fn asks_for_login(status: StatusCode) -> bool {
    matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}
