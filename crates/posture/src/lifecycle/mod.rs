//! Lifecycle policies, and what they would do to a release.
//!
//! An image is taken by the first rule, by priority, whose tag requirements it meets, and by no
//! later one. Ages count from the push of the manifest, which a new tag does not renew. Children
//! of an index cannot expire before the index; referrers go with their subject, at most 24 hours
//! later. Rules that count images count every manifest, evidence included.

mod image;
mod policy;
mod rule;
mod simulation;

pub(crate) use image::{Piece, PieceKind};
pub(crate) use policy::LifecyclePolicy;
pub(crate) use rule::{Action, Count, Rule, Tags};
pub(crate) use simulation::{Simulation, Taken};
