use std::path::{Path, PathBuf};
use std::sync::Arc;

use boltseal_core::{Exit, Reason};
use boltseal_crypto::TrustRoot;
use boltseal_pipeline::Failure;
use boltseal_verify::{NotationTrust, Trust};
use clap::Args;

use super::KeySource;
use crate::file;
use crate::usage::usage;
use crate::wire::{Cloud, public_keys};

/// A trusted root of Sigstore has some 10 KiB.
const MAX_ROOT_BYTES: u64 = 4 << 20;

/// Whose evidence counts.
#[derive(Args, Clone, Debug)]
pub(crate) struct CheckArgs {
    /// A key that evidence may be signed with: a PEM file, env://NAME or awskms://... Repeated:
    /// any one suffices.
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<KeySource>,

    /// A trusted_root.json; with it log entries and timestamps are checked, without it none is
    /// read.
    #[arg(long, value_name = "FILE")]
    trusted_root: Option<PathBuf>,
}

impl CheckArgs {
    /// Reads the keys and the trusted root.
    pub(crate) async fn trust(&self, cloud: &Cloud) -> Result<Trust, Failure> {
        self.trust_and(None, cloud).await
    }

    /// The same beside Notation signatures, which suffice without a key.
    pub(crate) async fn trust_and(
        &self,
        notation: Option<NotationTrust>,
        cloud: &Cloud,
    ) -> Result<Trust, Failure> {
        if self.keys.is_empty() && notation.is_none() {
            return Err(usage(
                "key-missing",
                "who is trusted: at least one --key, or notation's --trust-policy",
                "none",
                "give --key FILE with the public key of the signer (or env://NAME), or a policy with \
                 --policy; identities (--certificate-identity) are not built yet",
            ));
        }
        let keys = public_keys(&self.keys, cloud).await;
        match (keys, self.root_or(None)) {
            (Ok(keys), Ok(root)) => Ok(Trust { keys, root, notation: notation.map(Arc::new) }),
            (keys, root) => {
                let mut reasons = keys.err().unwrap_or_default();
                reasons.extend(root.err());
                Err(Failure::of(reasons))
            }
        }
    }

    /// The trusted root that a flag names, else the one at `path`.
    pub(crate) fn root_or(&self, path: Option<PathBuf>) -> Result<Option<Arc<TrustRoot>>, Reason> {
        self.trusted_root.clone().or(path).map(|path| read_root(&path)).transpose()
    }
}

/// The trusted root in a file.
pub(crate) fn read_root(path: &Path) -> Result<Arc<TrustRoot>, Reason> {
    let invalid = |found: String| {
        Reason::new(Exit::Invalid, "trusted-root-invalid")
            .expected("a trusted_root.json of Sigstore")
            .found(found)
            .place(path.display().to_string())
            .fix("fetch it from whoever runs the log and the timestamp authority")
    };
    let bytes = file::read(path, MAX_ROOT_BYTES).map_err(|error| invalid(error.to_string()))?;
    TrustRoot::parse(&bytes).map(Arc::new).map_err(|error| invalid(error.to_string()))
}
