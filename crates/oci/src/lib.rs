//! Under construction.

pub mod layout;
