//! Scan: what scanning services say, waited for.

use std::time::Duration;

use boltseal_core::{Digest, Exit, Reason};
use boltseal_gate::{EcrPromise, EcrScan, EcrScanState, Report};
use boltseal_image::cyclonedx::SpecVersion;
use boltseal_ports::{
    Progress, ScanError, ScanErrorKind, ScanInput, ScanInputKind, ScanPromise, ScanReport, Scanner,
};
use jiff::Timestamp;
use tokio::time::Instant;

use super::inspect::Inspected;
use super::push::PushedImage;
use super::reports::Reports;
use super::{ReleaseRequest, ReleaseWorld};
use crate::Failure;
use crate::image::bom::bom;
use crate::steps::Steps;

/// The first pause between two questions; each one after it is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Makes sure that every service can answer, before anything is pushed for it.
pub(crate) async fn ready(
    request: &ReleaseRequest,
    world: &ReleaseWorld<'_>,
) -> Result<(), Failure> {
    for scanner in world.scanners {
        scanner.ready(request.scan_timeout).await.map_err(Reason::from)?;
    }
    Ok(())
}

/// Asks the services that judge an SBOM: ours, of every platform, before anything is pushed.
pub(crate) async fn by_sbom<'a>(
    world: &'a ReleaseWorld<'a>,
    inspected: &Inspected<'_>,
    reports: &mut Reports,
    steps: &mut Steps<'a>,
) -> Result<(), Failure> {
    for scanner in wanting(world, ScanInputKind::Sbom) {
        let asked = ask_about_sboms(world, inspected, scanner);
        reports.all.extend(steps.run("scan", asked).await?);
    }
    Ok(())
}

async fn ask_about_sboms(
    world: &ReleaseWorld<'_>,
    inspected: &Inspected<'_>,
    scanner: &dyn Scanner,
) -> Result<Vec<Report>, Failure> {
    let images = inspected.identified.image.images.iter().zip(&inspected.inventories);
    let mut all = Vec::new();
    for (image, inventory) in images {
        let sbom = bom(world.destination.location(), image, inventory, SpecVersion::V1_5);
        let answer = scanner.report(ScanInput::Sbom(&sbom)).await.map_err(Reason::from)?;
        all.push(read(scanner, image.manifest.digest(), &answer)?);
    }
    Ok(all)
}

/// Asks the services that look at the image in the registry, and waits until they have.
pub(crate) async fn of_pushed<'a>(
    request: &ReleaseRequest,
    world: &'a ReleaseWorld<'a>,
    pushed: &PushedImage<'_>,
    reports: &mut Reports,
    steps: &mut Steps<'a>,
) -> Result<(), Failure> {
    let until = Instant::now() + request.scan_timeout;
    for scanner in wanting(world, ScanInputKind::Pushed) {
        let wait = Wait { world, scanner, pushed_at: pushed.pushed_at, until };
        let (found, promise) = steps.run("scan", wait.all(pushed)).await?;
        reports.all.extend(found);
        reports.ecr = Some(promise);
    }
    Ok(())
}

fn wanting<'a>(
    world: &'a ReleaseWorld<'a>,
    kind: ScanInputKind,
) -> impl Iterator<Item = &'a dyn Scanner> {
    world.scanners.iter().map(AsRef::as_ref).filter(move |it| it.wants() == kind)
}

/// A service that needs its time.
struct Wait<'w> {
    world: &'w ReleaseWorld<'w>,
    scanner: &'w dyn Scanner,
    /// When this run pushed the image; none where it was there before.
    pushed_at: Option<Timestamp>,
    until: Instant,
}

