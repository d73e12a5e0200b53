//! What boltseal's tests stand on: real counterparts with memory, switchable faults, and images.
//!
//! A development dependency only; nothing of it is in the program. It knows the vocabulary and
//! the ports, and none of the crates it helps to test.

pub mod clock;
pub mod cloud;
pub mod document;
pub mod image;
mod lock;
pub mod registry;
pub mod report;
pub mod reporter;
