use async_trait::async_trait;
use boltseal_core::{Kind, Reason, Target};
use boltseal_pipeline::{Lookup, VerifyRequest, VerifyWorld};
use boltseal_ports::Clock as _;
use boltseal_report::{Document, v1};
use clap::Args;

use super::{Command, Ending};
use crate::argument::{Asked, DemandArgs, OutputArgs, RegistryArgs, ReportArgs, ReportTarget};
use crate::console::Console;
use crate::system_clock::SystemClock;
use crate::wire::{self, Cloud};

/// Verify that a digest has the evidence that is required, signed by a key that is trusted.
///
/// With --key and without --require the signature is demanded; the result says what was only found.
/// With --policy it is what the policy demands.
#[derive(Args, Debug)]
pub(crate) struct Verify {
    /// What to verify: HOST/REPO:TAG, HOST/REPO@DIGEST, oci:DIR[:TAG|@DIGEST] or evidence:FILE.
    #[arg(value_name = "TARGET")]
    target: Target,

    #[command(flatten)]
    demand: DemandArgs,

    #[command(flatten)]
    registry: RegistryArgs,

    #[command(flatten)]
    output: OutputArgs,

    #[command(flatten)]
    reports: ReportArgs,
}

#[async_trait(?Send)]
impl Command for Verify {
    fn output(&self) -> &OutputArgs {
        &self.output
    }

    fn reports(&self) -> &[ReportTarget] {
        &self.reports.targets
    }

    async fn run(&self, _console: &Console) -> Ending {
        self.registry.allow(&self.target)?;
        let cloud = Cloud::new(&self.registry).near(&self.target.location);
        let kinds = &[Kind::Signature];
        let Asked { trust, demands } = self.demand.read(&cloud, &self.target, kinds).await?;
        let place = wire::open(&self.target, &self.registry, &cloud)?;
        let request = VerifyRequest {
            target: place.target.clone(),
            trust,
            demands,
            lookup: Lookup::BundlesFirst,
        };
        let world = VerifyWorld {
            registry: &*place.registry,
            revocation: cloud.revocation(),
            clock: &SystemClock,
        };
        let result = boltseal_pipeline::verify(&request, &world).await;
        let document = v1::Verify::of(&self.target.to_string(), &result);
        Ok(Box::new(match (&result.judgement, &result.digest) {
            (Some(judgement), Some(digest)) => {
                let (trust, now) = (&request.trust, SystemClock.now());
                document.compared(place.companions.compare(judgement, digest, trust, now))
            }
            _ => document,
        }))
    }

    fn failed(&self, reasons: Vec<Reason>) -> Box<dyn Document> {
        Box::new(v1::Verify::failed(&self.target.to_string(), reasons))
    }
}
