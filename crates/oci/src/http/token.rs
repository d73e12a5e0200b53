//! Bearer tokens (distribution's token specification, and its OAuth 2 form).

use std::time::Duration;

use reqwest::header::HeaderValue;
use serde::Deserialize;
use tokio::time::Instant;

/// How much of a token server's answer is read, in bytes.
pub(super) const MAX_TOKEN_BYTES: usize = 64 * 1024;
/// What the specification says of a token without an expiry.
const DEFAULT_SECONDS: u64 = 60;
const MAX_SECONDS: u64 = 24 * 60 * 60;

/// A token, ready to be sent.
#[derive(Clone)]
pub(super) struct Token {
    header: HeaderValue,
    secret: String,
    stale_at: Instant,
}

impl Token {
    /// Reads a token server's answer. The problem named in the error is never the token.
    pub(super) fn parse(body: &[u8]) -> Result<Self, &'static str> {
        let issued: Issued = serde_json::from_slice(body).map_err(|_| "no JSON with a token")?;
        let secret = issued
            .token
            .filter(|it| !it.is_empty())
            .or(issued.access_token)
            .filter(|it| !it.is_empty())
            .ok_or("JSON without a token")?;
        let mut header = HeaderValue::try_from(format!("Bearer {secret}"))
            .map_err(|_| "a token with characters that no header can hold")?;
        header.set_sensitive(true);
        let seconds = issued.expires_in.unwrap_or(DEFAULT_SECONDS).min(MAX_SECONDS);
        // Renewed before the last moment, for the request needs time too.
        let life = Duration::from_secs(seconds) * 9 / 10;
        Ok(Self { header, secret, stale_at: Instant::now() + life })
    }

    pub(super) fn is_fresh(&self) -> bool {
        Instant::now() < self.stale_at
    }

    /// The value of an `Authorization` header.
    pub(super) const fn header(&self) -> &HeaderValue {
        &self.header
    }

    pub(super) fn secret(&self) -> &str {
        &self.secret
    }
}

#[derive(Deserialize)]
struct Issued {
    token: Option<String>,
    access_token: Option<String>,
    expires_in: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[tokio::test(start_paused = true)]
    async fn grows_stale() {
        let token = Token::parse(br#"{"access_token":"t","expires_in":100}"#).unwrap();
        assert_eq!(token.header(), "Bearer t");
        tokio::time::advance(Duration::from_secs(89)).await;
        assert!(token.is_fresh());
        tokio::time::advance(Duration::from_secs(2)).await;
        assert!(!token.is_fresh());
    }

    #[test]
    fn wants_a_token() {
        for bad in [&b""[..], b"{}", b"<html>", br#"{"token":""}"#, br#"{"token":"a\nb"}"#] {
            assert!(Token::parse(bad).is_err());
        }
    }

    proptest! {
        #[test]
        fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..100)) {
            drop(Token::parse(&body));
        }
    }
}
