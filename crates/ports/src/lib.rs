//! What the journeys need from the world, as traits.
//!
//! `boltseal-pipeline` is written against these; `boltseal-oci`, `boltseal-aws` and `boltseal-ci`
//! fulfil them; only `cmd/boltseal/src/wire.rs` joins the two. Each method says what absence
//! means: `Ok(None)` is always a proven absence, never "could not find out".

mod blob;
mod blob_presence;
mod clock;
mod identity;
mod managed_signing;
mod payload_signer;
mod posture_source;
mod progress;
mod registry;
mod registry_error;
mod registry_login;
mod registry_rules;
mod revocation;
mod scanner;
mod signer;
mod traffic;

pub use blob::{Blob, BlobReader, BlobSource, BlobStream, Probe};
pub use blob_presence::BlobPresence;
pub use clock::Clock;
pub use identity::{IdClaims, IdToken, IdentityError, IdentityErrorKind, IdentityProvider};
pub use managed_signing::{ManagedSignature, ManagedSigning};
pub use payload_signer::{PayloadSigner, SignedPayload};
pub use posture_source::{
    AccountDetails, DocumentRefusal, PostureDepth, PostureScope, PostureSource, SavedDocument,
};
pub use progress::{Progress, Reporter};
pub use registry::{Absence, ManifestRole, Pushed, Referrers, Registry, TagWriter};
pub use registry_error::{RegistryError, RegistryErrorKind};
pub use registry_login::{IssuedLogin, RegistryLogin};
pub use registry_rules::{RegistryCall, RegistryRules};
pub use revocation::{RevocationAuthority, SignatureJob};
pub use scanner::{
    ScanError, ScanErrorKind, ScanInput, ScanInputKind, ScanPromise, ScanReport, Scanner,
};
pub use signer::{Signer, SignerError, SignerErrorKind};
pub use traffic::{Meter, Traffic};
