use async_trait::async_trait;
use boltseal_core::{Kind, Reason, Target};
use boltseal_pipeline::{Lookup, VerifyRequest, VerifyResult, VerifyWorld};
use boltseal_ports::Clock;
use boltseal_report::{Document, v1};
use boltseal_verify::Comparison;
use clap::Args;

use super::{Command, Ending};
use crate::argument::{Asked, DemandArgs, OutputArgs, RegistryArgs, ReportArgs, ReportTarget};
use crate::console::Console;
use crate::system_clock::SystemClock;
use crate::wire::{self, Cloud, Place};

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

/// What a verification came to, with what an evidence file says of itself.
pub(crate) struct Examined {
    pub(crate) result: VerifyResult,
    comparison: Option<Comparison>,
}

/// Verifies what is at a place.
pub(crate) async fn examine(
    place: &Place,
    asked: Asked,
    cloud: &Cloud,
    clock: &dyn Clock,
) -> Examined {
    let Asked { trust, demands } = asked;
    let lookup = Lookup::BundlesFirst;
    let request = VerifyRequest { target: place.target.clone(), trust, demands, lookup };
    let registry = &*place.registry;
    let world = VerifyWorld { registry, revocation: cloud.revocation(), clock };
    let result = boltseal_pipeline::verify(&request, &world).await;
    let judged = result.judgement.as_ref().zip(result.digest.as_ref());
    let comparison = judged.map(|(judgement, digest)| {
        place.companions.compare(judgement, digest, &request.trust, clock.now())
    });
    Examined { result, comparison }
}

impl Examined {
    /// The result for people and programs.
    pub(crate) fn document(self, target: &Target) -> v1::Verify {
        let document = v1::Verify::of(&target.to_string(), &self.result);
        match self.comparison {
            Some(comparison) => document.compared(comparison),
            None => document,
        }
    }
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
        let asked = self.demand.read(&cloud, &self.target, kinds).await?;
        let place = wire::open(&self.target, &self.registry, &cloud)?;
        let result = examine(&place, asked, &cloud, &SystemClock).await;
        Ok(Box::new(result.document(&self.target)))
    }

    fn failed(&self, reasons: Vec<Reason>) -> Box<dyn Document> {
        Box::new(v1::Verify::failed(&self.target.to_string(), reasons))
    }
}
