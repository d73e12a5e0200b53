//! Pushes blobs (distribution-spec, "Pushing blobs").
//!
//! One `POST` and one `PUT`, whatever the size: ECR answers chunks with 201, GHCR refuses chunks
//! over 4 MiB, and both take a whole blob at once.

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use boltseal_core::Repository;
use boltseal_ports::{Blob, Probe, Pushed, RegistryError};
use reqwest::header::{
    AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION,
};
use reqwest::{Body, Method, StatusCode, Url};

use super::access::Access;
use super::answer::{Answer, is_failure};
use super::endpoint::api_path;
use super::exchange::{Exchange, Request, asks_for_login};
use super::failure::{self, Cause, Failure, Trouble};
use super::feed::{Feed, Watch};
use super::patience::Series;
use super::place::place;
use super::pulse::Pulse;
use super::transport::Reply;

/// Makes sure that a blob is in the repository.
pub(super) async fn push(
    exchange: &Exchange,
    repository: &Repository,
    blob: Blob<'_>,
) -> Result<Pushed, RegistryError> {
    let same_registry = |from: &&Repository| from.host() == repository.host();
    let mut upload = Upload {
        exchange,
        blob,
        mount_from: blob.mount_from.filter(same_registry).map(api_path),
        begun: Begun::Not,
        renewed: false,
    };
    let mut series = Series::transfer(&exchange.transport.patience);
    loop {
        match upload.attempt().await {
            Ok(pushed) => return Ok(pushed),
            Err(failure) => series.pause(failure).await?,
        }
    }
}

struct Upload<'a> {
    exchange: &'a Exchange,
    blob: Blob<'a>,
    mount_from: Option<String>,
    begun: Begun,
    /// Whether a `PUT` was refused for its token before.
    renewed: bool,
}

/// Whether bytes were sent before, which may have arrived although nobody said so.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begun {
    Not,
    Sent,
}

