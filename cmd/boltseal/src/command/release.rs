use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use boltseal_core::{Pick, Reason, Tag, Target};
use boltseal_gate::Waivers;
use boltseal_image::cyclonedx::SpecVersion;
use boltseal_pipeline::{
    BaselineChoice, BuildFacts, BuildWorkflow, EvidenceFormats, Failure, Intent, ReleaseRequest,
    ReleaseWorld, Sbom, SbomsInResult, Scan,
};
use boltseal_ports::{Clock as _, Scanner, Signer};
use boltseal_posture::{EvidenceTags, Request};
use boltseal_report::v1::{self, SubjectOfResult};
use boltseal_report::{Document, ReportKind};
use clap::Args;

use super::{Command, Ending};
use crate::argument::{
    BaselineSource, ConfigArgs, EvidenceFormat, GateArgs, ImageArgs, ImageChoice, KeySource,
    NotationSigningArgs, OutputArgs, RegistryArgs, ReleasePostureArgs, ReportArgs, ReportTarget,
    SbomSource, ScanSource, TagArgs, formats, release_tags,
};
use crate::config::Config;
use crate::console::Console;
use crate::system_clock::SystemClock;
use crate::usage::usage;
use crate::wire::{
    self, Cloud, Destination, NotationMaker, OpenedImage, Place, ReleasePosture, Touches,
    evidence_file, unasked,
};
use crate::{reasons, report_file, waiver_file};

/// How long scanning services are waited for.
const SCAN_TIMEOUT: Duration = Duration::from_mins(10);

/// Inspect, gate, push by digest, seal with signed evidence, verify all of it, and tag last.
///
/// Reads ./boltseal.toml; flags override it. Running it again is safe.
#[derive(Args, Debug)]
pub(crate) struct Release {
    #[command(flatten)]
    image: ImageArgs,

    /// Where to: HOST/REPO[:TAG] or oci:DIR[:TAG]. The tag must not be held by another digest.
    #[arg(long, value_name = "DEST")]
    to: Option<Target>,

    #[command(flatten)]
    tags: TagArgs,

    /// A key that signs: a PEM file, a key file of cosign (with COSIGN_PASSWORD), env://NAME or
    /// awskms://... Repeated: each signs every statement.
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<KeySource>,

    /// A scanner's report (the format is detected); ecr or inspector, which are asked; or none:
    /// no scan is judged, and the evidence says so. Repeated: each must pass.
    #[arg(long, value_name = "REPORT")]
    scan: Vec<ScanSource>,

    /// How long to wait for ecr, such as 90s or 10m; 10 minutes unless said otherwise.
    #[arg(long, value_name = "TIME")]
    scan_timeout: Option<jiff::SignedDuration>,

    /// A CycloneDX document instead of the one that boltseal makes; for an index
    /// OS/ARCH[/VARIANT]=FILE, repeated.
    #[arg(long, value_name = "FILE", conflicts_with = "spec_version")]
    sbom: Vec<SbomSource>,

    /// The version of CycloneDX that is made: 1.5 or 1.6; 1.5 unless said otherwise.
    #[arg(long, value_name = "VERSION")]
    spec_version: Option<SpecVersion>,

    /// In which formats evidence is written: bundle, legacy, and notation, which adds a signature
    /// of the Notary Project to one of them. Separated by commas or repeated.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    evidence: Vec<EvidenceFormat>,

    #[command(flatten)]
    notation: NotationSigningArgs,

    /// Write all evidence into one file that verifies without network.
    #[arg(long, value_name = "FILE")]
    evidence_file: Option<PathBuf>,

    /// Inspect and judge, then stop before anything is written. With --offline nobody is asked,
    /// neither the registry nor keys nor AWS: a verdict for a run that may not, such as one of a
    /// pull request from a fork.
    #[arg(long)]
    dry_run: bool,

    /// Let only findings count that an earlier release does not have, by its own evidence:
    /// previous-release (what the first --moving-tag holds when the run begins) or a release.
    #[arg(long, value_name = "RELEASE")]
    baseline: Option<BaselineSource>,

    #[command(flatten)]
    config: ConfigArgs,

    // Groups with headings of their own come last: a heading holds for all that follows.
    #[command(flatten)]
    gate: GateArgs,

    #[command(flatten)]
    posture: ReleasePostureArgs,

    #[command(flatten)]
    registry: RegistryArgs,

    #[command(flatten)]
    output: OutputArgs,

    #[command(flatten)]
    reports: ReportArgs,
}

