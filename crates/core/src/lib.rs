//! The vocabulary of boltseal: digests, references, manifests, statements, findings.
//!
//! Every other crate speaks in these nouns. A value of one of these types has been checked when
//! it was made (parse, don't validate): a [`Digest`] is well formed, a [`Repository`] names a
//! registry, a [`RawManifest`] hashes to its own digest.
//!
//! It does no I/O, knows no clock and trusts nobody: signatures are the business of
//! `boltseal-crypto`, decisions that of `boltseal-gate` and `boltseal-verify`.

mod annotation;
mod counts;
mod descriptor;
mod digest;
mod exit;
mod finding;
pub mod json;
mod kind;
mod location;
mod manifest;
pub mod media_type;
mod package;
mod platform;
pub mod predicate;
mod reason;
mod reference;
mod repository;
mod severity;
mod statement;
mod subject;
mod tag;

pub use annotation::Annotations;
pub use counts::Counts;
pub use descriptor::Descriptor;
pub use digest::{Algorithm, Digest, DigestError, Hasher};
pub use exit::Exit;
pub use finding::Finding;
pub use kind::{Kind, KindError};
pub use location::{Location, Pick, Target, TargetError};
pub use manifest::{
    ImageManifest, Index, MAX_MANIFEST_BYTES, Manifest, ManifestError, RawManifest,
};
pub use package::{Ecosystem, Inventory, OsRelease, Package};
pub use platform::{Platform, PlatformError};
pub use reason::{Reason, sort_reasons};
pub use reference::{Reference, ReferenceError};
pub use repository::{Repository, RepositoryError};
pub use severity::Severity;
pub use statement::{STATEMENT_V1, Statement, StatementError};
pub use subject::Subject;
pub use tag::{Tag, TagError};

/// The prefix of every URI that boltseal itself defines. It is a URN, so that no stranger can
/// ever own the domain it would otherwise live under.
pub const NAMESPACE: &str = "urn:boltseal";

/// `urn:boltseal:<name>:v1`, a URI of boltseal's own.
///
/// ```
/// assert_eq!(boltseal_core::own_uri("promotion"), "urn:boltseal:promotion:v1");
/// ```
pub fn own_uri(name: &str) -> String {
    format!("{NAMESPACE}:{name}:v1")
}
