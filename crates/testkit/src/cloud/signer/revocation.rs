use jiff::Timestamp;
use serde_json::{Value, json};

use super::profile::permitted;
use super::{PLATFORM, Signer, invalid};
use crate::cloud::call::Call;
use crate::cloud::service_error::ServiceError;
use crate::lock::locked;

/// `GetRevocationStatus`.
pub(super) fn status(signer: &Signer, call: &Call<'_>) -> Result<Value, ServiceError> {
    let pairs = call.request.pairs();
    let needed = |name: &str| {
        let found = pairs.first(name).map(str::to_owned);
        found.ok_or_else(|| invalid(format!("{name} is expected")))
    };
    let version = needed("profileVersionArn")?;
    let name = version.rsplit('/').nth(1).unwrap_or_default();
    permitted(signer, call, name)?;
    if needed("platformId")? != PLATFORM {
        return Err(invalid(format!("platformId: {PLATFORM} is expected")));
    }
    let time = needed("signatureTimestamp")?;
    time.parse::<Timestamp>().map_err(|_| invalid("signatureTimestamp: no time"))?;
    let mut entities = vec![version, needed("jobArn")?];
    let hashes: Vec<_> = pairs.all("certificateHashes").map(str::to_owned).collect();
    // Two SHA-384 hashes, of a certificate and of its issuer, as hexadecimal digits.
    let is_pair = |it: &String| it.len() == 192 && it.chars().all(|it| it.is_ascii_hexdigit());
    if hashes.is_empty() || !hashes.iter().all(is_pair) {
        return Err(invalid("certificateHashes: pairs of SHA-384 hashes are expected"));
    }
    entities.extend(hashes);
    let revoked = locked(&signer.revoked);
    entities.retain(|it| revoked.contains(it));
    Ok(json!({"revokedEntities": entities}))
}
