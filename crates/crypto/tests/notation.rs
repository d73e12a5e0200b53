//! Notation: what a test authority vouches for, and everything that must be refused.

#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

#[path = "notation/authority.rs"]
mod authority;
#[path = "notation/chain.rs"]
mod chain;
#[path = "notation/envelope.rs"]
mod envelope;
#[path = "notation/judgement.rs"]
mod judgement;
#[path = "notation/manifest.rs"]
mod manifest;
#[path = "notation/signed_payload.rs"]
mod signed_payload;
#[path = "notation/signing.rs"]
mod signing;
#[path = "notation/stamp.rs"]
mod stamp;
#[path = "notation/stamper.rs"]
mod stamper;
#[path = "notation/writer.rs"]
mod writer;
