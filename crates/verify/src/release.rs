use boltseal_core::{Digest, Kind};

use crate::Format;

/// A digest, and the evidence about it that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    pub(crate) subject: Digest,
    pub(crate) required: Vec<Kind>,
    pub(crate) accepted: Vec<Accepted>,
}

impl Release {
    /// The digest.
    pub const fn subject(&self) -> &Digest {
        &self.subject
    }

    /// The kinds that were required, all of which are there.
    pub fn required(&self) -> &[Kind] {
        &self.required
    }

    /// The pieces that verify, those about the children of an index included.
    pub fn accepted(&self) -> &[Accepted] {
        &self.accepted
    }
}

/// One piece of evidence that verifies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The digest that it is about.
    pub subject: Digest,
    /// Its kind.
    pub kind: Kind,
    /// The digest of its manifest, or of its legacy layer.
    pub carrier: Digest,
    /// The digest of the signed statement.
    pub statement: Digest,
    /// How it is stored.
    pub format: Format,
    /// The key that signed it, as its user named it.
    pub signer: String,
}
