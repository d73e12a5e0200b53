//! Whether a bundle is about an artifact, and signed by a key.

use aws_lc_rs::digest;
use boltseal_core::{Algorithm, Digest, Statement};

use crate::public_key::hex_bytes;
use crate::{
    Bundle, Content, Envelope, Material, MessageDigest, PublicKey, SignatureError, StatementRefused,
};

/// The artifact that a bundle should be about: the content, or only its digest.
#[derive(Clone, Copy, Debug)]
pub enum BlobArtifact<'a> {
    /// The content.
    Bytes(&'a [u8]),
    /// Its digest. Not every kind of key can be checked with it alone.
    Digest(&'a Digest),
}

impl BlobArtifact<'_> {
    /// Whether `signature` is `key`'s over this artifact: the whole check of a detached
    /// signature.
    pub fn verify(&self, key: &PublicKey, signature: &[u8]) -> Result<(), SignatureError> {
        match self {
            Self::Bytes(bytes) => key.verify(bytes, signature),
            Self::Digest(digest) => key.verify_digest(digest, signature),
        }
    }

    /// Whether the signed statement has a subject that is this artifact.
    fn is_subject_of(&self, statement: &Statement) -> bool {
        match self {
            Self::Digest(digest) => statement.subject_with(digest).is_some(),
            Self::Bytes(bytes) => [Algorithm::Sha256, Algorithm::Sha512]
                .into_iter()
                .any(|algorithm| statement.subject_with(&digest_of(bytes, algorithm)).is_some()),
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Digest(digest) => digest.to_string(),
            Self::Bytes(bytes) => Digest::sha256_of(bytes).to_string(),
        }
    }
}

impl Bundle {
    /// Whether `key` signed this bundle, and the bundle is about `artifact`.
    ///
    /// A `messageSignature` is checked over the artifact itself; the digest in the bundle must
    /// agree with it where both are of one algorithm, but proves nothing. An envelope is checked
    /// over its payload, and then one subject of the statement, which is returned, must have the
    /// artifact's digest. Log entries and timestamps are not looked at, and the bundle's `hint`
    /// decides nothing.
    pub fn verify_blob(
        &self,
        key: &PublicKey,
        artifact: BlobArtifact<'_>,
    ) -> Result<Option<Statement>, BlobError> {
        if let Material::Certificate(_) = self.material {
            return Err(BlobError::CertificateSigned);
        }
        match &self.content {
            Content::Dsse(envelope) => verify_envelope(envelope, key, artifact).map(Some),
            Content::Message { digest, signature } => {
                if let Some(digest) = digest {
                    check_hint(digest, artifact)?;
                }
                artifact.verify(key, signature)?;
                Ok(None)
            }
        }
    }
}

fn verify_envelope(
    envelope: &Envelope,
    key: &PublicKey,
    artifact: BlobArtifact<'_>,
) -> Result<Statement, BlobError> {
    envelope.verify(key)?;
    let statement = envelope.statement()?;
    if artifact.is_subject_of(&statement) {
        return Ok(statement);
    }
    Err(BlobError::OtherSubject { expected: artifact.shown() })
}

/// Compares the digest that the bundle names where the artifact gives one of the same algorithm.
fn check_hint(hint: &MessageDigest, artifact: BlobArtifact<'_>) -> Result<(), BlobError> {
    let actual = match artifact {
        BlobArtifact::Bytes(bytes) => {
            digest::digest(hint.algorithm.hash(), bytes).as_ref().to_vec()
        }
        BlobArtifact::Digest(digest) if hint.algorithm.is(digest.algorithm()) => hex_bytes(digest),
        BlobArtifact::Digest(_) => return Ok(()),
    };
    if hint.value == actual {
        return Ok(());
    }
    Err(BlobError::OtherDigest { expected: artifact.shown() })
}

fn digest_of(bytes: &[u8], algorithm: Algorithm) -> Digest {
    let mut hasher = boltseal_core::Hasher::new(algorithm);
    hasher.update(bytes);
    hasher.finish()
}

/// A bundle that does not show that the key signed the artifact.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BlobError {
    /// The bundle was signed with a certificate, so no key that the caller holds is meant.
    #[error("expected a bundle signed with a public key, found one signed with a certificate")]
    CertificateSigned,
    /// The bundle names another digest for its artifact.
    #[error("expected a bundle about {expected}, found that its messageDigest is another")]
    OtherDigest {
        /// The artifact's digest.
        expected: String,
    },
    /// The statement is about something else.
    #[error("expected a statement about {expected}, found none of its subjects to be that")]
    OtherSubject {
        /// The artifact's digest.
        expected: String,
    },
    /// The signature does not hold.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The payload is signed, but is no statement.
    #[error(transparent)]
    Statement(#[from] StatementRefused),
}
