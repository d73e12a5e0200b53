//! What a transparency log and timestamp authorities say about a bundle.

use boltseal_core::Algorithm;
use jiff::Timestamp;
use sigstore_types::bundle::{MessageDigest as WireDigest, MessageSignature, TransparencyLogEntry};
use sigstore_types::{
    Artifact, ArtifactDigest, DerPublicKey, DigestBytes, DsseEnvelope, DsseSignature,
    HashAlgorithm, KeyId, KindVersion, PayloadBytes, SignatureBytes, SignatureContent,
};
use sigstore_verify::PublicKeyVerificationPolicy;

use crate::public_key::hex_bytes;
use crate::{
    BlobArtifact, BlobError, Bundle, Content, Envelope, KeyAlgorithm, MessageDigest, PublicKey,
    TrustRoot,
};

/// What was really checked of a bundle's log entries and timestamps. All of them verified, or
/// there would be no such value; none may have been there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct LogProof {
    /// The log entries, each included in a log of the trusted root and about this bundle.
    pub entries: Vec<LoggedEntry>,
    /// The times that timestamp authorities of the trusted root signed (RFC 3161).
    pub timestamps: Vec<Timestamp>,
}

/// A log entry that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedEntry {
    /// Its index in the log.
    pub index: u64,
    /// When the log says it took it in: only where it signed that (Rekor v1).
    pub integrated: Option<Timestamp>,
}

impl LogProof {
    /// Whether the bundle carried nothing to check. The caller decides what that means.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.timestamps.is_empty()
    }
}

impl Bundle {
    /// Checks the signature as [`Bundle::verify_blob`] does, then every log entry (inclusion
    /// proof, checkpoint, promise, and that it is about this signature, key and artifact) and
    /// every timestamp against `root`. One that does not verify refuses the whole bundle.
    ///
    /// The only call here that reads the system's clock: a log entry from the future is refused.
    ///
    /// # Errors
    /// [`LogError::Unsupported`] for what the Sigstore crates cannot check: a key on P-521, one
    /// on P-384 that signed with SHA-256, an entry of a kind they do not know.
    pub fn verify_log(
        &self,
        root: &TrustRoot,
        key: &PublicKey,
        artifact: BlobArtifact<'_>,
    ) -> Result<LogProof, LogError> {
        self.verify_blob(key, artifact)?;
        if self.log_entries() == 0 && self.timestamps() == 0 {
            return Ok(LogProof { entries: Vec::new(), timestamps: Vec::new() });
        }
        if key.algorithm() == KeyAlgorithm::P521 {
            return Err(LogError::Unsupported { found: "a key on P-521".to_owned() });
        }
        let refused = |found: String| LogError::Refused { found };
        let artifact = to_artifact(artifact).map_err(refused)?;
        let bundle = self.to_family().map_err(refused)?;
        let result = root
            .verifier
            .verify(artifact, &bundle, &self.log_policy(key))
            .map_err(|error| refusal(&error))?;
        // The authorities' times come after the logs' own.
        let times = result.verified_timestamps();
        let (_, timestamps) = times.split_at(times.len().saturating_sub(self.timestamps()));
        Ok(LogProof {
            entries: self.evidence.tlog_entries.iter().map(logged).collect(),
            timestamps: timestamps.to_vec(),
        })
    }

    /// Demands inclusion in the log, unless there is no entry that could be included.
    fn log_policy(&self, key: &PublicKey) -> PublicKeyVerificationPolicy {
        let policy = PublicKeyVerificationPolicy::new(DerPublicKey::from_bytes(key.spki_der()));
        if self.log_entries() == 0 {
            return policy.skip_tlog_unsafe();
        }
        policy
    }

    fn to_family(&self) -> Result<sigstore_types::Bundle, String> {
        let content = match &self.content {
            Content::Dsse(envelope) => SignatureContent::DsseEnvelope(to_dsse(envelope)?),
            Content::Message { digest, signature } => {
                let message = MessageSignature::new(SignatureBytes::from_bytes(signature));
                SignatureContent::MessageSignature(match digest {
                    Some(digest) => message.with_message_digest(to_digest(digest)),
                    None => message,
                })
            }
        };
        let media_type = self.version.media_type();
        Ok(sigstore_types::Bundle::new(media_type, self.evidence.clone(), content))
    }
}

fn logged(entry: &TransparencyLogEntry) -> LoggedEntry {
    let second = entry.kind_version == KindVersion::HashedRekordV002;
    // An inclusion proof covers the entry's body, not its time; only Rekor v1's promise does.
    let promised = entry.inclusion_promise.is_some() && !second;
    // What was proved: v1's promise and v2's proof are about the entry's own index, while v1's
    // proof has an index within one shard of the log.
    let shard = entry.inclusion_proof.as_ref().map(|proof| proof.log_index);
    let index = if promised || second { None } else { shard };
    LoggedEntry {
        index: index.unwrap_or(entry.log_index).get(),
        integrated: entry.integrated_time.filter(|_| promised),
    }
}

fn refusal(error: &sigstore_verify::Error) -> LogError {
    use sigstore_verify::Error;
    let found = error.to_string();
    match error {
        // The signature did verify before: here it fails for a hash that is not expected.
        Error::UnsupportedBundle(_)
        | Error::UnsupportedArtifact(_)
        | Error::SignatureInvalid(_) => LogError::Unsupported { found },
        _ => LogError::Refused { found },
    }
}

fn to_artifact(artifact: BlobArtifact<'_>) -> Result<Artifact<'_>, String> {
    let digest = match artifact {
        BlobArtifact::Bytes(bytes) => return Ok(Artifact::from_blob(bytes)),
        BlobArtifact::Digest(digest) => digest,
    };
    let algorithm = match digest.algorithm() {
        Algorithm::Sha256 => HashAlgorithm::Sha2256,
        Algorithm::Sha512 => HashAlgorithm::Sha2512,
    };
    ArtifactDigest::new(algorithm, hex_bytes(digest))
        .map(Artifact::from_digest)
        .map_err(|error| error.to_string())
}

fn to_dsse(envelope: &Envelope) -> Result<DsseEnvelope, String> {
    let [signature] = envelope.signatures.as_slice() else {
        return Err("an envelope without exactly one signature".to_owned());
    };
    Ok(DsseEnvelope::new(
        envelope.payload_type.as_str(),
        PayloadBytes::from_bytes(&envelope.payload),
        DsseSignature::new(SignatureBytes::from_bytes(&signature.sig), KeyId::default()),
    ))
}

fn to_digest(digest: &MessageDigest) -> WireDigest {
    WireDigest::new(digest.algorithm.family(), DigestBytes::new(digest.value.clone()))
}

/// A bundle whose log entries or timestamps do not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The signature or the subject does not hold, so the log says nothing.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// A log entry or a timestamp does not hold.
    #[error("expected log entries and timestamps that the trusted root vouches for, found {found}")]
    Refused {
        /// What does not hold.
        found: String,
    },
    /// Something that cannot be checked here, so nothing was found out about it.
    #[error("expected log entries that can be checked, found {found}")]
    Unsupported {
        /// What it is.
        found: String,
    },
}
