//! Connections: sends single requests, and knows nothing of what they mean.

use std::io::Read as _;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use boltseal_ports::{RegistryError, RegistryErrorKind};
use bytes::{Bytes, BytesMut};
use reqwest::header::HeaderMap;
use reqwest::{Certificate, Client, ClientBuilder, Method, Response, StatusCode, Url};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::HttpOptions;
use super::answer::Answer;
use super::counter::Counter;
use super::failure::{self, Cause, Failure, Trouble};
use super::patience::Patience;
use super::place::place;
use super::registry_map::is_loopback;

/// Requests under way at once. Uploads are not counted: their sources may wait for one another
/// (all layers for the gate), so that a bound here could make them wait for ever. Whoever owns
/// the sources bounds them.
const AT_ONCE: usize = 8;
const CONNECT: Duration = Duration::from_secs(10);
const MAX_CA_BYTES: u64 = 1024 * 1024;

/// The HTTP clients of one registry. Each is made when it is first needed: reading the system's
/// certificate authorities takes longer than most requests.
#[derive(Debug)]
pub(super) struct Transport {
    user_agent: String,
    /// Trusted besides the system's.
    authorities: Vec<Certificate>,
    /// One for each [`Way`].
    clients: [OnceLock<Client>; 3],
    slots: Arc<Semaphore>,
    pub(super) counter: Counter,
    pub(super) patience: Patience,
}

impl Transport {
    pub(super) fn new(options: &HttpOptions) -> Result<Self, RegistryError> {
        let authorities = match &options.ca_file {
            Some(file) => read_authorities(file)?,
            None => Vec::new(),
        };
        Ok(Self {
            user_agent: options.user_agent.clone(),
            authorities,
            clients: Default::default(),
            slots: Arc::new(Semaphore::new(AT_ONCE)),
            counter: Counter::default(),
            patience: Patience::new(options.patience),
        })
    }

    /// Sends one request with a small body, and waits for the head of its answer.
    pub(super) async fn send(&self, outgoing: Outgoing) -> Result<Reply, Failure> {
        let slot = Arc::clone(&self.slots).acquire_owned().await.ok();
        self.counter.sent(outgoing.body.len());
        let place = place(&outgoing.method, &outgoing.url);
        let request = self
            .client(&outgoing.url)?
            .request(outgoing.method, outgoing.url.clone())
            .headers(outgoing.headers)
            .body(outgoing.body);
        let sent = timeout(self.patience.stall(), request.send()).await;
        let response = sent
            .map_err(|_| Trouble::new(Cause::Server, &place, "no answer in time"))?
            .map_err(|error| failure::of_client(&error, &place))?;
        self.patience.heard();
        Ok(Reply { place, url: outgoing.url, response, slot })
    }

    /// Reads a body, of which no more than `limit` is kept.
    pub(super) async fn whole(&self, mut reply: Reply, limit: usize) -> Result<Answer, Failure> {
        let mut body = BytesMut::new();
        let mut overflows = false;
        while let Some(piece) = self.piece(&mut reply).await? {
            let room = limit - body.len();
            body.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.len() > room {
                overflows = true;
                break;
            }
        }
        Ok(Answer {
            place: reply.place,
            status: reply.response.status(),
            headers: std::mem::take(reply.response.headers_mut()),
            body: body.freeze(),
            overflows,
        })
    }

    /// The client for `url`, for whoever watches over the request himself.
    pub(super) fn client(&self, url: &Url) -> Result<&Client, RegistryError> {
        let way = Way::to(url);
        let client = &self.clients[way as usize];
        if let Some(client) = client.get() {
            return Ok(client);
        }
        let built = self.builder(way).build().map_err(|error| {
            RegistryError::new(RegistryErrorKind::Unreachable, "the HTTP client")
                .expected("a client with the system's certificate authorities")
                .found(failure::root_text(&error))
                .fix("check SSL_CERT_FILE, SSL_CERT_DIR and the proxy variables")
        })?;
        Ok(client.get_or_init(|| built))
    }

