use async_trait::async_trait;
use boltseal_core::{Platform, Reason, Target};
use boltseal_ports::Clock as _;
use boltseal_report::{Document, v1};
use clap::Args;

use super::{Command, Ending};
use crate::argument::{OutputArgs, RegistryArgs};
use crate::console::Console;
use crate::system_clock::SystemClock;
use crate::wire::{self, Cloud};

/// Show the evidence graph of a digest: everything that is attached to it, whoever made it.
///
/// Nothing of it is verified: that is what verify does.
#[derive(Args, Debug)]
pub(crate) struct Inspect {
    /// What to look at: HOST/REPO:TAG, HOST/REPO@DIGEST, oci:DIR[:TAG|@DIGEST] or evidence:FILE.
    #[arg(value_name = "TARGET")]
    target: Target,

    /// Of an index, the image for this platform.
    #[arg(long, value_name = "OS/ARCH[/VARIANT]")]
    platform: Option<Platform>,

    #[command(flatten)]
    registry: RegistryArgs,

    #[command(flatten)]
    output: OutputArgs,
}

#[async_trait(?Send)]
impl Command for Inspect {
    fn output(&self) -> &OutputArgs {
        &self.output
    }

    async fn run(&self, _console: &Console) -> Ending {
        self.registry.allow(&self.target)?;
        let place = wire::open(&self.target, &self.registry, &Cloud::new(&self.registry))?;
        let (registry, platform) = (&*place.registry, self.platform.as_ref());
        let now = SystemClock.now();
        let result = boltseal_pipeline::inspect(&place.target, registry, platform, now).await?;
        Ok(Box::new(v1::Inspect::of(&self.target.to_string(), &result)))
    }

    fn failed(&self, reasons: Vec<Reason>) -> Box<dyn Document> {
        Box::new(v1::Inspect::failed(&self.target.to_string(), reasons))
    }
}
