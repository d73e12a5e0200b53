//! The registry as a client sees it, over raw HTTP.

#![expect(clippy::unwrap_used, reason = "what a test's client cannot do fails the test")]

mod client;
mod push;
mod referrer;
