//! What was asked of the server.

use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, RANGE, USER_AGENT};
use hyper::http::request::Parts;

use super::route::Route;
use super::shared::locked;

/// One request and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Which request it was, from 1, since the recording was last reset.
    pub number: u64,
    /// The method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query, undecoded; empty where there was none.
    pub query: String,
    /// What the path names.
    pub area: Area,
    /// The status; `None` where the connection was dropped instead, or the answer is still out.
    pub status: Option<u16>,
    /// Body bytes received.
    pub bytes_in: u64,
    /// Body bytes sent so far.
    pub bytes_out: u64,
    /// The scheme of `Authorization` (`Basic`, `Bearer`); never the secret.
    pub authorization: Option<String>,
    /// `Accept`, all of it.
    pub accept: Option<String>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Range`.
    pub range: Option<String>,
    /// `User-Agent`.
    pub user_agent: Option<String>,
}

impl Recorded {
    /// Whether the request could change the registry. A request for a token cannot.
    pub fn is_write(&self) -> bool {
        self.area != Area::Token && !matches!(self.method.as_str(), "GET" | "HEAD")
    }
}

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Area {
    /// `/v2/`.
    Base,
    /// A blob, here or in the storage.
    Blob,
    /// A manifest.
    Manifest,
    /// Nothing of the API.
    Other,
    /// The Referrers API.
    Referrers,
    /// The list of tags.
    Tags,
    /// The token endpoint.
    Token,
    /// An upload session.
    Upload,
}

impl Area {
    pub(super) fn of(path: &str) -> Self {
        match Route::parse(path) {
            Ok(Route::Base) => Self::Base,
            Ok(Route::Blob(..) | Route::Signed(..)) => Self::Blob,
            Ok(Route::Manifest(..)) => Self::Manifest,
            Ok(Route::Referrers(..)) => Self::Referrers,
            Ok(Route::Tags(_)) => Self::Tags,
            Ok(Route::Token) => Self::Token,
            Ok(Route::Upload(..) | Route::Uploads(_)) => Self::Upload,
            Err(_) => Self::Other,
        }
    }
}

/// Sums over recorded requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests that only read, those for tokens included.
    pub reads: u64,
    /// Requests that could change the registry.
    pub writes: u64,
    /// Requests for a token.
    pub tokens: u64,
    /// Answers 401.
    pub challenges: u64,
    /// Requests about blobs and upload sessions.
    pub blobs: u64,
    /// Requests about manifests.
    pub manifests: u64,
    /// Requests to the Referrers API.
    pub referrers: u64,
    /// Body bytes received.
    pub bytes_in: u64,
    /// Body bytes sent.
    pub bytes_out: u64,
}

impl Counts {
    /// The sums over some requests.
    pub fn of<'a>(requests: impl IntoIterator<Item = &'a Recorded>) -> Self {
        let mut sums = Self::default();
        for request in requests {
            sums.add(request);
        }
        sums
    }

    /// Reads and writes together.
    pub const fn requests(&self) -> u64 {
        self.reads + self.writes
    }

    fn add(&mut self, request: &Recorded) {
        let one = |condition: bool| u64::from(condition);
        let area = request.area;
        self.writes += one(request.is_write());
        self.reads += one(!request.is_write());
        self.tokens += one(area == Area::Token);
        self.challenges += one(request.status == Some(401));
        self.blobs += one(matches!(area, Area::Blob | Area::Upload));
        self.manifests += one(area == Area::Manifest);
        self.referrers += one(area == Area::Referrers);
        self.bytes_in += request.bytes_in;
        self.bytes_out += request.bytes_out;
    }
}

/// The recording.
#[derive(Debug, Default)]
pub(super) struct Log(Mutex<Vec<Arc<Entry>>>);

impl Log {
    /// Takes down a request that arrives.
    pub(super) fn open(&self, parts: &Parts) -> Arc<Entry> {
        let mut entries = locked(&self.0);
        let entry = Arc::new(Entry::new(entries.len() as u64 + 1, parts));
        entries.push(Arc::clone(&entry));
        entry
    }

    pub(super) fn requests(&self) -> Vec<Recorded> {
        locked(&self.0).iter().map(|entry| entry.get()).collect()
    }

    pub(super) fn reset(&self) {
        locked(&self.0).clear();
    }
}

/// A request while it is served.
#[derive(Debug)]
pub(super) struct Entry {
    arrived: Recorded,
    status: AtomicU16,
    pub(super) bytes_in: AtomicU64,
    pub(super) bytes_out: AtomicU64,
}

impl Entry {
    fn new(number: u64, parts: &Parts) -> Self {
        let header = |name: HeaderName| {
            let values: Vec<_> = parts.headers.get_all(name).iter().collect();
            let texts: Vec<_> = values.iter().filter_map(|it| it.to_str().ok()).collect();
            (!texts.is_empty()).then(|| texts.join(", "))
        };
        let scheme = |value: String| value.split(' ').next().map(str::to_owned);
        let arrived = Recorded {
            number,
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            area: Area::of(parts.uri.path()),
            status: None,
            bytes_in: 0,
            bytes_out: 0,
            authorization: header(AUTHORIZATION).and_then(scheme),
            accept: header(ACCEPT),
            content_type: header(CONTENT_TYPE),
            range: header(RANGE),
            user_agent: header(USER_AGENT),
        };
        Self {
            arrived,
            status: AtomicU16::new(0),
            bytes_in: AtomicU64::new(0),
            bytes_out: AtomicU64::new(0),
        }
    }

    pub(super) fn set_status(&self, status: u16) {
        self.status.store(status, Ordering::Relaxed);
    }

    pub(super) fn is_write(&self) -> bool {
        self.arrived.is_write()
    }

    fn get(&self) -> Recorded {
        let status = self.status.load(Ordering::Relaxed);
        Recorded {
            status: (status != 0).then_some(status),
            bytes_in: self.bytes_in.load(Ordering::Relaxed),
            bytes_out: self.bytes_out.load(Ordering::Relaxed),
            ..self.arrived.clone()
        }
    }
}
