//! Who may do what: every grant of every policy, less what the denials take away.

mod allowed;
mod certainty;
mod deed;
mod engine;
#[cfg(test)]
mod exact;
mod reach;
mod right;

pub use allowed::{Allowed, AllowedError};
pub use certainty::Certainty;
pub(crate) use deed::Deed;
pub(crate) use engine::{Delegation, Engine, PolicyScope, Source};
pub(crate) use reach::{Reach, is_strong_condition};
pub use right::{Right, Rights};
