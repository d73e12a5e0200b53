//! CycloneDX documents (ECMA-424), 1.5 and 1.6, in JSON.
//!
//! Equal inventories of equal subjects are equal bytes: components are sorted, the serial number
//! follows from the image's digest, and the only time is the image's own.
//!
//! Where CycloneDX has no member for something, a property stands for it. On a component:
//! `urn:boltseal:layer:digest` is the layer that brought the package in, once for each of
//! `evidence.occurrences` and in their order; `urn:boltseal:package:architecture` and
//! `urn:boltseal:source:name` and `:version` are what the package database says. On the document,
//! `urn:boltseal:inventory:problem` is something that could not be read: a document without it is
//! a whole inventory.

mod component;
mod document;
mod licence;
mod schema;
mod spec_version;

pub use document::{BomSubject, document};
pub use spec_version::{SpecVersion, SpecVersionError};
