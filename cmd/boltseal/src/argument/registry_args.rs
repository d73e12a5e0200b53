use std::path::PathBuf;

use boltseal_core::{Location, Target};
use boltseal_pipeline::Failure;
use clap::Args;

use super::AwsArgs;
use crate::usage::usage;

/// How registries are spoken to.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Registries")]
pub(crate) struct RegistryArgs {
    /// Open no socket; registries are refused.
    #[arg(long)]
    pub(crate) offline: bool,

    /// Speak HTTP to every registry; hosts on this machine are spoken to over HTTP anyway.
    #[arg(long)]
    pub(crate) plain_http: bool,

    /// A PEM file of certificate authorities to trust besides the system's.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,

    /// How long a registry may fail, retries and waiting included, before boltseal gives up and
    /// calls the outcome undetermined.
    #[arg(long, value_name = "SECONDS", default_value_t = 45,
        value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) patience: u64,

    #[command(flatten)]
    pub(crate) aws: AwsArgs,
}

impl RegistryArgs {
    /// Refuses a registry where no socket may be opened.
    pub(crate) fn allow(&self, target: &Target) -> Result<(), Failure> {
        match &target.location {
            Location::Registry(repository) if self.offline => Err(usage(
                "offline",
                "a layout, an archive or an evidence file with --offline",
                format!("the registry {repository}"),
                "give evidence:FILE or oci:DIR, or leave --offline out",
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offline_refuses_registries_only() {
        let (plain_http, ca_file, aws) = (false, None, AwsArgs::default());
        let args = RegistryArgs { offline: true, plain_http, ca_file, patience: 45, aws };
        let allowed = |text: &str| args.allow(&text.parse().unwrap()).is_ok();
        assert!(allowed("oci:dir:1") && allowed("evidence:e.tar"));
        assert!(!allowed("registry.example.com/app:1") && !allowed("127.0.0.1:5000/app:1"));
    }
}
