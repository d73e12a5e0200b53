//! Places that hold images: registries over HTTP, OCI layouts, and layouts in tar files.
//!
//! Each is a [`Registry`](boltseal_ports::Registry), and what can be tagged is a
//! [`TagWriter`](boltseal_ports::TagWriter) too; files of the same name in [`http`] and
//! [`layout`] do the same thing in the two kinds of place. It moves bytes and checks digests. It
//! judges nothing: what it lists as evidence is a hint until `boltseal-verify` has read it.
//!
//! Specifications: OCI distribution-spec 1.1, OCI image-spec 1.1 (`image-layout.md`).
//!
//! ```
//! use boltseal_oci::http::{HttpOptions, HttpRegistry};
//! use boltseal_ports::Registry as _;
//! let repository = "127.0.0.1:5000/team/app".parse().unwrap();
//! let registry = HttpRegistry::new(&repository, &HttpOptions::default()).unwrap();
//! assert_eq!(registry.location().to_string(), "127.0.0.1:5000/team/app");
//! assert_eq!(registry.traffic().requests(), 0);
//! ```

pub mod archive;
pub mod http;
pub mod layout;
