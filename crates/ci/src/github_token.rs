//! GitHub's token endpoint.

use std::time::Duration;

use async_trait::async_trait;
use boltseal_core::json;
use boltseal_ports::{IdToken, IdentityError, IdentityErrorKind, IdentityProvider};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url};
use tokio::time::sleep;

use crate::identity::{absent, failure};
use crate::jwt::id_token;

const NAME: &str = "GitHub Actions";
const URL_VARIABLE: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
const SECRET_VARIABLE: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
const MAX_ANSWER: usize = 64 * 1024;
const TRIES: u32 = 4;
const ATTEMPT: Duration = Duration::from_secs(15);
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Asks GitHub for a token each time. The endpoint's own token is a secret as well.
#[derive(Clone, Debug)]
pub(crate) struct GitHubToken {
    endpoint: Url,
    /// Marked as sensitive: its `Debug` output does not show it.
    secret: HeaderValue,
    first_pause: Duration,
}

/// What became of one attempt.
enum Attempt {
    Answered(Vec<u8>),
    Failed(IdentityError),
    /// Trying again may help, after this time at least.
    Again(IdentityError, Duration),
}

impl GitHubToken {
    pub(crate) fn of(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, IdentityError> {
        let missing = || {
            absent(
                NAME,
                "a token endpoint in ACTIONS_ID_TOKEN_REQUEST_URL",
                "none: the job may not ask for a token",
                "add `permissions: {contents: read, id-token: write}` to the job; a reusable \
                 workflow's caller must grant it too, and runs of forks never have it",
            )
        };
        let url = lookup(URL_VARIABLE).ok_or_else(missing)?;
        let secret = lookup(SECRET_VARIABLE).ok_or_else(missing)?;
        let mut secret = HeaderValue::from_str(&format!("bearer {}", secret.trim()))
            .map_err(|_| malformed(SECRET_VARIABLE, "a token", "characters that no header has"))?;
        secret.set_sensitive(true);
        Ok(Self { endpoint: endpoint(&url)?, secret, first_pause: FIRST_PAUSE })
    }

    async fn ask(&self, audience: &str) -> Result<Vec<u8>, IdentityError> {
        let mut url = self.endpoint.clone();
        url.query_pairs_mut().append_pair("audience", audience);
        let client = self.client()?;
        let mut pause = self.first_pause;
        let mut tries = 1;
        loop {
            match self.attempt(&client, url.clone()).await {
                Attempt::Answered(body) => return Ok(body),
                Attempt::Failed(error) => return Err(error),
                Attempt::Again(error, _) if tries == TRIES => return Err(error),
                Attempt::Again(_, wait) => sleep(pause.max(wait).min(LONGEST_PAUSE)).await,
            }
            pause *= 2;
            tries += 1;
        }
    }

    async fn attempt(&self, client: &Client, url: Url) -> Attempt {
        let unreachable = |found: &str| {
            let fix = "run the job again; https://www.githubstatus.com tells of outages";
            failure(IdentityErrorKind::Unreachable, &self.place(), "a token", found, fix)
        };
        let request = client.get(url).header(AUTHORIZATION, self.secret.clone());
        // The client's own text names the whole URL, whose query is nobody's business.
        let sent = request.header(ACCEPT, "application/json").send().await;
        let Ok(response) = sent else {
            return Attempt::Again(unreachable("no answer"), Duration::ZERO);
        };
        let status = response.status();
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Attempt::Again(unreachable(&status.to_string()), retry_after(&response));
        }
        if status.is_success() {
            return match whole(response).await {
                Ok(body) => Attempt::Answered(body),
                Err(found) => Attempt::Again(unreachable(found), Duration::ZERO),
            };
        }
        let fix = "look at the job's `permissions: id-token: write`; the endpoint serves no longer \
                   than the job runs";
        let (kind, found) = (IdentityErrorKind::Refused, status.to_string());
        Attempt::Failed(failure(kind, &self.place(), "a token", &found, fix))
    }

