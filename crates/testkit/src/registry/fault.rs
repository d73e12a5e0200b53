//! Things that go wrong on purpose.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use hyper::{Method, StatusCode};

use super::answer::Answer;

/// Something that goes wrong, and when. Of several faults that apply to a request, the one set
/// first counts.
#[derive(Clone, Debug)]
pub struct Fault {
    /// To which requests it happens.
    pub when: When,
    /// What happens.
    pub what: What,
}

/// To which requests a fault happens. Requests are numbered from 1, in the order they arrive, from
/// the moment that the fault is set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum When {
    /// To all.
    Always,
    /// To those that match, but not more often than this.
    First(u64, Match),
    /// To this one and all after it.
    From(u64),
    /// To all that match.
    Matching(Match),
    /// To this one.
    Nth(u64),
    /// To this one of those that write.
    NthWrite(u64),
}

impl When {
    /// All requests with a method (any, where empty) and a text in path and query.
    pub fn matching(method: &str, fragment: &str) -> Self {
        Self::Matching(Match::new(method, fragment))
    }

    /// The first `times` of those.
    pub fn first(times: u64, method: &str, fragment: &str) -> Self {
        Self::First(times, Match::new(method, fragment))
    }
}

/// Picks requests by method and path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The method; any, where empty.
    pub method: String,
    /// A text that path and query (`/v2/app/tags/list?n=1`) contain.
    pub fragment: String,
}

impl Match {
    /// Picks by method (any, where empty) and a part of path and query.
    pub fn new(method: &str, fragment: &str) -> Self {
        Self { method: method.to_owned(), fragment: fragment.to_owned() }
    }

    fn applies(&self, method: &Method, target: &str) -> bool {
        let method_fits = self.method.is_empty() || method.as_str() == self.method;
        method_fits && target.contains(&self.fragment)
    }
}

/// What happens to a request.
#[derive(Clone)]
#[non_exhaustive]
pub enum What {
    /// The connection is reset before anything is done.
    Reset,
    /// All is done, then the connection is reset instead of the answer.
    ResetAfterStore,
    /// All is done; the answer comes this much later.
    Slow(Duration),
    /// All is done; half of the answer's body comes, and the rest this much later.
    Stall(Duration),
    /// Nothing is done; this is the answer. The request's body is read first.
    Status {
        /// The status.
        code: u16,
        /// Headers; a name or value that HTTP does not allow is left out.
        headers: Vec<(String, String)>,
        /// The body.
        body: Bytes,
    },
    /// All is done; the body of the answer is changed, and its headers, the digest among them,
    /// are not (but for `Content-Length`).
    Tamper(Tamper),
    /// All is done; the answer promises all of its body and the connection ends after half of it.
    /// An answer without a body is lost as with [`What::ResetAfterStore`].
    Truncate,
}

/// Changes the body of an answer.
pub type Tamper = Arc<dyn Fn(Bytes) -> Bytes + Send + Sync>;

impl What {
    /// An answer with a status and nothing else.
    pub fn status(code: u16) -> Self {
        Self::answer(code, &[], "")
    }

