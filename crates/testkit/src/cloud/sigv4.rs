//! Signature version 4 of a request's header, checked as AWS checks it.

use aws_lc_rs::{constant_time, digest, hmac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::http::Request;

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PATH: &AsciiSet = &UNRESERVED.remove(b'/');

/// An `Authorization` header of the form `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…,
/// Signature=…`.
#[derive(Clone, Debug)]
pub(crate) struct Signature {
    pub(crate) access_key: String,
    pub(crate) region: String,
    /// The name of the service that it is for.
    pub(crate) service: String,
    /// `DATE/REGION/SERVICE/aws4_request`.
    scope: String,
    date: String,
    signed_headers: Vec<String>,
    value: Vec<u8>,
}

impl Signature {
    /// Reads the header; `None` where there is none, or another kind.
    pub(crate) fn of(request: &Request) -> Option<Self> {
        let value = request.header("authorization")?.strip_prefix("AWS4-HMAC-SHA256 ")?;
        let part = |name: &str| {
            let mut parts = value.split(',').map(str::trim);
            parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
        };
        let (access_key, scope) = part("Credential")?.split_once('/')?;
        let names: Vec<_> = scope.split('/').collect();
        let [date, region, service, "aws4_request"] = names[..] else {
            return None;
        };
        Some(Self {
            access_key: access_key.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            scope: scope.to_owned(),
            date: date.to_owned(),
            signed_headers: part("SignedHeaders")?.split(';').map(str::to_owned).collect(),
            value: unhex(part("Signature")?)?,
        })
    }

    /// The header that makes a request signed by this key; its other headers are there already.
    #[cfg(test)]
    pub(super) fn header(&self, secret: &str, request: &Request) -> String {
        let signature = hex(&self.expected(secret, request).unwrap_or_default());
        format!(
            "AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={signature}",
            self.access_key,
            self.scope,
            self.signed_headers.join(";"),
        )
    }

    /// What is to be signed, with the headers that a client signs at least.
    #[cfg(test)]
    pub(super) fn to_be(access_key: &str, region: &str, service: &str, time: &str) -> Self {
        let date = time[..8].to_owned();
        let signed = ["host", "x-amz-date", "x-amz-security-token"];
        Self {
            access_key: access_key.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            scope: format!("{date}/{region}/{service}/aws4_request"),
            date,
            signed_headers: signed.map(str::to_owned).to_vec(),
            value: Vec::new(),
        }
    }

    /// Whether this secret key signed this request, and the headers that count are signed.
    pub(crate) fn is_by(&self, secret: &str, request: &Request) -> bool {
        let signs = |name: &str| self.signed_headers.iter().any(|it| it == name);
        let expected = self.expected(secret, request);
        signs("host")
            && signs("x-amz-date")
            && expected
                .is_some_and(|it| constant_time::verify_slices_are_equal(&it, &self.value).is_ok())
    }

    /// The signature that this key makes; none where the request has no time that fits.
    fn expected(&self, secret: &str, request: &Request) -> Option<Vec<u8>> {
        let time = request.header("x-amz-date").filter(|it| it.starts_with(&self.date))?;
        let request = hex(&sha256(self.canonical(request).as_bytes()));
        let text = format!("AWS4-HMAC-SHA256\n{time}\n{}\n{request}", self.scope);
        let seed = format!("AWS4{secret}");
        let key = [&self.date, &self.region, &self.service, "aws4_request"]
            .into_iter()
            .fold(seed.into_bytes(), |key, part| mac(&key, part.as_bytes()));
        Some(mac(&key, text.as_bytes()))
    }

    fn canonical(&self, request: &Request) -> String {
        let header = |name: &String| {
            let values = request.headers.get_all(name.as_str()).iter();
            let texts = values.filter_map(|it| it.to_str().ok());
            let words = texts.map(|it| it.split_whitespace().collect::<Vec<_>>().join(" "));
            format!("{name}:{}\n", words.collect::<Vec<_>>().join(","))
        };
        let headers: String = self.signed_headers.iter().map(header).collect();
        format!(
            "{}\n{}\n{}\n{headers}\n{}\n{}",
            request.method,
            utf8_percent_encode(&request.path, PATH),
            query(&request.query),
            self.signed_headers.join(";"),
            hex(&sha256(&request.body)),
        )
    }
}

/// The pairs sorted, each encoded anew.
fn query(text: &str) -> String {
    let recoded = |part: &str| {
        let decoded = percent_decode_str(part).decode_utf8_lossy();
        utf8_percent_encode(&decoded, UNRESERVED).to_string()
    };
    let pairs = text.split('&').filter(|it| !it.is_empty());
    let pairs = pairs.map(|it| it.split_once('=').unwrap_or((it, "")));
    let mut pairs: Vec<_> = pairs.map(|(name, value)| (recoded(name), recoded(value))).collect();
    pairs.sort();
    let texts = pairs.iter().map(|(name, value)| format!("{name}={value}"));
    texts.collect::<Vec<_>>().join("&")
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

fn mac(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), bytes).as_ref().to_vec()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pair = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    (0..text.len()).step_by(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use hyper::HeaderMap;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    /// `get-vanilla` of AWS's published test suite for signature version 4.
    fn vanilla() -> Request {
        let mut headers = HeaderMap::new();
        let authorization = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/\
             aws4_request, SignedHeaders=host;x-amz-date, Signature=\
             5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
        headers.insert("host", "example.amazonaws.com".parse().unwrap());
        headers.insert("x-amz-date", "20150830T123600Z".parse().unwrap());
        headers.insert("authorization", authorization.parse().unwrap());
        let (method, path, query) = ("GET".to_owned(), "/".to_owned(), String::new());
        Request { method, path, query, headers, body: Bytes::new() }
    }

    #[test]
    fn a_published_signature_is_right_and_nothing_else_is() {
        let request = vanilla();
        let signature = Signature::of(&request).unwrap();
        assert_eq!((&*signature.access_key, &*signature.service), ("AKIDEXAMPLE", "service"));
        assert!(signature.is_by(SECRET, &request));
        assert!(!signature.is_by("another", &request));
        let mut changed = request.clone();
        changed.body = Bytes::from("x");
        assert!(!signature.is_by(SECRET, &changed));
        let mut changed = request;
        changed.query = "a=b".to_owned();
        assert!(!signature.is_by(SECRET, &changed));
    }

    #[test]
    fn a_query_is_sorted_and_encoded_anew() {
        assert_eq!(query("b=2&a=x%3ay&a=%20"), "a=%20&a=x%3Ay&b=2");
    }
}