    fn builder(&self, way: Way) -> ClientBuilder {
        let builder = Client::builder()
            .user_agent(&self.user_agent)
            .connect_timeout(CONNECT)
            // Redirects are followed by hand, without credentials; retries are counted by hand.
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false);
        let authorities = self.authorities.clone();
        match way {
            Way::Direct => builder.tls_certs_only(authorities).no_proxy(),
            Way::DirectTls => builder.tls_certs_merge(authorities).no_proxy(),
            Way::Routed => builder.tls_certs_merge(authorities),
        }
    }

    /// The next piece of a body; `None` at its end.
    pub(super) async fn piece(&self, reply: &mut Reply) -> Result<Option<Bytes>, Failure> {
        let piece = timeout(self.patience.stall(), reply.response.chunk()).await;
        let piece = piece
            .map_err(|_| {
                Trouble::new(Cause::Server, &reply.place, "an answer that stopped coming")
            })?
            .map_err(|error| cut_off(&error, &reply.place))?;
        self.counter.received(piece.as_ref().map_or(0, Bytes::len));
        Ok(piece)
    }
}

/// How a URL is reached.
#[derive(Clone, Copy)]
enum Way {
    /// Plain HTTP to this machine, to which no proxy leads. No TLS is spoken, so that the system's
    /// authorities need not be read.
    Direct,
    /// TLS to this machine.
    DirectTls,
    /// Through the proxies of the environment.
    Routed,
}

impl Way {
    fn to(url: &Url) -> Self {
        match (is_loopback(url), url.scheme()) {
            (true, "https") => Self::DirectTls,
            (true, _) => Self::Direct,
            (false, _) => Self::Routed,
        }
    }
}

/// A request with a small body.
#[derive(Clone, Debug)]
pub(super) struct Outgoing {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// The head of an answer; its body is still to come.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) place: String,
    pub(super) url: Url,
    pub(super) response: Response,
    slot: Option<OwnedSemaphorePermit>,
}

impl Reply {
    /// An answer to a request that took no slot.
    pub(super) fn new(place: String, url: Url, response: Response) -> Self {
        let slot = None;
        Self { place, url, response, slot }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// Lets other requests go ahead: the body will be read slowly.
    pub(super) fn release(&mut self) {
        self.slot = None;
    }
}

fn read_authorities(file: &Path) -> Result<Vec<Certificate>, RegistryError> {
    let fail = |kind, found: String| {
        RegistryError::new(kind, file.display().to_string())
            .expected("a PEM file with certificates of authorities")
            .found(found)
            .fix("name a PEM file that has at least one CERTIFICATE block")
    };
    let unreadable =
        |error: std::io::Error| fail(RegistryErrorKind::Unreachable, error.to_string());
    let opened = std::fs::File::open(file).map_err(unreadable)?;
    let mut pem = Vec::new();
    let limited = opened.take(MAX_CA_BYTES + 1).read_to_end(&mut pem);
    limited.map_err(unreadable)?;
    let malformed = |found: String| fail(RegistryErrorKind::Malformed, found);
    if pem.len() as u64 > MAX_CA_BYTES {
        return Err(malformed(format!("more than {MAX_CA_BYTES} bytes")));
    }
    match Certificate::from_pem_bundle(&pem) {
        Ok(authorities) if authorities.is_empty() => Err(malformed("no certificate".to_owned())),
        Ok(authorities) => Ok(authorities),
        Err(_) => Err(malformed("no PEM certificates".to_owned())),
    }
}

fn cut_off(error: &reqwest::Error, place: &str) -> Failure {
    match failure::of_client(error, place) {
        Failure::Passing(mut trouble) => {
            trouble.found = format!("a body that broke off ({})", trouble.found);
            trouble.into()
        }
        other @ Failure::Final(_) => other,
    }
}
