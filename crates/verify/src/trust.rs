use std::sync::Arc;

use boltseal_core::Digest;
use boltseal_crypto::{PublicKey, TrustRoot};

use crate::Validity;

use crate::NotationTrust;

/// A public key and the name that its user gave it.
#[derive(Clone, Debug)]
pub struct NamedKey {
    /// The file or URI, as it was written.
    pub name: String,
    /// The key.
    pub key: PublicKey,
    /// When it counts.
    pub validity: Validity,
}

impl NamedKey {
    /// A key that counts at any time.
    pub const fn new(name: String, key: PublicKey) -> Self {
        Self { name, key, validity: Validity::always() }
    }
}

/// What a verifier trusts. Any one of the keys suffices, and so does a Notation signature where a
/// signature is wanted.
#[derive(Clone, Debug)]
pub struct Trust {
    /// Keys.
    pub keys: Vec<NamedKey>,
    /// Logs and timestamp authorities. Without it no log entry is read, and none is claimed.
    pub root: Option<Arc<TrustRoot>>,
    /// Whose Notation signatures count. Without it none is looked at.
    pub notation: Option<Arc<NotationTrust>>,
}

impl Trust {
    /// Trust in these keys, and in no log.
    pub const fn in_keys(keys: Vec<NamedKey>) -> Self {
        Self { keys, root: None, notation: None }
    }

    /// Trust in Notation signatures alone.
    pub fn in_notation(notation: NotationTrust) -> Self {
        Self { keys: Vec::new(), root: None, notation: Some(Arc::new(notation)) }
    }

    /// The names of the keys, for messages.
    pub fn names(&self) -> String {
        let names: Vec<&str> = self.keys.iter().map(|key| key.name.as_str()).collect();
        names.join(", ")
    }
    /// The same, where an index that a key counts for has these images.
    pub(crate) fn covering(&self, index: &Digest, images: &[&Digest]) -> Self {
        let mut trust = self.clone();
        for named in &mut trust.keys {
            if named.validity.digests.contains(index) {
                named.validity.digests.extend(images.iter().copied().cloned());
            }
        }
        trust
    }
}
