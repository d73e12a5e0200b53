//! Plain files: `verify-blob`.

use boltseal_core::{Digest, Exit, Reason};
use boltseal_crypto::Bundle;

use crate::{NamedKey, Trust, Verified};

pub use boltseal_crypto::BlobArtifact;

/// A file whose bundle was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// The file's digest.
    pub digest: Digest,
    /// The key that signed it, as its user named it.
    pub signer: String,
    /// The predicate type, where the bundle holds a statement.
    pub predicate_type: Option<String>,
    /// What was really checked, in words.
    pub checked: Vec<String>,
}

/// Checks a file, or only its digest, against a bundle's bytes. Any one of the trusted keys
/// suffices; a log entry is checked only where `trust` has a root.
///
/// # Errors
/// The reason why the file is refused (exit 11). So is a bundle that cannot be read: it is
/// evidence, not configuration.
pub fn verify_blob(
    artifact: BlobArtifact<'_>,
    bundle: &[u8],
    trust: &Trust,
) -> Result<Verified<Blob>, Box<Reason>> {
    let bundle = Bundle::parse(bundle).map_err(|problem| {
        Reason::new(Exit::Untrusted, "bundle-malformed")
            .expected("a Sigstore bundle 0.1, 0.2 or 0.3")
            .found(problem.to_string())
            .fix("fetch the bundle again, or sign the file again")
    })?;
    let mut last = String::from("no key was given");
    for named in &trust.keys {
        match bundle.verify_blob(&named.key, artifact) {
            Ok(statement) => {
                let predicate_type = statement.map(|it| it.predicate_type);
                return proven(&bundle, named, trust, artifact, predicate_type);
            }
            Err(problem) => last = problem.to_string(),
        }
    }
    Err(Box::new(
        Reason::new(Exit::Untrusted, "unknown-signer")
            .expected("a signature over this file by an accepted key")
            .found(format!("{last} (tried {})", trust.names()))
            .fix("name the key that signed the file with --key, if you trust it"),
    ))
}

fn proven(
    bundle: &Bundle,
    signer: &NamedKey,
    trust: &Trust,
    artifact: BlobArtifact<'_>,
    predicate_type: Option<String>,
) -> Result<Verified<Blob>, Box<Reason>> {
    let mut checked = vec!["the signature by key".to_owned(), "the file's digest".to_owned()];
    if let Some(root) = &trust.root {
        let proof = bundle.verify_log(root, &signer.key, artifact).map_err(|problem| {
            Reason::new(Exit::Untrusted, "log-proof-invalid")
                .expected("log entries and timestamps that verify against the trusted root")
                .found(problem.to_string())
                .fix("give the trusted root of the log that was used")
        })?;
        checked.push(format!("transparency log entries: {}", proof.entries.len()));
        checked.push(format!("timestamps: {}", proof.timestamps.len()));
    }
    let digest = match artifact {
        BlobArtifact::Bytes(bytes) => Digest::sha256_of(bytes),
        BlobArtifact::Digest(digest) => digest.clone(),
    };
    let signer = signer.name.clone();
    Ok(Verified::new(Blob { digest, signer, predicate_type, checked }))
}
