//! Whole layers in, packages and documents out.

#![allow(clippy::unwrap_used, reason = "a test that fails panics")]

mod assembled;
mod checked;
mod cyclonedx;
mod hostile;
mod kit;
mod walked;
