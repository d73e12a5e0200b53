use async_trait::async_trait;
use boltseal_core::{Exit, Pick, Reason};
use boltseal_image::cyclonedx::SpecVersion;
use boltseal_pipeline::SbomRequest;
use boltseal_report::{Document, v1};
use clap::Args;

use super::{Command, Ending};
use crate::argument::{ImageArgs, OutputArgs, RegistryArgs};
use crate::console::Console;
use crate::wire::{self, Cloud};

/// Write the CycloneDX document of an image: the same bytes every time.
#[derive(Args, Debug)]
pub(crate) struct Sbom {
    #[command(flatten)]
    image: ImageArgs,

    /// The version of CycloneDX: 1.5 or 1.6.
    #[arg(long, value_name = "VERSION", default_value_t)]
    spec_version: SpecVersion,

    #[command(flatten)]
    registry: RegistryArgs,

    #[command(flatten)]
    output: OutputArgs,
}

#[async_trait(?Send)]
impl Command for Sbom {
    fn output(&self) -> &OutputArgs {
        &self.output
    }

    async fn run(&self, _console: &Console) -> Ending {
        let choice = self.image.choice()?;
        let cloud = Cloud::new(&self.registry);
        let image = wire::open_image(&choice, &self.registry, &cloud).await?;
        let request = SbomRequest {
            pick: Some(Pick::Digest(image.digest.clone())),
            platform: self.image.platform().cloned(),
            spec_version: self.spec_version,
        };
        let bytes = boltseal_pipeline::sbom(&request, &*image.registry).await?;
        let document = String::from_utf8(bytes).map_err(|_| {
            Reason::new(Exit::Bug, "sbom-encoding")
                .expected("JSON")
                .found("bytes that are no text")
                .place(image.digest.to_string())
                .fix("report this as a bug of boltseal, with the image if you can")
        })?;
        Ok(Box::new(v1::Sbom::made(&self.image.name(), Some(image.digest), document)))
    }

    fn failed(&self, reasons: Vec<Reason>) -> Box<dyn Document> {
        Box::new(v1::Sbom::failed(&self.image.name(), reasons))
    }
}