    fn client(&self) -> Result<Client, IdentityError> {
        let builder = Client::builder()
            .user_agent(concat!("boltseal/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .timeout(ATTEMPT);
        // No TLS is spoken to this machine, so that the system's authorities need not be read.
        let builder = match self.endpoint.scheme() {
            "http" => builder.tls_certs_only([]).no_proxy(),
            _ => builder,
        };
        builder.build().map_err(|_| {
            failure(
                IdentityErrorKind::Unreachable,
                &self.place(),
                "an HTTP client with the system's certificate authorities",
                "none",
                "check SSL_CERT_FILE, SSL_CERT_DIR and the proxy variables",
            )
        })
    }

    /// The endpoint without its query.
    fn place(&self) -> String {
        let host = self.endpoint.host_str().unwrap_or_default();
        format!("GET {}://{host}{}", self.endpoint.scheme(), self.endpoint.path())
    }

    fn read(&self, body: &[u8]) -> Result<IdToken, IdentityError> {
        let wrong = |found: &str| malformed(&self.place(), "JSON with the token as `value`", found);
        let answer = json::parse(body).map_err(|_| wrong("no JSON"))?;
        let value = answer.get("value").and_then(|it| it.as_str());
        let value = value.ok_or_else(|| wrong("no text `value`"))?;
        id_token(value).map_err(|problem| wrong(&problem.to_string()))
    }
}

#[async_trait]
impl IdentityProvider for GitHubToken {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn token(&self, audience: &str) -> Result<IdToken, IdentityError> {
        let body = self.ask(audience).await?;
        self.read(&body)
    }

    fn renews(&self) -> bool {
        true
    }
}

/// HTTPS, or this machine: the request carries a secret, and the answer is one.
fn endpoint(text: &str) -> Result<Url, IdentityError> {
    let wrong = |found: &str| malformed(URL_VARIABLE, "an https URL", found);
    let url = Url::parse(text).map_err(|_| wrong("no URL"))?;
    let safe = match url.scheme() {
        "https" => true,
        "http" => is_loopback(&url),
        _ => false,
    };
    if safe { Ok(url) } else { Err(wrong("an http URL, over which anyone could read the token")) }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

async fn whole(mut response: Response) -> Result<Vec<u8>, &'static str> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|_| "an answer that broke off")? {
        body.extend_from_slice(&piece);
        if body.len() > MAX_ANSWER {
            return Err("an answer of more than 64 KiB");
        }
    }
    Ok(body)
}

fn retry_after(response: &Response) -> Duration {
    let seconds = response.headers().get(RETRY_AFTER).and_then(|it| it.to_str().ok());
    seconds.and_then(|it| it.parse().ok()).map_or(Duration::ZERO, Duration::from_secs)
}

fn malformed(place: &str, expected: &str, found: &str) -> IdentityError {
    let fix = "report this with the name of the runner: the variables are set by GitHub";
    failure(IdentityErrorKind::Malformed, place, expected, found, fix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwt::tests::token;
    use serde_json::json;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    /// Answers one request with each of `answers`, and gives back what was asked.
    async fn endpoint_with(answers: Vec<String>) -> (String, tokio::task::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move {
            let mut asked = Vec::new();
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut head = vec![0; 8192];
                let length = stream.read(&mut head).await.unwrap();
                asked.push(String::from_utf8_lossy(&head[..length]).into_owned());
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            asked
        });
        (format!("http://{address}/token?api-version=2.0"), serving)
    }

    fn http(status: &str, body: &str) -> String {
        let length = body.len();
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
    }

    fn provider(url: &str) -> GitHubToken {
        let lookup = |name: &str| {
            Some(if name == URL_VARIABLE { url.to_owned() } else { "hunter2".to_owned() })
        };
        let mut provider = GitHubToken::of(&lookup).unwrap();
        provider.first_pause = Duration::from_millis(5);
        provider
    }

    #[tokio::test]
    async fn asks_for_the_audience_and_again_after_a_server_error() {
        let jwt = token(&json!({"iss": "i", "sub": "s", "aud": "a b"}));
        let good = http("200 OK", &json!({"count": 1, "value": jwt}).to_string());
        let (url, serving) = endpoint_with(vec![http("503 Down", ""), good]).await;
        let provider = provider(&url);
        assert!(provider.renews() && !format!("{provider:?}").contains("hunter2"));
        assert_eq!(provider.token("a b").await.unwrap().secret(), jwt);
        let asked = serving.await.unwrap();
        assert_eq!(asked.len(), 2);
        assert!(asked[0].starts_with("GET /token?api-version=2.0&audience=a+b HTTP/1.1"));
        assert!(asked[0].contains("authorization: bearer hunter2"), "{}", asked[0]);
    }

    #[tokio::test]
    async fn a_denial_is_not_tried_again() {
        let (url, serving) = endpoint_with(vec![http("403 Forbidden", "")]).await;
        let error = provider(&url).token("a").await.unwrap_err();
        assert_eq!(error.kind, IdentityErrorKind::Refused);
        assert!(error.fix.contains("id-token: write"), "{error:?}");
        assert_eq!(serving.await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn gives_up_on_an_endpoint_that_fails_for_good() {
        let (url, serving) = endpoint_with(vec![http("500 Oops", ""); 4]).await;
        let error = provider(&url).token("a").await.unwrap_err();
        assert_eq!(error.kind, IdentityErrorKind::Unreachable);
        assert_eq!(serving.await.unwrap().len(), 4);
        assert!(!error.place.contains('?'), "{error:?}");
    }

    #[tokio::test]
    async fn an_answer_without_a_token_is_malformed_and_a_long_one_is_not_kept() {
        for body in ["<html>", "{}", r#"{"value":"hunter2"}"#] {
            let (url, _serving) = endpoint_with(vec![http("200 OK", body)]).await;
            let error = provider(&url).token("a").await.unwrap_err();
            assert_eq!(error.kind, IdentityErrorKind::Malformed, "{body}");
            assert!(!format!("{error:?}").contains("hunter2"));
        }
        let long = http("200 OK", &"x".repeat(MAX_ANSWER + 1));
        let (url, _serving) = endpoint_with(vec![long; 4]).await;
        let error = provider(&url).token("a").await.unwrap_err();
        assert!(error.found.contains("64 KiB"), "{error:?}");
    }

    #[test]
    fn only_this_machine_is_spoken_to_without_tls() {
        for good in
            ["https://a.example/x", "http://127.0.0.1:1/x", "http://[::1]:1/", "http://localhost/"]
        {
            assert!(endpoint(good).is_ok(), "{good}");
        }
        for bad in ["http://a.example/", "http://127.0.0.1.a.example/", "file:///x", "x", ""] {
            assert!(endpoint(bad).is_err(), "{bad}");
        }
    }
}
