//! Who may do what.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use hyper::{HeaderMap, StatusCode};

use super::answer::Answer;
use super::call::Call;
use super::doorkeeper::{Doorkeeper, Entrance};
use super::scope::{Action, Scope};
use super::shared::{Shared, locked};
use super::token::Standing;

/// Who may do what.
#[derive(Clone, Debug)]
pub enum Auth {
    /// One user and a password, with every request. ECR's user is `AWS`.
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: String,
    },
    /// Tokens from `/token` on the same server, for what was asked and is granted.
    Bearer(Bearer),
    /// Somebody else decides over every request.
    Kept(Arc<dyn Doorkeeper>),
    /// Anybody may do anything.
    None,
}

impl Auth {
    /// Tokens that live an hour, for one user who may push; nobody else may even pull.
    pub fn bearer(user: &str, password: &str) -> Self {
        Self::Bearer(Bearer {
            user: user.to_owned(),
            password: password.to_owned(),
            access: Access::Push,
            anonymous: Access::None,
            identity_token: None,
            lifetime: Duration::from_hours(1),
        })
    }

    /// One user and a password, with every request.
    pub fn basic(user: &str, password: &str) -> Self {
        Self::Basic { user: user.to_owned(), password: password.to_owned() }
    }
}

/// A registry with tokens.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// The user.
    pub user: String,
    /// The password.
    pub password: String,
    /// What the user may do.
    pub access: Access,
    /// What somebody without a login may do.
    pub anonymous: Access,
    /// A refresh token that is as good as the password (`identitytoken` of a docker
    /// configuration), for the OAuth form of the token endpoint.
    pub identity_token: Option<String>,
    /// How long a token lives.
    pub lifetime: Duration,
}

/// What somebody may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    None,
    /// Read every repository.
    Pull,
    /// Read, write and delete in every repository.
    Push,
    /// Read every repository, write and delete in these only.
    PushOnly(Vec<String>),
}

impl Access {
    pub(super) fn allows(&self, repository: &str, action: Action) -> bool {
        match self {
            Self::None => false,
            Self::Pull => action == Action::Pull,
            Self::Push => true,
            Self::PushOnly(names) => {
                action == Action::Pull || names.iter().any(|name| name == repository)
            }
        }
    }
}

impl Shared {
    /// Lets a request in, or answers for it.
    pub(super) fn admit(&self, call: &Call) -> Result<(), Answer> {
        match &self.options.auth {
            Auth::None => Ok(()),
            Auth::Basic { user, password } => {
                let given = basic_login(&call.headers);
                let expected = Some((user.clone(), password.clone()));
                if given == expected {
                    return Ok(());
                }
                Err(unauthorised().with(WWW_AUTHENTICATE, r#"Basic realm="testkit""#))
            }
            Auth::Bearer(_) => self.admit_token(call),
            Auth::Kept(doorkeeper) => doorkeeper.admit(&Entrance::of(call)).map_err(Answer::from),
        }
    }

    /// Whether a request may also read another repository, to mount from it.
    pub(super) fn may_pull(&self, call: &Call, repository: &str) -> bool {
        match &self.options.auth {
            Auth::Bearer(_) => {
                let wanted = Scope::of(repository, Action::Pull);
                let token = bearer_token(&call.headers).unwrap_or_default();
                locked(&self.tokens).standing(token, &wanted) == Standing::Good
            }
            Auth::Kept(doorkeeper) => {
                doorkeeper.admit(&Entrance::to_mount(call, repository)).is_ok()
            }
            Auth::Basic { .. } | Auth::None => true,
        }
    }

    fn admit_token(&self, call: &Call) -> Result<(), Answer> {
        let wanted = call.wanted();
        let Some(token) = bearer_token(&call.headers) else {
            return Err(self.challenge(&wanted, None));
        };
        match locked(&self.tokens).standing(token, &wanted) {
            Standing::Good => Ok(()),
            Standing::Invalid => Err(self.challenge(&wanted, Some("invalid_token"))),
            Standing::NotAsked => Err(self.challenge(&wanted, Some("insufficient_scope"))),
            Standing::NotGranted => Err(denied()),
        }
    }

    fn challenge(&self, wanted: &Scope, error: Option<&str>) -> Answer {
        let host = &self.host;
        let mut challenge = format!(r#"Bearer realm="http://{host}/token",service="{host}""#);
        if !wanted.is_empty() {
            challenge += r#",scope=""#;
            challenge += &wanted.to_string();
            challenge.push('"');
        }
        if let Some(error) = error {
            challenge += r#",error=""#;
            challenge += error;
            challenge.push('"');
        }
        unauthorised().with(WWW_AUTHENTICATE, challenge)
    }
}

fn unauthorised() -> Answer {
    let message = "authentication required";
    Answer::error(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", message)
}

fn denied() -> Answer {
    let message = "requested access to the resource is denied";
    Answer::error(StatusCode::FORBIDDEN, "DENIED", message)
}

/// User and password of a Basic `Authorization`.
pub(super) fn basic_login(headers: &HeaderMap) -> Option<(String, String)> {
    let encoded = credentials(headers, "Basic")?;
    let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    credentials(headers, "Bearer")
}

fn credentials<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (found, credentials) = value.split_once(' ')?;
    found.eq_ignore_ascii_case(scheme).then_some(credentials.trim())
}
