//! Who makes the Notation signature of a release.

use std::path::Path;
use std::time::Duration;

use boltseal_aws::{AwsSigner, ManagedSigning};
use boltseal_core::{Exit, Location, Reason};
use boltseal_crypto::notation::CertificateChain;
use boltseal_pipeline::{EvidenceFormats, Failure, NotationSigner, NotationSigning};

use super::Cloud;
use crate::argument::NotationSigningArgs;
use crate::file;
use crate::usage::usage;

/// How long a registry that signs by itself is waited for.
const PATIENCE: Duration = Duration::from_mins(2);
const MAX_CHAIN_BYTES: u64 = 4 << 20;

/// What makes Notation signatures, opened.
pub(crate) struct NotationMaker {
    signer: Maker,
    managed: Option<ManagedSigning>,
}

enum Maker {
    Chain(CertificateChain),
    Profile(Box<AwsSigner>),
}

impl NotationMaker {
    /// None where no Notation signature is wanted. Asks nobody yet.
    ///
    /// # Errors
    /// Where it is not said who signs, where it is said and not wanted, and where the chain cannot
    /// be read.
    pub(crate) fn open(
        args: &NotationSigningArgs,
        formats: EvidenceFormats,
        destination: &Location,
        cloud: &Cloud,
    ) -> Result<Option<Self>, Failure> {
        match (formats.notation(), &args.certificate_chain, &args.signer_profile) {
            (false, None, None) => Ok(None),
            (false, ..) => Err(unwanted()),
            (true, Some(path), _) => {
                Ok(Some(Self { signer: Maker::Chain(chain(path)?), managed: None }))
            }
            (true, None, Some(profile)) => {
                let signer = Maker::Profile(Box::new(cloud.signer(profile, destination)?));
                Ok(Some(Self { signer, managed: cloud.managed_signing(destination)? }))
            }
            (true, None, None) => Err(missing()),
        }
    }

    /// For the journey.
    pub(crate) fn signing(&self) -> NotationSigning<'_> {
        NotationSigning {
            signer: match &self.signer {
                Maker::Chain(chain) => NotationSigner::Chain(chain),
                Maker::Profile(profile) => NotationSigner::Profile(&**profile),
            },
            managed: self.managed.as_ref().map(|it| it as &dyn boltseal_ports::ManagedSigning),
            patience: PATIENCE,
        }
    }
}

fn chain(path: &Path) -> Result<CertificateChain, Reason> {
    let invalid = |found: String| {
        Reason::new(Exit::Invalid, "certificate-chain-invalid")
            .expected("a chain in PEM, the leaf first and the root last, that signs for Notation")
            .found(found)
            .place(path.display().to_string())
            .fix("put the certificates of the key, of every CA and of the root into one file")
    };
    let bytes = file::read(path, MAX_CHAIN_BYTES).map_err(|error| invalid(error.to_string()))?;
    CertificateChain::from_pem(&bytes).map_err(|error| invalid(error.to_string()))
}

fn missing() -> Failure {
    usage(
        "notation-signer-missing",
        "who makes the Notation signature",
        "--evidence notation, and neither --signer-profile nor --certificate-chain",
        "give --signer-profile with a profile of AWS Signer, or --certificate-chain with the X.509 \
         chain of one of the keys",
    )
}

fn unwanted() -> Failure {
    usage(
        "notation-signer-unused",
        "--evidence with notation in it",
        "--signer-profile or --certificate-chain without it",
        "give --evidence bundle,notation, or leave the signer out",
    )
}
