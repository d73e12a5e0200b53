use serde_json::{Value, json};

use super::{PLATFORM, Signer};
use crate::cloud::account::Account;
use crate::cloud::call::Call;
use crate::cloud::service_error::ServiceError;

/// A signing profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningProfile {
    /// Its name.
    pub name: String,
    /// Ten letters and digits that the service chooses.
    pub version: String,
    /// Whether it may be signed with.
    pub status: ProfileStatus,
    /// How long its signatures are good, in months.
    pub months: u16,
}

/// Whether a signing profile may be signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileStatus {
    /// It may.
    Active,
    /// It may not any more.
    Canceled,
    /// It may not, and what was signed is not good either.
    Revoked,
}

impl SigningProfile {
    /// An active profile whose signatures are good for 135 months.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: "a1B2c3D4e5".to_owned(),
            status: ProfileStatus::Active,
            months: 135,
        }
    }

    pub(crate) fn arn(&self, account: &Account) -> String {
        let Account { id, region } = account;
        format!("arn:aws:signer:{region}:{id}:/signing-profiles/{}", self.name)
    }

    pub(crate) fn version_arn(&self, account: &Account) -> String {
        format!("{}/{}", self.arn(account), self.version)
    }

    const fn status(&self) -> &'static str {
        match self.status {
            ProfileStatus::Active => "Active",
            ProfileStatus::Canceled => "Canceled",
            ProfileStatus::Revoked => "Revoked",
        }
    }
}

/// `GetSigningProfile`.
pub(super) fn get(signer: &Signer, call: &Call<'_>) -> Result<Value, ServiceError> {
    let name = call.request.path.rsplit('/').next().unwrap_or_default();
    let profile = permitted(signer, call, name)?;
    let account = &call.realm.account;
    Ok(json!({
        "profileName": profile.name,
        "profileVersion": profile.version,
        "profileVersionArn": profile.version_arn(account),
        "platformId": PLATFORM,
        "platformDisplayName": "Notation for Container Registries",
        "signatureValidityPeriod": {"value": profile.months, "type": "MONTHS"},
        "status": profile.status(),
        "arn": profile.arn(account),
    }))
}

/// The profile of a name, where the session may do to it what the call is about.
pub(super) fn permitted<'a>(
    signer: &'a Signer,
    call: &Call<'_>,
    name: &str,
) -> Result<&'a SigningProfile, ServiceError> {
    let wanted = SigningProfile::new(name);
    call.permitted_on(&wanted.arn(&call.realm.account))?;
    let is_here = call.region == call.realm.account.region;
    signer.profile(name).filter(|_| is_here).ok_or_else(|| {
        let message = format!("Signing profile {name} is not found");
        ServiceError::new("ResourceNotFoundException", message).with_status(404)
    })
}
