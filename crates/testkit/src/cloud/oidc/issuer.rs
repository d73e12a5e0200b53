use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use boltseal_core::Digest;
use jiff::Timestamp;
use serde_json::json;

use super::{Algorithm, Claims, SigningKey};
use crate::cloud::http::{Listener, Reply, Request};
use crate::lock::locked;

/// An issuer of `OpenID` Connect tokens, which publishes its keys and, as GitHub does, gives
/// tokens to jobs that ask.
#[derive(Debug)]
pub struct Issuer {
    state: Arc<State>,
    listener: Option<Listener>,
    origin: String,
}

#[derive(Debug)]
struct State {
    /// What its tokens call it, and what the account knows it by.
    url: String,
    key: Arc<SigningKey>,
    algorithm: Algorithm,
    /// What a job shows to get a token.
    bearer: String,
    /// What its tokens say unless told otherwise.
    claims: Mutex<Claims>,
    /// What the next requests for a token are answered instead: a status each.
    troubles: Mutex<Vec<u16>>,
    given: Mutex<Vec<String>>,
    asked: AtomicU64,
}

impl Issuer {
    /// Starts an issuer that is called `url` and whose tokens say `claims`.
    pub(crate) fn start(url: &str, claims: Claims, algorithm: Algorithm) -> Self {
        let seed = format!("{url} {:?}", std::time::Instant::now());
        let state = Arc::new(State {
            url: url.to_owned(),
            key: published(algorithm),
            algorithm,
            bearer: format!("job-{}", Digest::sha256_of(seed.as_bytes()).hex()),
            claims: Mutex::new(claims),
            troubles: Mutex::default(),
            given: Mutex::default(),
            asked: AtomicU64::new(0),
        });
        let served = Arc::clone(&state);
        let listener = Listener::start(move |request| served.answer(&request));
        let origin = listener.origin();
        Self { state, listener: Some(listener), origin }
    }

    /// What its tokens call it: their `iss`.
    pub fn url(&self) -> &str {
        &self.state.url
    }

    /// `http://127.0.0.1:PORT`, where it is for this machine.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// What its tokens say from now on, where a job asks for one.
    pub fn set_claims(&self, claims: Claims) {
        *locked(&self.state.claims) = claims;
    }

    /// What its tokens say.
    pub fn claims(&self) -> Claims {
        locked(&self.state.claims).clone()
    }

    /// A token with these claims.
    pub fn token(&self, claims: &Claims) -> String {
        self.state.token(&self.state.key, claims)
    }

    /// A token with these claims and the name of the published key, signed by another.
    pub fn forged(&self, claims: &Claims) -> String {
        self.state.token(&stranger(self.state.algorithm), claims)
    }

    /// The next requests for a token are answered with these statuses, one each.
    pub fn trouble(&self, statuses: &[u16]) {
        locked(&self.state.troubles).extend(statuses);
    }

    /// Stops serving: its keys cannot be had any more.
    pub fn shut(&mut self) {
        self.listener = None;
    }

    /// The variables that a job of GitHub Actions asks for tokens with.
    pub fn github_variables(&self) -> Vec<(String, String)> {
        let url = format!("{}/token?api-version=2.0", self.origin());
        vec![
            ("ACTIONS_ID_TOKEN_REQUEST_URL".to_owned(), url),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN".to_owned(), self.state.bearer.clone()),
        ]
    }

    /// How many requests for a token came.
    pub fn asked(&self) -> u64 {
        self.state.asked.load(Ordering::Relaxed)
    }

    pub(crate) fn reset_asked(&self) {
        self.state.asked.store(0, Ordering::Relaxed);
    }

    /// Everything that must be shown nowhere: the tokens given out, and what they are asked with.
    pub fn secrets(&self) -> Vec<String> {
        let mut secrets = locked(&self.state.given).clone();
        secrets.push(self.state.bearer.clone());
        secrets
    }
}

impl State {
    fn token(&self, key: &SigningKey, claims: &Claims) -> String {
        let token = key.token(&claims.at(Timestamp::now(), &self.url));
        locked(&self.given).push(token.clone());
        token
    }

    fn answer(&self, request: &Request) -> Reply {
        match request.path.as_str() {
            "/.well-known/openid-configuration" => {
                let keys = format!("{}/.well-known/jwks", self.url);
                let document = json!({"issuer": self.url, "jwks_uri": keys,
                    "id_token_signing_alg_values_supported": [self.key.jwk()["alg"]]});
                Reply::json(200, &document)
            }
            "/.well-known/jwks" => Reply::json(200, &json!({"keys": [self.key.jwk()]})),
            "/token" => self.give(request),
            _ => Reply::new(404, "text/plain", "not found"),
        }
    }

    /// GitHub's token endpoint.
    fn give(&self, request: &Request) -> Reply {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let trouble = {
            let mut troubles = locked(&self.troubles);
            (!troubles.is_empty()).then(|| troubles.remove(0))
        };
        if let Some(status) = trouble {
            return Reply::json(status, &json!({"message": "trouble on purpose"}));
        }
        let shown = request.header("authorization").and_then(|it| it.split_once(' '));
        let is_known = shown.is_some_and(|(scheme, credential)| {
            scheme.eq_ignore_ascii_case("bearer") && credential == self.bearer
        });
        if !is_known || request.method != "GET" {
            return Reply::json(401, &json!({"message": "Unauthorized"}));
        }
        let claims = locked(&self.claims).clone();
        let owner = "https://github.com/acme";
        let pairs = request.pairs();
        let claims = claims.audience(pairs.first("audience").unwrap_or(owner));
        let token = self.token(&self.key, &claims);
        Reply::json(200, &json!({"count": token.len(), "value": token}))
    }
}

type Shared = LazyLock<Arc<SigningKey>>;

/// The key of all issuers of this process that sign so. It takes long to make one of RSA.
fn published(algorithm: Algorithm) -> Arc<SigningKey> {
    static ES256: Shared = LazyLock::new(|| made(Algorithm::Es256));
    static RS256: Shared = LazyLock::new(|| made(Algorithm::Rs256));
    Arc::clone(match algorithm {
        Algorithm::Es256 => &ES256,
        Algorithm::Rs256 => &RS256,
    })
}

/// A key that is published nowhere, though by its name it is.
fn stranger(algorithm: Algorithm) -> Arc<SigningKey> {
    static ES256: Shared = LazyLock::new(|| made(Algorithm::Es256));
    static RS256: Shared = LazyLock::new(|| made(Algorithm::Rs256));
    Arc::clone(match algorithm {
        Algorithm::Es256 => &ES256,
        Algorithm::Rs256 => &RS256,
    })
}

fn made(algorithm: Algorithm) -> Arc<SigningKey> {
    Arc::new(SigningKey::generate(algorithm, "published"))
}