impl Upload<'_> {
    async fn attempt(&mut self) -> Result<Pushed, Failure> {
        if self.begun == Begun::Sent {
            if self.exists().await? {
                return Ok(Pushed::Uploaded);
            }
        } else if self.blob.probe == Probe::First && self.exists().await? {
            return Ok(Pushed::Existed);
        }
        let session = match self.mount().await? {
            Mount::Done => return Ok(Pushed::Mounted),
            Mount::Session(session) => session,
            Mount::Refused => self.session().await?,
        };
        self.send(session).await?;
        Ok(Pushed::Uploaded)
    }

    /// Only a hint that saves an upload: whatever is not a clear yes is a no.
    async fn exists(&self) -> Result<bool, Failure> {
        let url = self.exchange.endpoint.blob(&self.blob.descriptor.digest);
        let request = Request::new(Method::HEAD, url, Access::Push);
        let answer = self.exchange.once(&request).await?;
        let size = answer.content_length();
        let fits = size.is_none_or(|it| it == self.blob.descriptor.size);
        Ok(answer.status == StatusCode::OK && fits && !answer.is_html())
    }

    /// Asks for the blob of another repository. A registry that cannot, or may not, opens an
    /// upload instead, or refuses: then it is sent.
    async fn mount(&self) -> Result<Mount, Failure> {
        let Some(from) = &self.mount_from else {
            return Ok(Mount::Refused);
        };
        let mut url = self.exchange.endpoint.uploads();
        url.query_pairs_mut()
            .append_pair("mount", &self.blob.descriptor.digest.to_string())
            .append_pair("from", from);
        let request = Request::new(Method::POST, url.clone(), Access::Mount(from.clone()));
        match self.exchange.once(&request).await {
            Ok(answer) if answer.status == StatusCode::CREATED => Ok(Mount::Done),
            Ok(answer) if answer.status == StatusCode::ACCEPTED => {
                self.location(&url, &answer).map(Mount::Session)
            }
            Ok(_) | Err(Failure::Final(_)) => Ok(Mount::Refused),
            Err(passing) => Err(passing),
        }
    }

    async fn session(&self) -> Result<Url, Failure> {
        let url = self.exchange.endpoint.uploads();
        let request = Request::new(Method::POST, url.clone(), Access::Push);
        let answer = self.exchange.once(&request).await?;
        if answer.status != StatusCode::ACCEPTED {
            return Err(answer.rejected("202 Accepted, with the place to upload to").into());
        }
        self.location(&url, &answer)
    }

    fn location(&self, from: &Url, answer: &Answer) -> Result<Url, Failure> {
        let named = answer.header(&LOCATION).filter(|it| !it.is_empty());
        let session = named.and_then(|it| self.exchange.endpoint.follow(from, it));
        session.ok_or_else(|| {
            let error =
                answer.unreadable("a Location that is an HTTP URL, and after TLS one with TLS");
            Failure::Final(error)
        })
    }

    async fn send(&mut self, mut session: Url) -> Result<(), Failure> {
        let digest = self.blob.descriptor.digest.to_string();
        session.query_pairs_mut().append_pair("digest", &digest);
        let headers = self.headers(&session).await?;
        let used = headers.get(AUTHORIZATION).cloned();
        self.begun = Begun::Sent;
        let answer = self.put(session.clone(), headers).await?;
        let at_home = self.exchange.endpoint.is_home(&session);
        if asks_for_login(answer.status) && at_home && !self.renewed {
            return Err(self.renew(&answer, used.as_ref()).await);
        }
        if is_failure(answer.status) {
            return Err(self.exchange.failure_of(&answer));
        }
        match answer.status {
            StatusCode::CREATED => Ok(answer.check_digest(&self.blob.descriptor.digest)?),
            StatusCode::NOT_FOUND => {
                let found =
                    format!("an upload that the registry has forgotten: {}", answer.summary());
                Err(Trouble::new(Cause::Server, &answer.place, found).into())
            }
            _ => Err(answer.rejected("201 Created").into()),
        }
    }

    async fn headers(&self, session: &Url) -> Result<HeaderMap, Failure> {
        let octets = HeaderValue::from_static("application/octet-stream");
        let mut headers = HeaderMap::from_iter([
            (CONTENT_TYPE, octets),
            (CONTENT_LENGTH, self.blob.descriptor.size.into()),
        ]);
        if self.exchange.endpoint.is_home(session) {
            let line = self.exchange.line();
            let login = self.exchange.keyring.authorise(line, &Access::Push).await?;
            headers.extend(login.map(|it| (AUTHORIZATION, it)));
        }
        Ok(headers)
    }

    /// Sends the bytes from their start.
    async fn put(&self, session: Url, headers: HeaderMap) -> Result<Answer, Failure> {
        let transport = &self.exchange.transport;
        let watch = Arc::new(Watch {
            place: place(&Method::PUT, &session),
            pulse: Pulse::new(transport.patience.stall()),
            end: OnceLock::new(),
            sent: AtomicUsize::new(0),
        });
        let source = self.blob.source.open().await?;
        let feed = Feed::new(source, self.blob.descriptor, Arc::clone(&watch));
        self.exchange.turn(&Method::PUT, &session).await;
        transport.counter.request(&Method::PUT);
        let request = transport.client(&session)?.put(session.clone()).headers(headers);
        let sending = request.body(Body::wrap_stream(feed)).send();
        let sent = tokio::select! {
            sent = sending => sent.map_err(|error| failure::of_client(&error, &watch.place)),
            () = watch.pulse.stopped() => {
                Err(Trouble::new(Cause::Server, &watch.place, "a connection that stands still").into())
            }
        };
        transport.counter.sent(watch.sent.load(Ordering::Relaxed));
        if let Some(error) = watch.end.get() {
            return Err(error.clone().into());
        }
        let reply = Reply::new(watch.place.clone(), session, sent?);
        self.exchange.read(reply, 0).await
    }

    /// The token has grown stale on the way. The bytes are spent: the next attempt sends them
    /// again.
    async fn renew(&mut self, answer: &Answer, used: Option<&HeaderValue>) -> Failure {
        self.renewed = true;
        match self.exchange.login_again(answer, &Access::Push, used).await {
            Ok(_) => Trouble::new(Cause::Server, &answer.place, answer.summary()).into(),
            Err(failure) => failure,
        }
    }
}

enum Mount {
    Done,
    Refused,
    Session(Url),
}
