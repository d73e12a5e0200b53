//! The registry as a client sees it, over raw HTTP.

#![expect(clippy::unwrap_used, reason = "what a test's client cannot do fails the test")]

mod auth;
mod client;
mod ecr;
mod fault;
mod push;
mod referrer;
mod store;
