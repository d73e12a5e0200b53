//! The image: its manifests, one reading of its layers, and its way to another place.

pub(crate) mod blob_copy;
pub(crate) mod bom;
pub(crate) mod layer_scan;
pub(crate) mod mount;
pub(crate) mod source;
pub(crate) mod tee;