/// Flags over configuration: what is right as a request, before any file of it is read.
struct Plan {
    destination: Target,
    tags: Vec<Tag>,
    moving_tags: Vec<Tag>,
    keys: Vec<KeySource>,
    scan: Vec<ScanSource>,
    formats: EvidenceFormats,
    notation: NotationSigningArgs,
    baseline: Option<BaselineSource>,
}

/// The files of a request, read.
struct Inputs {
    signers: Vec<Box<dyn Signer>>,
    scan: Scan,
    waivers: Waivers,
    sbom: Sbom,
}

/// The flags where there are any, else the configuration.
fn either<T: Clone>(flags: &[T], configured: &[T]) -> Vec<T> {
    if flags.is_empty() { configured.to_vec() } else { flags.to_vec() }
}

impl Release {
    fn plan(&self, config: &Config) -> Result<Plan, Failure> {
        let section = &config.release;
        let destination = self.to.as_ref().or(section.to.as_ref()).ok_or_else(|| {
            usage(
                "destination-missing",
                "where to release to",
                "no --to and no [release] to in boltseal.toml",
                "give --to HOST/REPO:TAG or --to oci:DIR:TAG",
            )
        })?;
        let moving_tags = either(&self.tags.moving_tags, &section.moving_tags);
        let fixed = either(&self.tags.tags, &section.tags);
        let plan = Plan {
            destination: destination.clone(),
            tags: release_tags(destination, &fixed, &moving_tags)?,
            moving_tags,
            keys: either(&self.keys, &section.keys),
            scan: either(&self.scan, &section.scan),
            formats: formats(&either(&self.evidence, &section.evidence))?,
            notation: self.notation(config),
            baseline: self.baseline.clone().or_else(|| config.gate.baseline.clone()),
        };
        plan.check()?;
        Ok(plan)
    }

    /// Reads everything that is named; all that is wrong with it is said at once.
    fn inputs(&self, plan: &Plan, config: &Config, cloud: &Cloud) -> Result<Inputs, Failure> {
        let mut found = Vec::new();
        let keys = if self.asks() { &plan.keys[..] } else { &[] };
        let signers = reasons::keep(&mut found, wire::signers(keys, cloud));
        let (scan, unreadable) = plan.read_scan();
        found.extend(unreadable);
        let waivers = waiver_file::read(self.gate.waivers(&config.gate));
        let waivers = reasons::keep(&mut found, waivers.map_err(|reason| vec![reason]));
        let sbom = reasons::keep(&mut found, self.read_sbom(config));
        match (signers, waivers, sbom) {
            (Some(signers), Some(waivers), Some(sbom)) if found.is_empty() => {
                Ok(Inputs { signers, scan, waivers, sbom })
            }
            _ => Err(Failure::of(found)),
        }
    }

    fn read_sbom(&self, config: &Config) -> Result<Sbom, Vec<Reason>> {
        if self.sbom.is_empty() {
            let version = self.spec_version.or(config.sbom.spec_version);
            return Ok(Sbom::Made(version.unwrap_or_default()));
        }
        let read = |source: &SbomSource| Ok((source.platform.clone(), source.read()?));
        reasons::all(self.sbom.iter().map(read)).map(Sbom::Given)
    }

    /// A flag for the one overrides a configuration of the other.
    fn notation(&self, config: &Config) -> NotationSigningArgs {
        let flags = &self.notation;
        if flags.certificate_chain.is_some() || flags.signer_profile.is_some() {
            return flags.clone();
        }
        let section = &config.release;
        NotationSigningArgs {
            certificate_chain: section.certificate_chain.clone(),
            signer_profile: section.signer_profile.clone(),
        }
    }

    fn scan_timeout(&self) -> Duration {
        let given = self.scan_timeout.and_then(|it| Duration::try_from(it).ok());
        given.unwrap_or(SCAN_TIMEOUT)
    }

    /// Reports that list what is in the image, or say on what it runs, need the SBOM.
    fn sboms_in_result(&self) -> SbomsInResult {
        let needs = |it: &ReportTarget| {
            let kinds = [ReportKind::GitlabContainerScanning, ReportKind::GitlabCyclonedx];
            kinds.contains(&it.kind)
        };
        let is_needed = self.reports.targets.iter().any(needs);
        if is_needed { SbomsInResult::Kept } else { SbomsInResult::Dropped }
    }

    const fn intent(&self) -> Intent {
        match (self.dry_run, self.registry.offline) {
            (true, true) => Intent::Judge,
            (true, false) => Intent::DryRun,
            (false, _) => Intent::Write,
        }
    }

    /// Whether anybody is asked anything.
    fn asks(&self) -> bool {
        self.intent() != Intent::Judge
    }

