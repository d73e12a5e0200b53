//! What the journeys need from the world, as traits.
//!
//! `boltseal-pipeline` is written against these; `boltseal-oci` and (later) `boltseal-aws` fulfil
//! them; only `cmd/boltseal/src/wire.rs` joins the two. Each method says what absence means:
//! `Ok(None)` is always a proven absence, never "could not find out".

mod blob;
mod clock;
mod progress;
mod registry;
mod registry_error;
mod signer;
mod traffic;

pub use blob::{Blob, BlobReader, BlobSource, BlobStream, Probe};
pub use clock::Clock;
pub use progress::{Progress, Reporter};
pub use registry::{Absence, ManifestRole, Pushed, Referrers, Registry, TagWriter};
pub use registry_error::{RegistryError, RegistryErrorKind};
pub use signer::{Signer, SignerError, SignerErrorKind};
pub use traffic::Traffic;
