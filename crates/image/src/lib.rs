//! One pass over an image: layers to packages, each with its layer, to CycloneDX.
//!
//! [`scan_layer`] reads one layer from the first byte to the last and does all that needs its
//! bytes at once: both digests, the archive's entries, the catalogers. Layers are independent, so
//! callers scan several at a time. [`assemble`] lays what was found on one another, and
//! [`cyclonedx::document`] writes it down.
//!
//! ```
//! use boltseal_core::Descriptor;
//! use boltseal_image::{Limits, assemble, scan_layer};
//!
//! // An archive of nothing: two blocks of zeros.
//! let archive = [0; 1024];
//! let layer = Descriptor::of("application/vnd.oci.image.layer.v1.tar", &archive);
//! let contents = scan_layer(&archive[..], &layer, &layer.digest, &Limits::default())?;
//! assert!(assemble(vec![contents]).packages.is_empty());
//! # Ok::<(), boltseal_image::LayerError>(())
//! ```
//!
//! Nothing is ever unpacked: entries are names and bytes. It opens no file but a temporary one for
//! an executable too large for memory, and it decides nothing.

pub mod build;
pub mod cyclonedx;

mod assemble;
mod cataloger;
mod compression;
mod config;
mod contents;
mod layer;
mod layer_error;
mod limits;
mod path;
mod purl;
mod record;
mod stored;
mod tar;
mod uncompressed;

pub use assemble::assemble;
pub use config::{ConfigError, ImageConfig};
pub use contents::LayerContents;
pub use layer::scan_layer;
pub use layer_error::{LayerError, LayerFault};
pub use limits::Limits;
