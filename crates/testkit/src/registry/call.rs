//! A request, read.

use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, StatusCode};

use super::answer::Answer;
use super::query::Query;
use super::route::{Astray, Route};
use super::scope::{Action, Scope};

/// What a request asks for, without its body.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    pub(super) query: Query,
    pub(super) route: Result<Route, Astray>,
}

impl Call {
    pub(super) fn new(parts: &Parts) -> Self {
        Self {
            method: parts.method.clone(),
            headers: parts.headers.clone(),
            query: Query::parse(parts.uri.query().unwrap_or_default()),
            route: Route::parse(parts.uri.path()),
        }
    }

    /// A header's value, where it is text.
    pub(super) fn header(&self, name: impl hyper::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The rights that the request needs.
    pub(super) fn wanted(&self) -> Scope {
        let Ok(route) = &self.route else {
            return Scope::default();
        };
        let action = match (self.method.as_str(), route) {
            ("GET" | "HEAD", Route::Upload(..)) => Action::Push,
            ("GET" | "HEAD", _) => Action::Pull,
            ("DELETE", Route::Blob(..) | Route::Manifest(..)) => Action::Delete,
            _ => Action::Push,
        };
        let of = |name| Scope::of(name, action);
        route.repository().map(of).unwrap_or_default()
    }
}

impl From<Astray> for Answer {
    fn from(astray: Astray) -> Self {
        match astray {
            Astray::Elsewhere => Self::empty(StatusCode::NOT_FOUND),
            Astray::Digest => Self::bad_request("DIGEST_INVALID", "the digest is malformed"),
            Astray::Name => Self::bad_request("NAME_INVALID", "the repository name is malformed"),
            Astray::Tag => Self::bad_request("MANIFEST_INVALID", "the tag is malformed"),
        }
    }
}
