//! The Security Token Service: tokens of issuers for sessions of roles.

mod assume;
mod provider;
mod session;

pub(crate) use assume::{Assume, caller_identity};
pub(crate) use provider::Provider;
pub(crate) use session::{Beginning, Session, Sessions};
