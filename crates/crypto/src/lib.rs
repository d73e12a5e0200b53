//! Keys, signatures, envelopes and bundles: everything boltseal says about who signed what.
//!
//! It signs with keys that lie in files, verifies with public keys, reads and writes DSSE
//! envelopes, Sigstore bundles and cosign's older payloads, and checks transparency-log entries
//! and RFC 3161 timestamps against a trusted root that somebody else chose.
//!
//! It opens no file and no socket. Who is to be trusted is decided by `boltseal-verify`; a key
//! that a bundle names (`hint`, `keyid`) is never trusted for that.
//!
//! Specifications: DSSE 1.0.2, in-toto attestation 1, Sigstore bundle 0.1 to 0.3, cosign's
//! `SIGNATURE_SPEC` and `BUNDLE_SPEC`.
//!
//! ```
//! use boltseal_crypto::{Envelope, KeyAlgorithm, PrivateKey, pae};
//!
//! let key = PrivateKey::generate(KeyAlgorithm::P256)?;
//! let signature = key.sign(&pae("text/plain", b"hello"))?;
//! let envelope = Envelope::new("text/plain", b"hello".to_vec(), signature);
//! assert!(envelope.verify(key.public_key()).is_ok());
//! # Ok::<(), boltseal_crypto::KeyError>(())
//! ```

mod algorithm;
mod base64_text;
mod blob;
mod bundle;
mod bundle_error;
mod bundle_shape;
mod cosign_key;
mod detached;
mod envelope;
mod key_error;
mod log_proof;
mod message_digest;
pub mod notation;
mod pae;
mod pem;
mod private_key;
mod public_key;
mod scheme;
mod signature_error;
mod simple_signing;
mod trust_root;

pub use algorithm::{AlgorithmError, KeyAlgorithm};
pub use blob::{BlobArtifact, BlobError};
pub use bundle::{Bundle, BundleVersion, Content, Material};
pub use bundle_error::BundleError;
pub use bundle_shape::{MAX_BUNDLE_BYTES, MAX_LOG_ENTRIES, MAX_TIMESTAMPS};
pub use detached::{DetachedError, parse_detached};
pub use envelope::{Envelope, EnvelopeError, EnvelopeSignature, MAX_SIGNATURES, StatementRefused};
pub use key_error::KeyError;
pub use log_proof::{LogError, LogProof, LoggedEntry};
pub use message_digest::{MessageDigest, MessageHash};
pub use pae::pae;
pub use private_key::PrivateKey;
pub use public_key::PublicKey;
pub use signature_error::SignatureError;
pub use simple_signing::{SimpleSigning, SimpleSigningError};
pub use trust_root::{TrustRoot, TrustRootError};
