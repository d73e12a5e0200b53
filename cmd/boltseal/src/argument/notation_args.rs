use std::path::PathBuf;

use boltseal_core::{Location, Target};
use boltseal_crypto::notation::{Applicable, TrustPolicy};
use boltseal_pipeline::Failure;
use boltseal_verify::NotationTrust;
use clap::Args;

use crate::trust_store;
use crate::usage::usage;

/// Who makes the Notation signature of `--evidence notation`.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct NotationSigningArgs {
    /// For --evidence notation: the X.509 chain, leaf first, of one of the keys that sign.
    #[arg(long, value_name = "FILE", conflicts_with = "signer_profile")]
    pub(crate) certificate_chain: Option<PathBuf>,

    /// For --evidence notation: a signing profile of AWS Signer, by its ARN or its name. What the
    /// registry signs with it by itself is waited for, and not signed twice.
    #[arg(long, value_name = "PROFILE")]
    pub(crate) signer_profile: Option<String>,
}

/// Whose Notation signatures count, as notation itself is told.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct NotationTrustArgs {
    /// Notation's trustpolicy.json: a Notation signature that it accepts counts as a signature.
    #[arg(id = "notation_policy", long = "trust-policy", value_name = "FILE", requires = "store")]
    policy: Option<PathBuf>,

    /// Notation's truststore folder, which holds x509/TYPE/NAME; notation keeps its own in
    /// ~/.config/notation/truststore.
    #[arg(long = "trust-store", value_name = "DIR", requires = "notation_policy")]
    store: Option<PathBuf>,

    /// HOST/REPO as the trust policy names it, where the target is a layout or an evidence file.
    #[arg(long = "trust-scope", value_name = "HOST/REPO", requires = "notation_policy")]
    scope: Option<String>,
}

impl NotationTrustArgs {
    /// The statement about the repository of `target`, with its trust stores.
    ///
    /// # Errors
    /// Exit 20 for a policy or a store that cannot be read, and where the policy says nothing
    /// about the repository or wants nothing checked; exit 2 where it is not known which
    /// repository that is.
    pub(crate) fn trust(&self, target: &Target) -> Result<Option<NotationTrust>, Failure> {
        let (Some(path), Some(folder)) = (&self.policy, &self.store) else {
            return Ok(None);
        };
        let policy = trust_store::policy(path)?;
        let repository = self.repository(target)?;
        let statement = applicable(&policy, &repository, path)?;
        let Applicable::Check(statement) = statement else {
            return Err(trust_store::skipped(path, &repository).into());
        };
        let stores = trust_store::read(folder, statement.stores())?;
        Ok(Some(NotationTrust::Policy { statement: statement.clone(), stores }))
    }

    fn repository(&self, target: &Target) -> Result<String, Failure> {
        if let Some(scope) = &self.scope {
            return Ok(scope.clone());
        }
        match &target.location {
            Location::Registry(repository) => Ok(repository.to_string()),
            _ => Err(usage(
                "trust-scope-missing",
                "the repository that the trust policy is asked about",
                format!("{target}, which is in no registry"),
                "give --trust-scope HOST/REPO",
            )),
        }
    }
}

fn applicable<'p>(
    policy: &'p TrustPolicy,
    repository: &str,
    path: &std::path::Path,
) -> Result<&'p Applicable, Failure> {
    policy.for_repository(repository).map_err(|silent| trust_store::silent(path, &silent).into())
}
