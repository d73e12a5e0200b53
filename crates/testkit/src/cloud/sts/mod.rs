//! The Security Token Service: tokens of issuers for sessions of roles.

mod assume;
mod provider;
mod session;
mod xml;

pub(crate) use assume::Assume;
pub(crate) use provider::Provider;
pub(crate) use session::{Beginning, Session, Sessions};
pub(crate) use xml::caller_identity;
