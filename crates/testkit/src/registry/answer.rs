//! Answers, before they become HTTP responses.

use std::ops::Range;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::json;

use super::content::Content;

/// A status, headers and a body, of which a part may be meant.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) content: Content,
    pub(super) range: Range<u64>,
}

impl Answer {
    pub(super) fn empty(status: StatusCode) -> Self {
        Self::new(status, Bytes::new())
    }

    pub(super) fn new(status: StatusCode, body: impl Into<Content>) -> Self {
        let content = body.into();
        let range = 0..content.len();
        let headers = Vec::new();
        Self { status, headers, content, range }
    }

    /// An error in the form of distribution-spec ("Error Codes").
    pub(super) fn error(status: StatusCode, code: &str, message: &str) -> Self {
        let document = json!({"errors": [{"code": code, "message": message, "detail": null}]});
        Self::new(status, Bytes::from(document.to_string()))
            .with(CONTENT_TYPE, "application/json; charset=utf-8")
    }

    pub(super) fn not_found(code: &str, message: &str) -> Self {
        Self::error(StatusCode::NOT_FOUND, code, message)
    }

    pub(super) fn bad_request(code: &str, message: &str) -> Self {
        Self::error(StatusCode::BAD_REQUEST, code, message)
    }

    /// The same with a header, which replaces one of that name. A value that HTTP does not allow is left out.
    pub(super) fn with(mut self, name: HeaderName, value: impl AsRef<str>) -> Self {
        if let Ok(value) = HeaderValue::from_str(value.as_ref()) {
            self.headers.retain(|(other, _)| *other != name);
            self.headers.push((name, value));
        }
        self
    }

    pub(super) const fn length(&self) -> u64 {
        self.range.end - self.range.start
    }
}

/// Header names of distribution-spec that HTTP itself does not know.
pub(super) mod header {
    use super::HeaderName;

    pub(in crate::registry) const CONTENT_DIGEST: HeaderName =
        HeaderName::from_static("docker-content-digest");
    pub(in crate::registry) const FILTERS_APPLIED: HeaderName =
        HeaderName::from_static("oci-filters-applied");
    pub(in crate::registry) const SUBJECT: HeaderName = HeaderName::from_static("oci-subject");
    pub(in crate::registry) const UPLOAD_UUID: HeaderName =
        HeaderName::from_static("docker-upload-uuid");
    pub(in crate::registry) const API_VERSION: HeaderName =
        HeaderName::from_static("docker-distribution-api-version");
}