    /// Refuses a destination that cannot be written, or that may not be asked.
    fn check_reach(&self, plan: &Plan) -> Result<(), Failure> {
        if self.asks() {
            self.registry.allow(&plan.destination)?;
        }
        wire::check_destination(&plan.destination)
    }

    /// Opens what is asked: nothing but the destination's name where nobody is.
    fn connect(&self, plan: &Plan, cloud: &Cloud) -> Result<Connections, Failure> {
        let (to, args) = (&plan.destination, &self.registry);
        if !self.asks() {
            let destination = unasked::destination(to, args)?;
            let scanners = unasked::scanners(&plan.scan);
            return Ok(Connections { scanners, notation: None, destination });
        }
        Ok(Connections {
            scanners: cloud.scanners(&plan.scan, &to.location)?,
            notation: NotationMaker::open(&plan.notation, plan.formats, &to.location, cloud)?,
            destination: wire::open_destination(to, args, cloud)?,
        })
    }

    /// How the posture is looked at, where it is.
    fn look_at_posture(
        &self,
        plan: &Plan,
        config: &Config,
        cloud: &Cloud,
    ) -> Result<Option<ReleasePosture>, Failure> {
        if !self.asks() {
            return Ok(None);
        }
        let (looked, to) = ((&self.posture, &config.posture), &plan.destination);
        ReleasePosture::of(looked, to, &plan.keys, plan.posture(), cloud)
    }

    fn request(&self, plan: Plan, config: &Config, parts: Parts<'_>) -> ReleaseRequest {
        let Parts { image, scan, waivers, sbom, baseline, workflow } = parts;
        let built_here = image.built.clone();
        ReleaseRequest {
            image: image.digest.clone(),
            image_name: self.image.name(),
            tags: plan.tags,
            moving_tags: plan.moving_tags,
            scan,
            scan_timeout: self.scan_timeout(),
            thresholds: self.gate.thresholds(&config.gate),
            max_age: self.gate.max_age(&config.gate),
            waivers,
            baseline,
            sbom,
            sboms: self.sboms_in_result(),
            formats: plan.formats,
            facts: BuildFacts { built_here, workflow, ..wire::build_facts() },
            intent: self.intent(),
        }
    }
}

/// What is asked in the course of a release.
struct Connections {
    scanners: Vec<Box<dyn Scanner>>,
    notation: Option<NotationMaker>,
    destination: Destination,
}

/// What a request is made of besides flags.
struct Parts<'a> {
    image: &'a OpenedImage,
    scan: Scan,
    waivers: Waivers,
    sbom: Sbom,
    baseline: BaselineChoice,
    workflow: Option<BuildWorkflow>,
}

impl Plan {
    fn check(&self) -> Result<(), Failure> {
        if self.keys.is_empty() {
            return Err(usage(
                "key-missing",
                "at least one key that signs",
                "no --key and no [release] keys in boltseal.toml",
                "give --key FILE, env://NAME or awskms:///alias/NAME; boltseal keys generate makes \
                 one",
            ));
        }
        if self.scan.is_empty() {
            return Err(usage(
                "scan-missing",
                "what was known to be wrong: --scan REPORT",
                "no --scan and no [release] scan in boltseal.toml",
                "give --scan FILE with a report of trivy, grype, CycloneDX, ECR or SARIF, or \
                 --scan ecr or inspector to ask them, --scan none to release without one, which \
                 the evidence says",
            ));
        }
        if self.scan.contains(&ScanSource::None) && self.scan.len() > 1 {
            return Err(usage(
                "scan-contradicts",
                "reports, or none",
                "--scan none beside a report",
                "leave one of them out",
            ));
        }
        if self.baseline == Some(BaselineSource::PreviousRelease) && self.moving_tags.is_empty() {
            return Err(usage(
                "baseline-without-tag",
                "a tag that holds the previous release: --moving-tag TAG",
                "a baseline of previous-release without a moving tag",
                "give --moving-tag latest, or name the release: --baseline HOST/REPO@DIGEST",
            ));
        }
        Ok(())
    }

    /// Where the release is that was named as the baseline.
    fn open_baseline(&self, args: &RegistryArgs, cloud: &Cloud) -> Result<Option<Place>, Failure> {
        match &self.baseline {
            Some(BaselineSource::Release(target)) => wire::open(target, args, cloud).map(Some),
            Some(BaselineSource::PreviousRelease) | None => Ok(None),
        }
    }

    fn baseline(&self, named: Option<&Place>) -> BaselineChoice {
        match (&self.baseline, named) {
            (_, Some(place)) => BaselineChoice::Named(place.target.clone()),
            (Some(_), None) => BaselineChoice::PreviousRelease,
            (None, None) => BaselineChoice::None,
        }
    }

