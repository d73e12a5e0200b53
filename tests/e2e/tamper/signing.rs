//! Statements under the release's own key, as an accepted signer could have made them.

use boltseal_core::media_type;
use boltseal_crypto::{Bundle, Envelope, PrivateKey, pae};
use serde_json::Value;

use super::change::signed_bytes;
use super::place::Stored;
use crate::harness::Sandbox;

/// The release's key.
pub(super) struct Signer {
    key: PrivateKey,
}

impl Signer {
    /// The key `k` of a sandbox.
    pub(super) fn of(sandbox: &Sandbox) -> Self {
        let pem = sandbox.read("k.key");
        Self { key: PrivateKey::from_pem(pem.as_bytes(), Some(b"")).expect("a private key") }
    }

    /// A bare envelope of a payload, which need not be a statement.
    pub(super) fn envelope(&self, payload: Vec<u8>) -> Vec<u8> {
        self.signed(media_type::IN_TOTO, payload).to_json()
    }

    /// A bundle of a payload of this type.
    pub(super) fn bundle(&self, payload_type: &str, payload: Vec<u8>) -> Vec<u8> {
        let envelope = self.signed(payload_type, payload);
        Bundle::sealed(&self.key.public_key().hint(), &envelope)
    }

    fn signed(&self, payload_type: &str, payload: Vec<u8>) -> Envelope {
        let signature = self.key.sign(&pae(payload_type, &payload)).expect("a signature");
        Envelope::new(payload_type, payload, signature)
    }
}

/// A piece's statement, changed.
pub(super) fn statement(piece: &Stored, change: impl FnOnce(&mut Value)) -> Value {
    let mut statement = serde_json::from_slice(&signed_bytes(&piece.bundle)).expect("JSON");
    change(&mut statement);
    statement
}
