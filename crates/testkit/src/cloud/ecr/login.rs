use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use boltseal_core::Digest;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::cloud::call::Call;
use crate::cloud::realm::Realm;
use crate::cloud::service_error::ServiceError;
use crate::cloud::sts::Session;
use crate::lock::locked;
use crate::registry::{Deed, Doorkeeper, Entrance, Refusal};

/// How long a login says that it is good.
const LIFE: SignedDuration = SignedDuration::from_hours(12);

/// How long a login of the registry is good for. AWS says twelve hours and does not say what
/// becomes of it when the session that got it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginLife {
    /// It says twelve hours, and ends with the session that got it.
    OfSession,
    /// Twelve hours, whatever becomes of the session.
    TwelveHours,
}

/// The logins given out so far, by password.
#[derive(Debug, Default)]
pub(crate) struct Logins(Mutex<HashMap<String, Login>>);

#[derive(Clone, Debug)]
struct Login {
    session: Arc<Session>,
    expires: Timestamp,
}

impl Logins {
    fn give(&self, session: &Arc<Session>) -> (String, Timestamp) {
        let mut logins = locked(&self.0);
        let seed = format!("{} {:?} {}", logins.len(), std::time::Instant::now(), session.secret);
        let password = STANDARD.encode(Digest::sha256_of(seed.as_bytes()).hex().repeat(8));
        let expires = Timestamp::now().saturating_add(LIFE).unwrap_or(Timestamp::MAX);
        let session = Arc::clone(session);
        logins.insert(password.clone(), Login { session, expires });
        (password, expires)
    }

    /// The passwords.
    pub(crate) fn all(&self) -> Vec<String> {
        locked(&self.0).keys().cloned().collect()
    }

    /// Makes every login end now.
    pub(crate) fn expire(&self) {
        for login in locked(&self.0).values_mut() {
            login.expires = Timestamp::UNIX_EPOCH;
        }
    }
}

/// `GetAuthorizationToken`.
pub(super) fn authorization_token(call: &Call<'_>) -> Result<Value, ServiceError> {
    call.permitted_on("*")?;
    let (password, expires) = call.realm.logins.give(&call.session);
    Ok(json!({"authorizationData": [{
        "authorizationToken": STANDARD.encode(format!("AWS:{password}")),
        "expiresAt": expires.as_second(),
        "proxyEndpoint": format!("https://{}", call.realm.account.registry_host()),
    }]}))
}

impl Doorkeeper for Realm {
    fn admit(&self, entrance: &Entrance<'_>) -> Result<(), Refusal> {
        let (user, password) = entrance.login.as_ref().ok_or(Refusal::Unknown)?;
        let login = locked(&self.logins.0).get(password).cloned();
        let login = login.filter(|_| user == "AWS").ok_or(Refusal::Unknown)?;
        let session = self.sessions.find(&login.session.access_key);
        let session = session.ok_or(Refusal::Unknown)?;
        let over = match self.login_life {
            LoginLife::OfSession => session.is_expired(),
            LoginLife::TwelveHours => false,
        };
        if over || login.expires <= Timestamp::now() {
            let message = "Your authorization token has expired. Reauthenticate and try again.";
            return Err(Refusal::Denied(message.to_owned()));
        }
        let Some(repository) = entrance.repository else {
            return Ok(());
        };
        for action in actions(entrance.deed) {
            self.permit_on_repository(&session, action, repository).map_err(Refusal::Denied)?;
        }
        if entrance.deed == Deed::WriteManifest {
            self.note_pusher(repository, session);
        }
        Ok(())
    }
}

/// The permissions that a request to the data plane takes.
const fn actions(deed: Deed) -> &'static [&'static str] {
    match deed {
        Deed::AskForBlob => &["ecr:BatchCheckLayerAvailability"],
        Deed::Delete => &["ecr:BatchDeleteImage"],
        Deed::EndUpload => &["ecr:UploadLayerPart", "ecr:CompleteLayerUpload"],
        Deed::Greet => &[],
        Deed::ListTags => &["ecr:ListImages"],
        Deed::OpenUpload => &["ecr:InitiateLayerUpload"],
        Deed::ReadBlob => &["ecr:GetDownloadUrlForLayer"],
        Deed::ReadManifest => &["ecr:BatchGetImage"],
        Deed::SendPart => &["ecr:UploadLayerPart"],
        Deed::WriteManifest => &["ecr:PutImage"],
    }
}
