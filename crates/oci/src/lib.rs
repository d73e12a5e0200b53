//! Under construction.

pub mod archive;
pub mod layout;
