use std::path::{Path, PathBuf};

use async_trait::async_trait;
use boltseal_core::{Digest, Exit, Reason};
use boltseal_report::{Document, v1};
use boltseal_verify::{BlobArtifact, verify_blob};
use clap::Args;

use super::{Command, Ending};
use crate::argument::{CheckArgs, OutputArgs};
use crate::console::Console;
use crate::file;
use crate::wire::Cloud;

/// A larger file is not kept in memory, but only hashed.
const MAX_IN_MEMORY: u64 = 256 << 20;

/// Verify a plain file against a Sigstore bundle.
///
/// The flags are named as cosign names them.
#[derive(Args, Debug)]
pub(crate) struct VerifyBlob {
    /// The file, or its digest (sha256:...).
    #[arg(value_name = "FILE|DIGEST")]
    blob: String,

    /// The bundle.
    #[arg(long, value_name = "FILE")]
    bundle: PathBuf,

    #[command(flatten)]
    check: CheckArgs,

    /// Open no socket. It never does; the flag says so in a script.
    #[arg(long)]
    offline: bool,

    #[command(flatten)]
    output: OutputArgs,
}

/// What is checked.
enum Content {
    Bytes(zeroize::Zeroizing<Vec<u8>>),
    Digest(Digest),
}

impl Content {
    fn read(text: &str) -> std::io::Result<Self> {
        if let Ok(digest) = text.parse() {
            return Ok(Self::Digest(digest));
        }
        let path = Path::new(text);
        if path.metadata()?.len() > MAX_IN_MEMORY {
            return file::digest(path).map(Self::Digest);
        }
        file::read(path, MAX_IN_MEMORY).map(Self::Bytes)
    }

    fn as_artifact(&self) -> BlobArtifact<'_> {
        match self {
            Self::Bytes(bytes) => BlobArtifact::Bytes(bytes),
            Self::Digest(digest) => BlobArtifact::Digest(digest),
        }
    }

    fn digest(&self) -> Digest {
        match self {
            Self::Bytes(bytes) => Digest::sha256_of(bytes),
            Self::Digest(digest) => digest.clone(),
        }
    }
}

#[async_trait(?Send)]
impl Command for VerifyBlob {
    fn output(&self) -> &OutputArgs {
        &self.output
    }

    async fn run(&self, _console: &Console) -> Ending {
        let trust = self.check.trust(&Cloud::offline()).await?;
        let unreadable = |code: &'static str, place: String, found: String| {
            Reason::new(Exit::Invalid, code)
                .expected("a file that can be read")
                .found(found)
                .place(place)
                .fix("name a file that is there; a digest is written sha256:...")
        };
        let content = Content::read(&self.blob)
            .map_err(|error| unreadable("blob-unreadable", self.blob.clone(), error.to_string()))?;
        let bundle = file::read(&self.bundle, boltseal_crypto::MAX_BUNDLE_BYTES as u64).map_err(
            |error| {
                unreadable(
                    "bundle-unreadable",
                    self.bundle.display().to_string(),
                    error.to_string(),
                )
            },
        )?;
        let document = match verify_blob(content.as_artifact(), &bundle, &trust) {
            Ok(proof) => v1::VerifyBlob::verified(&self.blob, Digest::sha256_of(&bundle), &proof),
            Err(reason) => {
                let reason = reason.place(self.bundle.display().to_string());
                v1::VerifyBlob::failed(&self.blob, Some(content.digest()), vec![reason])
            }
        };
        Ok(Box::new(document))
    }

    fn failed(&self, reasons: Vec<Reason>) -> Box<dyn Document> {
        Box::new(v1::VerifyBlob::failed(&self.blob, None, reasons))
    }
}
