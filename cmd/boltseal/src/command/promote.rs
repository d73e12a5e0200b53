use std::path::PathBuf;

use async_trait::async_trait;
use boltseal_core::{Kind, Location, Reason, Target};
use boltseal_pipeline::{EvidenceFormats, Failure, PromoteRequest, PromoteWorld};
use boltseal_ports::Signer;
use boltseal_posture::PublicPull;
use boltseal_report::{Document, v1};
use clap::Args;

use super::{Command, Ending};
use crate::argument::{
    Asked, DemandArgs, EvidenceFormat, KeySource, OutputArgs, RegistryArgs, ReportArgs,
    ReportTarget, TagArgs, formats, release_tags,
};
use crate::console::Console;
use crate::system_clock::SystemClock;
use crate::usage::usage;
use crate::wire::evidence_file;
use crate::wire::{self, Cloud};

/// Verify a release where it is, copy exactly that digest with its evidence, and sign that.
///
/// Without --require and --policy all five kinds are demanded: provenance, sbom, vuln, vsa and signature.
#[derive(Args, Debug)]
pub(crate) struct Promote {
    /// Where it is: HOST/REPO:TAG, HOST/REPO@DIGEST, oci:DIR[:TAG|@DIGEST] or oci-archive:FILE.
    #[arg(value_name = "SOURCE")]
    source: Target,

    /// Where it goes: HOST/REPO[:TAG] or oci:DIR[:TAG].
    #[arg(value_name = "DEST")]
    destination: Target,

    #[command(flatten)]
    demand: DemandArgs,

    /// The key that signs the promotion.
    #[arg(long, value_name = "KEY")]
    promotion_key: Option<KeySource>,

    #[command(flatten)]
    tags: TagArgs,

    /// In which formats the promotion's own evidence is written: bundle, legacy.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    evidence: Vec<EvidenceFormat>,

    /// Write all evidence into one file that verifies without network.
    #[arg(long, value_name = "FILE")]
    evidence_file: Option<PathBuf>,

    /// The destination is meant to be public.
    #[arg(long)]
    allow_public_pull: bool,

    #[command(flatten)]
    registry: RegistryArgs,

    #[command(flatten)]
    output: OutputArgs,

    #[command(flatten)]
    reports: ReportArgs,
}

impl Promote {
    async fn request(&self, source: Target, cloud: &Cloud) -> Result<PromoteRequest, Failure> {
        let Asked { trust, demands } =
            self.demand.read(cloud, &self.source, &Kind::RELEASE).await?;
        Ok(PromoteRequest {
            source,
            destination: self.destination.clone(),
            tags: release_tags(&self.destination, &self.tags.tags, &self.tags.moving_tags)?,
            moving_tags: self.tags.moving_tags.clone(),
            trust,
            demands,
            formats: self.formats()?,
        })
    }

    /// A promotion signs statements only; the Notation signatures of the release are copied.
    fn formats(&self) -> Result<EvidenceFormats, Failure> {
        if self.evidence.contains(&EvidenceFormat::Notation) {
            return Err(usage(
                "evidence-not-for-promotions",
                "bundle or legacy: a promotion's evidence is statements",
                "--evidence notation",
                "leave it out; with --trust-policy the release's Notation signatures are copied",
            ));
        }
        formats(&self.evidence)
    }

    fn signer(&self, cloud: &Cloud) -> Result<Box<dyn Signer>, Failure> {
        let key = self.promotion_key.as_ref().ok_or_else(|| {
            usage(
                "promotion-key-missing",
                "a key that signs the promotion",
                "none",
                "give --promotion-key FILE, env://NAME or awskms://...",
            )
        })?;
        wire::signer(key, cloud)
    }

    const fn public_pull(&self) -> PublicPull {
        if self.allow_public_pull { PublicPull::Allowed } else { PublicPull::Refused }
    }

    fn allow_source(&self) -> Result<(), Failure> {
        match &self.source.location {
            Location::Evidence(_) => Err(usage(
                "source-without-layers",
                "a source that holds the image",
                format!("{}, which holds evidence only", self.source),
                "name the registry or the layout that the image is in",
            )),
            _ => Ok(()),
        }
    }
}

#[async_trait(?Send)]
impl Command for Promote {
    fn output(&self) -> &OutputArgs {
        &self.output
    }

    fn reports(&self) -> &[ReportTarget] {
        &self.reports.targets
    }

    async fn run(&self, console: &Console) -> Ending {
        self.allow_source()?;
        self.registry.allow(&self.source)?;
        self.registry.allow(&self.destination)?;
        wire::check_destination(&self.destination)?;
        wire::check_public(&self.destination, self.public_pull())?;
        evidence_file::check(self.evidence_file.as_deref())?;
        let cloud = Cloud::new(&self.registry);
        let cloud = cloud.near(&self.destination.location).near(&self.source.location);
        let request = self.request(self.source.clone(), &cloud).await?;
        let signer = self.signer(&cloud)?;
        let source = wire::open(&self.source, &self.registry, &cloud)?;
        let (to, args) = (&self.destination, &self.registry);
        let destination = wire::open_destination(to, args, &cloud)?;
        cloud.guard().await?;
        let request = PromoteRequest { source: source.target, ..request };
        let world = PromoteWorld {
            source: &*source.registry,
            destination: &*destination.registry,
            tags: &*destination.tags,
            revocation: cloud.revocation(),
            signer: &*signer,
            meters: &[&cloud],
            clock: &SystemClock,
            reporter: console,
        };
        let result = boltseal_pipeline::promote(&request, &world).await;
        let mut document =
            v1::Promote::of(&self.source.to_string(), &self.destination.to_string(), &result);
        let written = evidence_file::write_if_asked(
            self.evidence_file.as_deref(),
            result.evidence_file.as_ref(),
        );
        match written {
            Ok(file) => document.evidence_file = file,
            Err(reason) => document = document.but(vec![reason]),
        }
        Ok(Box::new(document))
    }

    fn failed(&self, reasons: Vec<Reason>) -> Box<dyn Document> {
        let (source, destination) = (self.source.to_string(), self.destination.to_string());
        Box::new(v1::Promote::failed(&source, &destination, reasons))
    }
}
