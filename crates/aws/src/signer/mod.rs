//! AWS Signer, for Notation.

mod profile;
mod revocation;

pub use profile::{AwsSigner, SignedPayload};
pub use revocation::{RevocationQuery, revoked_entities};
