use async_trait::async_trait;
use boltseal_core::{Location, Reason, Target};
use boltseal_ports::Clock as _;
use boltseal_report::{Document, v1};
use clap::Args;

use crate::argument::{OutputArgs, RegistryArgs};
use crate::command::{Command, Ending};
use crate::console::Console;
use crate::system_clock::SystemClock;
use crate::usage::usage;
use crate::wire::{self, Cloud};

/// Find out what a registry can do, by doing it: uploads, mounts, media types, referrers.
///
/// Writes a small blob and a few small manifests to the repository, by digest and never under a
/// tag, removes them again as far as the registry lets anybody, and says what is left.
#[derive(Args, Debug)]
pub(crate) struct DoctorRegistry {
    /// A repository that may be written to: HOST/REPO.
    #[arg(value_name = "HOST/REPO")]
    target: Target,

    #[command(flatten)]
    registry: RegistryArgs,

    #[command(flatten)]
    output: OutputArgs,
}

#[async_trait(?Send)]
impl Command for DoctorRegistry {
    fn output(&self) -> &OutputArgs {
        &self.output
    }

    async fn run(&self, _console: &Console) -> Ending {
        self.registry.allow(&self.target)?;
        let Location::Registry(repository) = &self.target.location else {
            return Err(usage(
                "registry-elsewhere",
                "a repository of a registry: HOST/REPO",
                self.target.to_string(),
                "name one that may be written to",
            ));
        };
        let cloud = Cloud::new(&self.registry);
        cloud.guard().await?;
        let mark = format!("{}, process {}", SystemClock.now(), std::process::id());
        let seen = wire::abilities(repository, &self.registry, &cloud, &mark).await?;
        let mut document = v1::Doctor::of("registry", &repository.to_string(), Vec::new());
        (document.facts, document.checks, document.wrote) = (seen.facts, seen.checks, seen.wrote);
        Ok(Box::new(document))
    }

    fn failed(&self, reasons: Vec<Reason>) -> Box<dyn Document> {
        Box::new(v1::Doctor::of("registry", &self.target.to_string(), reasons))
    }
}
