//! Notation: signatures of the Notary Project.
//!
//! Envelopes (flattened JWS and `COSE_Sign1`) are read in three steps. [`Envelope::parse`] reads
//! bytes, [`Envelope::check_integrity`] verifies the signature with the envelope's own leaf and
//! the chain by the certificate rules (both at once: [`Intact::read`]), and [`Intact::judge`] asks
//! a trust policy. Between the last two somebody may find out whether anything is revoked:
//! [`Intact::revocation_question`].
//!
//! Written are JWS envelopes, by a key with its chain ([`SigningRequest`]); one that AWS Signer
//! made is checked before it is attached ([`check_signed_payload`]). [`SignatureManifest`] is
//! what a registry holds.
//!
//! Nothing here opens a file or a socket, and nothing reads a clock.
//!
//! Specifications: Notary Project signature specification 1.1 with its JWS and COSE envelopes,
//! trust store and trust policy specification 1.1; where they leave a choice, what notation-go
//! 1.3 and notation-core-go 1.3 do.

mod algorithm;
mod aws_signer;
mod cbor;
mod certificate;
mod certificate_chain;
mod chain_error;
mod cose;
mod der_value;
mod envelope;
mod envelope_error;
mod intact;
mod integrity_error;
mod judgement;
mod jws;
mod payload;
mod pem_file;
mod refusal;
mod registry_scope;
mod revocation;
mod signature_manifest;
mod signed_attributes;
mod signing;
mod signing_error;
mod subject_name;
mod timestamp_error;
mod timestamp_token;
mod trust_policy;
mod trust_policy_error;
mod trust_store;
mod tst_info;
mod verdict;
mod verification_level;

pub use algorithm::Algorithm;
pub use aws_signer::{AWS_SIGNER_PLATFORM, AWS_SIGNER_PLUGIN, SigningJob};
pub use certificate::{Certificate, CertificateError};
pub use certificate_chain::CertificateChain;
pub use chain_error::ChainError;
pub use envelope::{Envelope, Format, MAX_ENVELOPE_BYTES};
pub use envelope_error::EnvelopeError;
pub use intact::Intact;
pub use integrity_error::IntegrityError;
pub use judgement::{Circumstances, Trust};
pub use payload::{PAYLOAD_TYPE, Payload, PayloadError};
pub use refusal::{Refusal, Undetermined};
pub use revocation::{Revocation, RevocationQuestion, SignerRevocationQuery};
pub use signature_manifest::{ManifestForm, SignatureManifest, SignatureManifestError};
pub use signed_attributes::{ExtendedAttribute, SignedAttributes, SigningScheme};
pub use signing::{SignedEnvelope, SigningRequest, SigningTimes, check_signed_payload};
pub use signing_error::{SignedPayloadError, SigningError};
pub use timestamp_error::TimestampError;
pub use trust_policy::{Applicable, NoStatement, PolicyStatement, TrustPolicy};
pub use trust_policy_error::{StatementError, TrustPolicyError};
pub use trust_store::{StoreKind, StoreName, StoreNameError, TrustStoreError, TrustStores};
pub use verdict::{Accepted, Doubt, Finding, Signer, Verdict};
pub use verification_level::{Action, Check, LevelError, VerificationLevel};
