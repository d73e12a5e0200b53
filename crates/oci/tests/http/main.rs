//! The HTTP client against the testkit's registry, against servers that misbehave in ways that no
//! registry does, and beside `oci-client`.
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

mod auth;
mod blob;
mod cloud;
mod environment;
mod failure;
mod manifest;
mod peer;
mod referrer;
mod rig;
mod scripted;
mod tag;
mod tls;
mod upload;
