use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use boltseal_core::Digest;
use serde_json::{Value, json};

use super::envelope::{Envelope, PAYLOAD_TYPE};
use super::profile::permitted;
use super::{ProfileStatus, Signer, SigningProfile, invalid};
use crate::cloud::account::Account;
use crate::cloud::call::Call;
use crate::cloud::service_error::ServiceError;
use crate::lock::locked;

/// Bytes of a payload, at most.
const MAX_PAYLOAD: usize = 4096;

/// `SignPayload`.
pub(super) fn sign(signer: &Signer, call: &Call<'_>) -> Result<Value, ServiceError> {
    let text = |name: &str| {
        let found = call.input[name].as_str();
        found.ok_or_else(|| invalid(format!("{name} is expected")))
    };
    let profile = permitted(signer, call, text("profileName")?)?;
    if text("payloadFormat")? != PAYLOAD_TYPE {
        return Err(invalid(format!("payloadFormat: {PAYLOAD_TYPE} is expected")));
    }
    let owner = call.input["profileOwner"].as_str().unwrap_or(&call.realm.account.id);
    if owner != call.realm.account.id {
        let message = format!("Signing profile {} of {owner} is not found", profile.name);
        return Err(ServiceError::new("ResourceNotFoundException", message).with_status(404));
    }
    let payload = STANDARD.decode(text("payload")?).map_err(|_| invalid("payload: no base64"))?;
    if payload.is_empty() || payload.len() > MAX_PAYLOAD {
        return Err(invalid(format!("payload: 1 to {MAX_PAYLOAD} bytes")));
    }
    if profile.status != ProfileStatus::Active {
        return Err(invalid(format!("Signing profile {} is not active", profile.name)));
    }
    let (id, envelope) = signer.signed(&call.realm.account, profile, &payload);
    Ok(json!({
        "jobId": id,
        "jobOwner": call.realm.account.id,
        "metadata": {},
        "signature": STANDARD.encode(envelope),
    }))
}

impl Signer {
    /// The id of a new job, and its envelope.
    pub(crate) fn signed(
        &self,
        account: &Account,
        profile: &SigningProfile,
        payload: &[u8],
    ) -> (String, Vec<u8>) {
        let seed = format!("{:?}", std::time::Instant::now());
        let hex = Digest::sha256_of(&[payload, seed.as_bytes()].concat()).hex().to_owned();
        let parts = [&hex[..8], &hex[8..12], "4000-8000", &hex[12..24]];
        let id = parts.join("-");
        let Account { id: owner, region } = account;
        let job = format!("arn:aws:signer:{region}:{owner}:/signing-jobs/{id}");
        let spoiling = *locked(&self.spoiling);
        let envelope = Envelope { payload, profile, job: &job, spoiling };
        let envelope = envelope.sign(&self.authority, account);
        (id, envelope)
    }
}