    /// 429 with `Retry-After` in whole seconds, and the error that ECR sends.
    pub fn throttled(retry_after: Duration) -> Self {
        let body = r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"Rate exceeded"}]}"#;
        let seconds = retry_after.as_secs().to_string();
        Self::answer(429, &[(RETRY_AFTER, &seconds)], body)
    }

    /// 500 with an error in the form of the specification.
    pub fn server_error() -> Self {
        let body = r#"{"errors":[{"code":"UNKNOWN","message":"unknown error"}]}"#;
        Self::answer(500, &[(CONTENT_TYPE, "application/json")], body)
    }

    /// 401 with a challenge for Basic.
    pub fn unauthorised() -> Self {
        let body = r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#;
        Self::answer(401, &[(WWW_AUTHENTICATE, r#"Basic realm="testkit""#)], body)
    }

    /// 403 with an error in the form of the specification.
    pub fn forbidden() -> Self {
        let body = r#"{"errors":[{"code":"DENIED","message":"requested access is denied"}]}"#;
        Self::answer(403, &[(CONTENT_TYPE, "application/json")], body)
    }

    /// 200 and a page for people, as a captive portal or a proxy sends it.
    pub fn html() -> Self {
        let body = "<!doctype html><html><body><h1>Sign in</h1></body></html>";
        Self::answer(200, &[(CONTENT_TYPE, "text/html; charset=utf-8")], body)
    }

    /// 200 and nothing.
    pub fn empty() -> Self {
        Self::status(200)
    }

    /// A change of the answer's body.
    pub fn tamper(change: impl Fn(Bytes) -> Bytes + Send + Sync + 'static) -> Self {
        Self::Tamper(Arc::new(change))
    }

    /// One bit of the middle byte flipped, so that only a digest can tell.
    pub fn flipped_bit() -> Self {
        Self::tamper(|bytes| {
            let mut changed = bytes.to_vec();
            let middle = changed.len() / 2;
            if let Some(byte) = changed.get_mut(middle) {
                *byte ^= 1;
            }
            changed.into()
        })
    }

    fn answer(code: u16, headers: &[(HeaderName, &str)], body: &'static str) -> Self {
        let owned = |(name, value): &(HeaderName, &str)| (name.to_string(), (*value).to_owned());
        Self::Status {
            code,
            headers: headers.iter().map(owned).collect(),
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    /// The answer that takes the place of the right one, where this fault has one.
    pub(super) fn instead(&self) -> Option<Answer> {
        let Self::Status { code, headers, body } = self else {
            return None;
        };
        let status = StatusCode::from_u16(*code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let start = Answer::new(status, body.clone());
        Some(headers.iter().fold(start, |answer, (name, value)| match name.parse::<HeaderName>() {
            Ok(name) => answer.with(name, value),
            Err(_) => answer,
        }))
    }
}

impl fmt::Debug for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reset => f.write_str("Reset"),
            Self::ResetAfterStore => f.write_str("ResetAfterStore"),
            Self::Slow(wait) => write!(f, "Slow({wait:?})"),
            Self::Stall(wait) => write!(f, "Stall({wait:?})"),
            Self::Status { code, .. } => write!(f, "Status({code})"),
            Self::Tamper(_) => f.write_str("Tamper"),
            Self::Truncate => f.write_str("Truncate"),
        }
    }
}

/// The faults that are set.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Armed>);

impl Faults {
    pub(super) fn set(&mut self, fault: Fault) {
        self.0.push(Armed { fault, seen: 0, writes: 0, struck: 0 });
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// What happens to the request that now arrives. Asked exactly once for each.
    pub(super) fn strike(&mut self, method: &Method, target: &str, is_write: bool) -> Option<What> {
        let mut found = None;
        for armed in &mut self.0 {
            armed.seen += 1;
            armed.writes += u64::from(is_write);
            if found.is_none() && armed.applies(method, target, is_write) {
                armed.struck += 1;
                found = Some(armed.fault.what.clone());
            }
        }
        found
    }
}

#[derive(Debug)]
struct Armed {
    fault: Fault,
    seen: u64,
    writes: u64,
    struck: u64,
}

impl Armed {
    fn applies(&self, method: &Method, target: &str, is_write: bool) -> bool {
        match &self.fault.when {
            When::Always => true,
            When::First(times, matched) => self.struck < *times && matched.applies(method, target),
            When::From(first) => self.seen >= *first,
            When::Matching(matched) => matched.applies(method, target),
            When::Nth(number) => self.seen == *number,
            When::NthWrite(number) => is_write && self.writes == *number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn struck(when: When) -> Vec<usize> {
        let mut faults = Faults::default();
        let what = What::Reset;
        faults.set(Fault { when, what });
        let requests = [
            (Method::GET, "/v2/", false),
            (Method::POST, "/v2/app/blobs/uploads/", true),
            (Method::GET, "/v2/app/manifests/1", false),
            (Method::PUT, "/v2/app/manifests/1", true),
            (Method::PUT, "/v2/app/manifests/2", true),
        ];
        let hit = |(number, (method, target, write)): (usize, &(Method, &str, bool))| {
            let what = faults.strike(method, target, *write);
            what.map(|_| number + 1)
        };
        requests.iter().enumerate().filter_map(hit).collect()
    }

    #[test]
    fn strikes_when_it_should() {
        assert_eq!(struck(When::Always), [1, 2, 3, 4, 5]);
        assert_eq!(struck(When::Nth(3)), [3]);
        assert_eq!(struck(When::From(4)), [4, 5]);
        assert_eq!(struck(When::NthWrite(2)), [4]);
        assert_eq!(struck(When::matching("PUT", "manifests")), [4, 5]);
        assert_eq!(struck(When::matching("", "manifests/1")), [3, 4]);
        assert_eq!(struck(When::first(1, "PUT", "")), [4]);
        assert_eq!(struck(When::matching("PATCH", "")), [0; 0]);
    }
}
