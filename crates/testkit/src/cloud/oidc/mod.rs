//! CI systems that vouch for their jobs with `OpenID` Connect tokens.

mod claims;
mod issuer;
mod jwks;
mod signing_key;

pub use claims::Claims;
pub(crate) use claims::{GITHUB, GITLAB};
pub use issuer::Issuer;
pub(crate) use jwks::{Jwks, TokenFlaw};
pub use signing_key::Algorithm;
pub(crate) use signing_key::SigningKey;
