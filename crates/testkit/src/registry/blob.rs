//! Blobs: `/v2/NAME/blobs/DIGEST`.

use std::ops::Range;

use boltseal_core::Digest;
use hyper::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, LOCATION, RANGE,
};
use hyper::{Method, StatusCode};

use super::answer::{Answer, header};
use super::call::Call;
use super::content::Content;
use super::options::Redirects;
use super::shared::{Shared, locked};

impl Shared {
    /// GET or HEAD of a blob, perhaps by redirect.
    pub(super) fn blob(&self, call: &Call, name: &str, digest: &Digest) -> Answer {
        let Some(content) = self.stored_blob(name, digest) else {
            return Answer::not_found("BLOB_UNKNOWN", "blob unknown to registry");
        };
        if self.options.redirects == Redirects::Storage && call.method == Method::GET {
            let host = &self.storage_host;
            let to = format!("http://{host}/storage/{name}/{digest}?X-Signature=presigned");
            return Answer::empty(StatusCode::TEMPORARY_REDIRECT).with(LOCATION, to);
        }
        served(call, content, digest)
    }

    /// The storage host's answer: like S3, it wants one way of authorisation only.
    pub(super) fn signed_blob(&self, call: &Call, name: &str, digest: &Digest) -> Answer {
        if call.headers.contains_key("authorization") {
            let body = "<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism \
                        allowed</Message></Error>";
            let answer = Answer::new(StatusCode::BAD_REQUEST, bytes::Bytes::from(body));
            return answer.with(CONTENT_TYPE, "application/xml");
        }
        if call.query.first("X-Signature") != Some("presigned") {
            return Answer::empty(StatusCode::FORBIDDEN);
        }
        match self.stored_blob(name, digest) {
            Some(content) => served(call, content, digest),
            None => Answer::empty(StatusCode::NOT_FOUND),
        }
    }

    pub(super) fn delete_blob(&self, name: &str, digest: &Digest) -> Answer {
        let mut repositories = locked(&self.repositories);
        let removed = repositories.get_mut(name).and_then(|it| it.blobs.remove(digest));
        match removed {
            Some(_) => Answer::empty(StatusCode::ACCEPTED),
            None => Answer::not_found("BLOB_UNKNOWN", "blob unknown to registry"),
        }
    }

    fn stored_blob(&self, name: &str, digest: &Digest) -> Option<Content> {
        let repositories = locked(&self.repositories);
        repositories.get(name)?.blobs.get(digest).cloned()
    }
}

fn served(call: &Call, content: Content, digest: &Digest) -> Answer {
    let length = content.len();
    let whole = Answer::new(StatusCode::OK, content)
        .with(CONTENT_TYPE, "application/octet-stream")
        .with(header::CONTENT_DIGEST, digest.to_string())
        .with(ETAG, format!("\"{digest}\""))
        .with(ACCEPT_RANGES, "bytes");
    let asked = call.header(RANGE).filter(|_| call.method == Method::GET);
    match asked.map(|text| byte_range(text, length)) {
        // A header that cannot be read is ignored (RFC 9110, 14.2).
        None | Some(Asked::Nonsense) => whole,
        Some(Asked::Beyond) => Answer::empty(StatusCode::RANGE_NOT_SATISFIABLE)
            .with(CONTENT_RANGE, format!("bytes */{length}"))
            .with(CONTENT_LENGTH, "0"),
        Some(Asked::Part(range)) => {
            let said = format!("bytes {}-{}/{length}", range.start, range.end - 1);
            let mut part = whole.with(CONTENT_RANGE, said);
            part.status = StatusCode::PARTIAL_CONTENT;
            part.range = range;
            part
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Beyond,
    Nonsense,
    Part(Range<u64>),
}

/// Reads `bytes=A-B`, `bytes=A-` or `bytes=-N`; several ranges at once are ignored.
fn byte_range(text: &str, length: u64) -> Asked {
    let Some((first, last)) = text.strip_prefix("bytes=").and_then(|spec| spec.split_once('-'))
    else {
        return Asked::Nonsense;
    };
    let range = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => first..length.min(last.saturating_add(1)),
        (Ok(first), Err(_)) if last.is_empty() => first..length,
        (Err(_), Ok(count)) if first.is_empty() => length.saturating_sub(count)..length,
        _ => return Asked::Nonsense,
    };
    if range.is_empty() { Asked::Beyond } else { Asked::Part(range) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_ranges() {
        assert_eq!(byte_range("bytes=0-0", 10), Asked::Part(0..1));
        assert_eq!(byte_range("bytes=4-", 10), Asked::Part(4..10));
        assert_eq!(byte_range("bytes=4-99", 10), Asked::Part(4..10));
        assert_eq!(byte_range("bytes=-3", 10), Asked::Part(7..10));
        assert_eq!(byte_range("bytes=10-", 10), Asked::Beyond);
        assert_eq!(byte_range("bytes=-0", 10), Asked::Beyond);
        for nonsense in ["bytes=5-4", "bytes=0-1,3-4", "bytes=-", "lines=1-2", ""] {
            assert_eq!(byte_range(nonsense, 10), Asked::Nonsense, "{nonsense}");
        }
    }

    proptest! {
        #[test]
        fn stays_within(text in "(bytes=)?[0-9]{0,20}-?[0-9]{0,20}", length in 0_u64..100) {
            if let Asked::Part(range) = byte_range(&text, length) {
                prop_assert!(range.start < range.end && range.end <= length);
            }
        }
    }
}
