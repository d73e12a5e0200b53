use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use boltseal_core::Digest;
use jiff::{SignedDuration, Timestamp};

use crate::cloud::iam::{Caller, Policy};
use crate::lock::locked;

/// A session of a role: temporary credentials, and how far they reach.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) access_key: String,
    pub(crate) secret: String,
    pub(crate) token: String,
    /// The role's name.
    pub(crate) role: String,
    pub(crate) role_arn: String,
    pub(crate) arn: String,
    pub(crate) policy: Option<Policy>,
    pub(crate) expires: Timestamp,
}

/// What a session is begun with.
#[derive(Clone, Debug)]
pub(crate) struct Beginning {
    pub(crate) role: String,
    pub(crate) role_arn: String,
    pub(crate) arn: String,
    pub(crate) policy: Option<Policy>,
    pub(crate) lifetime: SignedDuration,
}

/// All sessions begun so far, by access key.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<HashMap<String, Arc<Session>>>);

impl Session {
    pub(crate) fn is_expired(&self) -> bool {
        self.expires <= Timestamp::now()
    }

    /// `AROA…:SESSION`.
    pub(crate) fn user_id(&self) -> String {
        let name = self.arn.rsplit('/').next().unwrap_or_default();
        format!("AROATESTKIT:{name}")
    }

    pub(crate) fn caller(&self) -> Caller {
        Caller::Session { role: self.role_arn.clone(), session: self.arn.clone() }
    }
}

impl Sessions {
    pub(crate) fn begin(&self, beginning: Beginning) -> Arc<Session> {
        let mut sessions = locked(&self.0);
        let noise = |what: &str| {
            let now = std::time::Instant::now();
            let seed = format!("{what} {now:?} {} {}", sessions.len(), beginning.arn);
            Digest::sha256_of(seed.as_bytes()).hex().to_owned()
        };
        let key = noise("key").to_uppercase();
        let session = Arc::new(Session {
            access_key: format!("ASIA{}", &key[..16]),
            secret: noise("secret")[..40].to_owned(),
            token: format!("IQoJ{}{}", noise("token"), noise("more")),
            role: beginning.role,
            role_arn: beginning.role_arn,
            arn: beginning.arn,
            policy: beginning.policy,
            expires: Timestamp::now().saturating_add(beginning.lifetime).unwrap_or(Timestamp::MAX),
        });
        sessions.insert(session.access_key.clone(), Arc::clone(&session));
        session
    }

    pub(crate) fn find(&self, access_key: &str) -> Option<Arc<Session>> {
        locked(&self.0).get(access_key).cloned()
    }

    pub(crate) fn all(&self) -> Vec<Arc<Session>> {
        locked(&self.0).values().cloned().collect()
    }

    /// Ends them all.
    pub(crate) fn expire(&self) {
        for session in locked(&self.0).values_mut() {
            let ended = Session { expires: Timestamp::UNIX_EPOCH, ..(**session).clone() };
            *session = Arc::new(ended);
        }
    }
}
