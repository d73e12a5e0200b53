use std::sync::Mutex;

use crate::cloud::http::Outbound;
use crate::cloud::oidc::Jwks;
use crate::cloud::service_error::ServiceError;
use crate::lock::locked;

/// An identity provider of the account: whom it believes, and for which audiences.
#[derive(Debug)]
pub(crate) struct Provider {
    /// `iss` of its tokens.
    pub(crate) issuer: String,
    /// Its client ids.
    pub(crate) audiences: Vec<String>,
    /// Where it is on this machine.
    pub(crate) origin: String,
    /// Its keys, once they could be had.
    pub(crate) keys: Mutex<Option<Jwks>>,
}

impl Provider {
    /// Its keys, which are asked for once.
    pub(super) fn keys(&self) -> Result<Jwks, ServiceError> {
        let mut known = locked(&self.keys);
        if let Some(keys) = &*known {
            return Ok(keys.clone());
        }
        let answer = Outbound::get("/.well-known/jwks").send(&self.origin);
        let fetched = answer.ok().filter(|it| it.status == 200);
        let document = fetched.and_then(|it| serde_json::from_slice(&it.body).ok());
        let keys = document.and_then(|it| Jwks::read(&it)).ok_or_else(|| {
            let message = "Couldn't retrieve verification key from your identity provider,  \
                           please reference AssumeRoleWithWebIdentity documentation for \
                           requirements";
            ServiceError::new("IDPCommunicationError", message)
        })?;
        *known = Some(keys.clone());
        Ok(keys)
    }
}
