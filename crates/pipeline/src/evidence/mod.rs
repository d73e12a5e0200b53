//! Evidence: collecting what is attached to a digest, and making, signing and storing what is not.

pub(crate) mod adoption;
pub(crate) mod collect;
pub(crate) mod evidence_file;
pub(crate) mod legacy;
pub(crate) mod referrer;
pub(crate) mod revocation;
pub(crate) mod sealed;
pub(crate) mod signing_key;
pub(crate) mod statement_maker;
pub(crate) mod summary;
