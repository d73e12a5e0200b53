//! Under construction.

pub mod archive;
pub mod http;
pub mod layout;
