//! The signatures that a release left in the registry.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use boltseal_core::Digest;
use boltseal_testkit::registry::Store;
use serde_json::Value;

use crate::openssl;

/// A signed statement, out of a Sigstore bundle.
#[derive(Debug)]
pub(crate) struct Signed {
    pub(crate) predicate_type: String,
    /// What is signed: the pre-authentication encoding of DSSE.
    encoded: Vec<u8>,
    signature: Vec<u8>,
}

impl Signed {
    /// Those that refer to an image, in the order of their digests.
    pub(crate) fn about(store: &Store, repository: &str, image: &Digest) -> Vec<Self> {
        let referrers = store.referrers_of(repository, image);
        referrers.iter().filter_map(|it| Self::read(store, repository, &it.digest)).collect()
    }

    fn read(store: &Store, repository: &str, manifest: &Digest) -> Option<Self> {
        let document: Value =
            serde_json::from_slice(&store.manifest(repository, manifest)?).ok()?;
        let layer: Digest = document["layers"][0]["digest"].as_str()?.parse().ok()?;
        let bundle: Value = serde_json::from_slice(&store.blob(repository, &layer)?).ok()?;
        let envelope = &bundle["dsseEnvelope"];
        let decode = |value: &Value| STANDARD.decode(value.as_str().unwrap_or_default()).ok();
        let payload = decode(&envelope["payload"])?;
        let kind = envelope["payloadType"].as_str()?;
        let head = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len());
        let statement: Value = serde_json::from_slice(&payload).ok()?;
        Some(Self {
            predicate_type: statement["predicateType"].as_str()?.to_owned(),
            encoded: [head.as_bytes(), &payload].concat(),
            signature: decode(&envelope["signatures"][0]["sig"])?,
        })
    }

    /// Whether openssl takes the signature by this public key, as PEM.
    pub(crate) fn is_by(&self, public: &str, hash: &str) -> bool {
        openssl::verifies(public, hash, &self.encoded, &self.signature)
    }
}
