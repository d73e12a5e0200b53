//! A tar archive, read once from front to back.
//!
//! It reads what Go's `archive/tar` reads, and in the same way, because that is what container
//! runtimes unpack layers with: an entry that two readers see differently could hide a package
//! from the inventory.

mod entry;
mod extension;
mod header;
mod walker;

pub(crate) use entry::{Entry, Kind};
pub(crate) use walker::Walker;
