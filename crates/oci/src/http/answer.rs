//! Answers that were read.

use std::time::Duration;

use boltseal_core::Digest;
use boltseal_ports::{RegistryError, RegistryErrorKind};
use bytes::Bytes;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderMap, HeaderName, RETRY_AFTER};

use super::complaint::{Complaint, printable};
use super::failure::{Cause, Trouble};

/// The digest of what was stored or is served.
pub(super) const CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// An answer with its body, as far as that was wanted.
#[derive(Debug)]
pub(super) struct Answer {
    /// The request.
    pub(super) place: String,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// The body, or its beginning.
    pub(super) body: Bytes,
    /// Whether the body was longer than the limit.
    pub(super) overflows: bool,
}

impl Answer {
    pub(super) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The media type without parameters, lower case; empty where there is none.
    pub(super) fn content_type(&self) -> String {
        content_type(&self.headers)
    }

    /// The size that the header names, for answers to `HEAD`.
    pub(super) fn content_length(&self) -> Option<u64> {
        content_length(&self.headers)
    }

    pub(super) fn is_html(&self) -> bool {
        is_html(&self.headers)
    }

    /// The registry's own words, where the body has its form.
    pub(super) fn complaint(&self) -> Option<Complaint> {
        Complaint::parse(&self.body)
    }

    /// The status, and the registry's own words.
    pub(super) fn summary(&self) -> String {
        match self.complaint() {
            Some(complaint) => format!("{} ({complaint})", self.status),
            None if self.is_html() => format!("{} with an HTML page", self.status),
            None => self.status.to_string(),
        }
    }

    /// Compares `Docker-Content-Digest`, where it is sent, with what it must be.
    pub(super) fn check_digest(&self, ours: &Digest) -> Result<(), RegistryError> {
        let Some(named) = self.headers.get(CONTENT_DIGEST) else {
            return Ok(());
        };
        let named = String::from_utf8_lossy(named.as_bytes());
        if named.trim() == ours.to_string() {
            return Ok(());
        }
        Err(self
            .error(RegistryErrorKind::Contradiction)
            .expected(format!("Docker-Content-Digest {ours}"))
            .found(printable(&named))
            .fix("do not trust this registry's copy; something changes content on its way"))
    }

    /// An error about this answer.
    pub(super) fn error(&self, kind: RegistryErrorKind) -> RegistryError {
        RegistryError::new(kind, &self.place)
    }

    /// An answer that is none: another status or form than `expected`.
    pub(super) fn unreadable(&self, expected: &str) -> RegistryError {
        self.error(RegistryErrorKind::Unreadable)
            .expected(expected)
            .found(self.summary())
            .fix("check that the host is an OCI registry and that no proxy or login page answers in its place")
    }

    /// Whether it is a refusal because of a login that has ended.
    pub(super) fn says_expired(&self) -> bool {
        self.complaint().is_some_and(|it| it.message.contains("expired"))
    }

    /// Why the same request should be sent again, if so.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        if !is_passing(self.status) {
            return None;
        }
        let cause = if self.status == StatusCode::TOO_MANY_REQUESTS {
            Cause::Throttle
        } else {
            Cause::Server
        };
        let mut trouble = Trouble::new(cause, &self.place, self.summary());
        trouble.wait = retry_after(&self.headers);
        Some(trouble)
    }

    /// A write that was refused.
    pub(super) fn rejected(&self, expected: &str) -> RegistryError {
        let unknown_name = self.complaint().is_some_and(|it| it.code == "NAME_UNKNOWN");
        let kind = if unknown_name {
            RegistryErrorKind::NoRepository
        } else if self.status.is_client_error() || self.status.is_server_error() {
            RegistryErrorKind::Rejected
        } else {
            RegistryErrorKind::Unreadable
        };
        let fix = match kind {
            RegistryErrorKind::NoRepository => "create the repository first",
            RegistryErrorKind::Rejected => {
                "see the registry's own message; it refuses this content or this name"
            }
            _ => "only 201 says that content is stored; check what answers in the registry's place",
        };
        self.error(kind).expected(expected).found(self.summary()).fix(fix)
    }
}

/// Whether a status means that the request was not judged, or not allowed.
pub(super) fn is_failure(status: StatusCode) -> bool {
    is_passing(status) || matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
}

/// Whether the same request may do better later.
fn is_passing(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
}

pub(super) fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

pub(super) fn content_type(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let essence = value.and_then(|it| it.split(';').next());
    essence.unwrap_or_default().trim().to_ascii_lowercase()
}

pub(super) fn is_html(headers: &HeaderMap) -> bool {
    matches!(content_type(headers).as_str(), "text/html" | "application/xhtml+xml")
}

/// `Retry-After`, in seconds or as a date. A date is compared with the answer's own `Date`, so
/// that no clock need be right.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|it| it.to_str().ok());
    let value = text(RETRY_AFTER)?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let parser = DateTimeParser::new();
    let until = parser.parse_timestamp(value).ok()?;
    let now = parser.parse_timestamp(text(DATE)?.trim()).ok()?;
    Some(until.duration_since(now).try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use reqwest::header::HeaderValue;

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        let pair = |(name, value): &(HeaderName, &str)| {
            (name.clone(), HeaderValue::from_str(value).unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn reads_retry_after() {
        let of = |pairs: &[_]| retry_after(&headers(pairs));
        assert_eq!(of(&[(RETRY_AFTER, "7")]), Some(Duration::from_secs(7)));
        let now = (DATE, "Sun, 06 Nov 1994 08:49:37 GMT");
        let until = (RETRY_AFTER, "Sun, 06 Nov 1994 08:50:07 GMT");
        assert_eq!(of(&[now.clone(), until.clone()]), Some(Duration::from_secs(30)));
        let past = (RETRY_AFTER, "Sun, 06 Nov 1994 08:49:07 GMT");
        assert_eq!(of(&[now, past]), Some(Duration::ZERO));
        assert_eq!(of(&[until]), None);
        assert_eq!(of(&[(RETRY_AFTER, "soon")]), None);
    }

    #[test]
    fn takes_the_type_without_parameters() {
        let html = headers(&[(CONTENT_TYPE, "Text/HTML; charset=utf-8")]);
        assert!(is_html(&html));
        assert!(!is_html(&HeaderMap::new()));
    }

    proptest! {
        #[test]
        fn retry_after_never_panics(value in "[ -~]{0,40}") {
            let now = (DATE, "Sun, 06 Nov 1994 08:49:37 GMT");
            retry_after(&headers(&[(RETRY_AFTER, &value), now]));
        }
    }
}