impl Wait<'_> {
    /// The reports about every platform, and what their shape must be.
    async fn all(&self, pushed: &PushedImage<'_>) -> Result<(Vec<Report>, EcrPromise), Failure> {
        let digests: Vec<&Digest> =
            pushed.identified.image.images.iter().map(|it| it.manifest.digest()).collect();
        for digest in &digests {
            self.start(digest).await?;
        }
        let mut promise = EcrPromise { pushed_at: None, scan: None };
        let mut all = Vec::new();
        for digest in digests {
            let answer = self.finished(digest).await?;
            promise.scan = answer.promise.and_then(shape).or(promise.scan);
            promise.pushed_at = self.pushed_at(&answer).max(promise.pushed_at);
            all.push(read(self.scanner, digest, &answer)?);
        }
        Ok((all, promise))
    }

    /// A service that has scanned the image as often as it will has a report of it.
    async fn start(&self, digest: &Digest) -> Result<(), Failure> {
        match self.scanner.start(digest).await {
            Err(error) if error.kind != ScanErrorKind::LimitReached => {
                Err(Reason::from(error).into())
            }
            _ => Ok(()),
        }
    }

    async fn finished(&self, digest: &Digest) -> Result<ScanReport, Failure> {
        let mut pause = FIRST_PAUSE;
        loop {
            let status = match self.ask(digest).await? {
                Answer::Finished(report) => return Ok(report),
                Answer::NotYet(status) => status,
            };
            if Instant::now() + pause > self.until {
                return Err(self.out_of_time(digest, &status).into());
            }
            let name = self.scanner.name();
            let note = format!("{name}: {status}; asking again in {} s", pause.as_secs());
            self.world.reporter.report(Progress::Note(note));
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn ask(&self, digest: &Digest) -> Result<Answer, Failure> {
        let report = match self.scanner.report(ScanInput::Pushed(digest)).await {
            Ok(report) => report,
            Err(ScanError { kind: ScanErrorKind::Absent, .. }) => {
                return Ok(Answer::NotYet("no scan of this image yet".to_owned()));
            }
            Err(error) => return Err(Reason::from(error).into()),
        };
        match EcrScanState::of(&report.bytes, self.pushed_at(&report)) {
            EcrScanState::Finished => Ok(Answer::Finished(report)),
            EcrScanState::Waiting { status } => Ok(Answer::NotYet(status)),
            EcrScanState::Never { status, description } => {
                Err(self.never(digest, &status, &description).into())
            }
        }
    }

    /// By the registry's clock, which also tells when a scan ended; else by ours.
    fn pushed_at(&self, report: &ScanReport) -> Option<Timestamp> {
        report.pushed_at.or(self.pushed_at)
    }

    fn out_of_time(&self, digest: &Digest, status: &str) -> Reason {
        Reason::new(Exit::Undetermined, "scan-timeout")
            .expected("a finished scan within --scan-timeout")
            .found(status)
            .place(self.place(digest))
            .fix("run the release again, it continues from here; or raise --scan-timeout")
    }

    fn never(&self, digest: &Digest, status: &str, description: &str) -> Reason {
        Reason::new(Exit::Undetermined, "scan-impossible")
            .expected("a scan that finishes")
            .found(format!("{status}: {description}"))
            .place(self.place(digest))
            .fix("scan the image with another scanner, and give its report with --scan FILE")
    }

    fn place(&self, digest: &Digest) -> String {
        format!("{}, {}@{digest}", self.scanner.name(), self.world.destination.location())
    }
}

enum Answer {
    Finished(ScanReport),
    NotYet(String),
}

/// Which list a finished report must have.
const fn shape(promise: ScanPromise) -> Option<EcrScan> {
    match promise {
        ScanPromise::Basic => Some(EcrScan::Basic),
        ScanPromise::Enhanced => Some(EcrScan::Enhanced),
        ScanPromise::Off => None,
    }
}

fn read(scanner: &dyn Scanner, digest: &Digest, answer: &ScanReport) -> Result<Report, Failure> {
    let name = format!("{}:{digest}", scanner.name());
    Ok(Report::parse(&name, &answer.bytes).map_err(Reason::from)?)
}
