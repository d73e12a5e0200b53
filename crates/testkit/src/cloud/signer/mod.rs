//! AWS Signer, as far as container images need it.

mod authority;
mod envelope;
mod payload;
mod profile;
mod revocation;

use std::collections::BTreeSet;
use std::sync::Mutex;

pub(crate) use authority::SigningAuthority;
pub use envelope::Spoiling;
pub use profile::{ProfileStatus, SigningProfile};

use super::call::Call;
use super::gateway::unknown;
use super::http::Reply;
use super::service_error::ServiceError;

/// The only platform of the service that signs container images.
pub(crate) const PLATFORM: &str = "Notation-OCI-SHA384-ECDSA";

/// The service.
#[derive(Debug)]
pub(crate) struct Signer {
    pub(crate) authority: SigningAuthority,
    pub(crate) profiles: Vec<SigningProfile>,
    /// Profile versions, jobs and hashes of certificates that are revoked.
    pub(crate) revoked: Mutex<BTreeSet<String>>,
    /// What is wrong with the envelopes made from now on.
    pub(crate) spoiling: Mutex<Option<Spoiling>>,
}

impl Signer {
    pub(crate) fn new(region: &str, profiles: Vec<SigningProfile>) -> Self {
        let authority = SigningAuthority::new(region);
        Self { authority, profiles, revoked: Mutex::default(), spoiling: Mutex::default() }
    }

    /// Answers a call.
    pub(crate) fn answer(&self, call: &Call<'_>) -> Result<Reply, ServiceError> {
        let document = match call.operation.name.as_str() {
            "GetRevocationStatus" => revocation::status(self, call),
            "GetSigningProfile" => profile::get(self, call),
            "SignPayload" => payload::sign(self, call),
            _ => Err(unknown(call.operation)),
        };
        Ok(Reply::json(200, &document?))
    }

    pub(crate) fn profile(&self, name: &str) -> Option<&SigningProfile> {
        self.profiles.iter().find(|it| it.name == name)
    }
}

fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new("ValidationException", message)
}
