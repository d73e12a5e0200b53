//! AWS Signer, for Notation.

mod profile;
mod revocation;

pub use profile::AwsSigner;
pub use revocation::{RevocationQuery, SignerRevocation, revoked_entities};
