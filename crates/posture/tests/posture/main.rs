//! Posture, judged from documents as the AWS CLI prints them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod account;
mod documents;
mod key;
mod lifecycle;
mod plan;
mod pull;
mod push;
mod repository;
mod scene;
mod trust;