    /// What is released, as far as the posture is judged by it.
    fn posture(&self) -> Request {
        let texts = |tags: &[Tag]| tags.iter().map(ToString::to_string).collect();
        let legacy = self.formats.legacy();
        Request {
            tags: texts(&self.tags),
            moving_tags: texts(&self.moving_tags),
            evidence: if legacy { EvidenceTags::Written } else { EvidenceTags::Unused },
            ..Request::new(SystemClock.now())
        }
    }

    /// What the session of a role must be allowed.
    fn touches<'p>(&'p self, choice: &'p ImageChoice) -> Touches<'p> {
        Touches {
            destination: &self.destination.location,
            source: match choice {
                ImageChoice::Image(target) => Some(&target.location),
                ImageChoice::Binary(..) | ImageChoice::Rootfs(..) => None,
            },
            keys: &self.keys,
            scans: &self.scan,
            profile: self.notation.signer_profile.as_deref(),
        }
    }

    fn read_scan(&self) -> (Scan, Vec<Reason>) {
        let files = self.scan.iter().filter_map(|scan| match scan {
            ScanSource::File(path) => Some(path.clone()),
            ScanSource::Ecr | ScanSource::Inspector | ScanSource::None => None,
        });
        let files: Vec<PathBuf> = files.collect();
        if self.scan.contains(&ScanSource::None) {
            return (Scan::None, Vec::new());
        }
        let (reports, unreadable) = report_file::read(&files);
        (Scan::Reports(reports), unreadable)
    }

    /// A digest in the destination is a promise about the image.
    fn check_digest(&self, image: &OpenedImage) -> Result<(), Failure> {
        match &self.destination.pick {
            Some(Pick::Digest(promised)) if *promised != image.digest => Err(usage(
                "digest-promised",
                format!("an image with the digest in --to, {promised}"),
                image.digest.to_string(),
                "name that image, or leave the digest out of --to",
            )),
            _ => Ok(()),
        }
    }
}

#[async_trait(?Send)]
impl Command for Release {
    fn output(&self) -> &OutputArgs {
        &self.output
    }

    fn reports(&self) -> &[ReportTarget] {
        &self.reports.targets
    }

    async fn run(&self, console: &Console) -> Ending {
        let choice = self.image.whole()?;
        let config = self.config.read()?;
        let plan = self.plan(&config)?;
        self.check_reach(&plan)?;
        wire::check_public(&plan.destination, self.posture.judged.public_pull(&config.posture))?;
        wire::refuse_tag(&choice)?;
        evidence_file::check(self.evidence_file.as_deref())?;
        let to = plan.destination.clone();
        let cloud = Cloud::new(&self.registry).for_release(&plan.touches(&choice))?;
        let Inputs { signers, scan, waivers, sbom } = self.inputs(&plan, &config, &cloud)?;
        let Connections { scanners, notation, destination } = self.connect(&plan, &cloud)?;
        let image = wire::open_image(&choice, &self.registry, &cloud).await?;
        plan.check_digest(&image)?;
        if self.asks() {
            cloud.guard().await?;
        }
        console.tell(&cloud.identity());
        let posture = self.look_at_posture(&plan, &config, &cloud)?;
        let named = if self.asks() { plan.open_baseline(&self.registry, &cloud)? } else { None };
        let baseline = plan.baseline(named.as_ref());
        let workflow = cloud.workflow();
        let parts = Parts { image: &image, scan, waivers, sbom, baseline, workflow };
        let request = self.request(plan, &config, parts);
        let world = ReleaseWorld {
            source: &*image.registry,
            destination: &*destination.registry,
            tags: &*destination.tags,
            baseline: named.as_ref().map(|it| &*it.registry),
            signers: &signers,
            notation: notation.as_ref().map(NotationMaker::signing),
            scanners: &scanners,
            posture: posture.as_ref().map(ReleasePosture::check),
            meters: &[&cloud],
            clock: &SystemClock,
            reporter: console,
        };
        let result = boltseal_pipeline::release(request, &world).await;
        let mut document = v1::Release::of(&to.to_string(), &result);
        document.warnings.extend(image.warnings);
        if document.head.outcome == v1::Outcome::Planned && self.asks() {
            document.own.plan = Some(cloud.plan(&result.plan, &to.location.to_string()));
        }
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
        let reference = self.to.as_ref().map(ToString::to_string);
        Box::new(v1::Release::failed(SubjectOfResult { reference, digest: None }, reasons))
    }
}
