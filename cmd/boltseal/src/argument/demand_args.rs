use std::path::PathBuf;
use std::sync::Arc;

use boltseal_core::{Kind, Target};
use boltseal_pipeline::Failure;
use boltseal_verify::{Demands, Trust};
use clap::Args;

use super::{CheckArgs, NotationTrustArgs, RequireArgs};
use crate::policy::PolicyFile;
use crate::wire::Cloud;

/// Whose evidence counts, and what of it must be there.
#[derive(Args, Clone, Debug)]
pub(crate) struct DemandArgs {
    #[command(flatten)]
    check: CheckArgs,

    /// A policy.toml: signers and when they count, kinds, source, scans. Instead of --key.
    #[arg(long, value_name = "FILE", conflicts_with = "keys")]
    policy: Option<PathBuf>,

    #[command(flatten)]
    notation: NotationTrustArgs,

    #[command(flatten)]
    require: RequireArgs,
}

/// What a verification goes by.
pub(crate) struct Asked {
    pub(crate) trust: Trust,
    pub(crate) demands: Demands,
}

impl DemandArgs {
    /// Reads the policy, or the keys. Without a policy and without --require the kinds are
    /// `default`; --require adds to those of a policy. Notation's policy is asked about the
    /// repository of `target`.
    pub(crate) async fn read(
        &self,
        cloud: &Cloud,
        target: &Target,
        default: &[Kind],
    ) -> Result<Asked, Failure> {
        let notation = self.notation.trust(target)?;
        let Some(path) = &self.policy else {
            let demands = Demands::kinds(&self.require.or(default));
            return Ok(Asked { trust: self.check.trust_and(notation, cloud).await?, demands });
        };
        let policy = PolicyFile::read(path)?;
        let mut demands = policy.demands()?;
        for kind in self.require.or(&[]) {
            if !demands.required.contains(&kind) {
                demands.required.push(kind);
            }
        }
        let keys = policy.keys(cloud).await?;
        let root = self.check.root_or(policy.trusted_root())?;
        let notation = notation.map(Arc::new);
        Ok(Asked { trust: Trust { keys, root, notation }, demands })
    }
}
