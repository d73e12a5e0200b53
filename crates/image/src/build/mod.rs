//! Makes an image of what is no image yet: a binary, a directory, or what `docker save` wrote.
//!
//! Each function fills an empty directory with an OCI image layout that holds one image, and
//! answers the descriptor of its manifest. The same input gives the same bytes, on every machine
//! and in every run: no times, no owners, paths in order, gzip at one fixed level. A change of
//! these bytes is a breaking change.
//!
//! Everything streams; memory does not grow with the input.

mod binary;
mod build_error;
mod choice;
mod config;
mod docker_archive;
mod elf;
mod layer;
mod node;
mod options;
mod output;
mod rootfs;
mod tar_index;

pub use self::binary::binary;
pub use self::build_error::{BuildError, BuildFault};
pub use self::docker_archive::{docker_archive, is_oci_archive};
pub use self::elf::interpreter;
pub use self::options::BuildOptions;
pub use self::rootfs::rootfs;
