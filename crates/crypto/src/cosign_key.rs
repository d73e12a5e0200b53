//! The encrypted key file of cosign: PKCS#8 in a `NaCl` secretbox under an scrypt key, as JSON in
//! a PEM block. The only place that uses the `sigstore` crate.

use boltseal_core::json;
use serde_json::Value;
use sigstore::crypto::signing_key::{
    COSIGN_PRIVATE_KEY_PEM_LABEL, SIGSTORE_PRIVATE_KEY_PEM_LABEL, kdf,
};
use sigstore::errors::SigstoreError;
use zeroize::Zeroizing;

use crate::{KeyError, base64_text, pem};

/// What cosign calls such a block today, and what it called it before 2.0.
pub(crate) const LABELS: [&str; 2] = [SIGSTORE_PRIVATE_KEY_PEM_LABEL, COSIGN_PRIVATE_KEY_PEM_LABEL];

/// The PKCS#8 DER inside.
pub(crate) fn decrypt(container: &[u8], password: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    check(container)?;
    kdf::decrypt(container, password).map(Zeroizing::new).map_err(|error| match error {
        // What the crate makes of a failed authentication tag.
        SigstoreError::PrivateKeyEncryptError(_) => KeyError::PasswordWrong,
        _ => refuse("other parameters"),
    })
}

/// The PEM block that cosign reads.
pub(crate) fn encrypt(pkcs8: &[u8], password: &[u8]) -> Result<Zeroizing<String>, KeyError> {
    let container =
        kdf::encrypt(pkcs8, password).map_err(|_| KeyError::Backend { what: "encrypt the key" })?;
    Ok(pem::write(SIGSTORE_PRIVATE_KEY_PEM_LABEL, &container))
}

/// The crate panics on a nonce of another length, so that is looked at first.
fn check(container: &[u8]) -> Result<(), KeyError> {
    let document = json::parse(container).map_err(|_| refuse("a block that is no JSON"))?;
    let nonce = document
        .pointer("/cipher/nonce")
        .and_then(Value::as_str)
        .and_then(base64_text::decode)
        .ok_or_else(|| refuse("no nonce"))?;
    if nonce.len() != 24 {
        return Err(refuse("a nonce that is not 24 bytes"));
    }
    Ok(())
}

fn refuse(found: &'static str) -> KeyError {
    KeyError::Container { found }
}
