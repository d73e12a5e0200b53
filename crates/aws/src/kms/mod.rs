//! Keys in KMS.

mod key_spec;
mod refusal;
mod signer;
mod uri;

pub use signer::{KeyDescription, KmsSigner};
pub use uri::{KeyUri, KeyUriError};
