//! The release journey (DESIGN.md 2).

mod attach;
mod baseline;
mod confirm;
mod evidence;
mod gate;
mod identify;
mod inspect;
mod notation;
mod plan;
pub(crate) mod posture;
mod push;
mod reports;
mod request;
mod result;
mod scan;
mod seal;
mod tag;

pub use notation::{NotationSigner, NotationSigning};
pub use plan::{PlannedAction, PlannedCall, When};
pub use posture::{PostureAttestation, PostureCheck, PostureEffect};
pub use request::{
    BaselineChoice, EvidenceFormats, Intent, ReleaseRequest, ReleaseWorld, Sbom, SbomsInResult,
    Scan,
};
pub use result::{PlatformSbom, ReleaseResult};

use boltseal_core::{Location, Pick, Target};
use boltseal_gate::Decision;
use boltseal_ports::Progress;
use boltseal_posture::Posture;
use futures_util::future::join;

use self::gate::Gate;
use self::reports::Reports;
use self::seal::Verdict;
use crate::steps::Steps;
use crate::{EvidenceFile, Failure, JourneyOutcome, TagMove, WrittenEvidence};

pub(crate) use confirm::{Confirmed, confirm};
pub(crate) use evidence::names;
pub(crate) use identify::{check_movable, collect, held_tags, is_there};
pub(crate) use tag::{LastLook, TagPlan, move_tags};

/// Releases an image: inspects and judges it, sends it by digest, seals it with signed evidence,
/// fetches all of that back and verifies it, and moves the tags last.
///
/// # Outcome
/// `Done` and `AlreadyDone` hold the proof. Anything else says why not; a refusal after the push
/// has `pushed: true` and leaves the image untagged and unsigned.
pub async fn release(mut request: ReleaseRequest, world: &ReleaseWorld<'_>) -> ReleaseResult {
    let reports = Reports::given(std::mem::replace(&mut request.scan, Scan::None));
    let request = &request;
    let both = [world.source, world.destination];
    let registries = both.into_iter().chain(world.baseline).collect();
    let mut steps = Steps::new(registries, world.meters, world.reporter);
    let mut record = Record::default();
    let outcome = match journey(request, world, reports, &mut steps, &mut record).await {
        Ok(outcome) => outcome,
        Err(failure) => failure.into_outcome(),
    };
    let traffic = steps.traffic();
    ReleaseResult {
        outcome,
        reference: named(world.destination.location(), request),
        digest: request.image.clone(),
        pushed: record.pushed,
        tags: record.tags,
        gate: record.gate,
        posture: world.posture.as_ref().map(|it| it.effect).zip(record.posture),
        evidence: record.evidence,
        provenance: record.provenance,
        sboms: record.sboms,
        steps: steps.into_done(),
        traffic,
        plan: record.plan,
        warnings: record.warnings,
        evidence_file: record.evidence_file,
    }
}

/// What is known so far, for a result that comes early.
#[derive(Default)]
pub(crate) struct Record {
    pub(crate) pushed: bool,
    pub(crate) tags: Vec<TagMove>,
    pub(crate) gate: Option<Decision>,
    pub(crate) posture: Option<Posture>,
    pub(crate) evidence: Vec<WrittenEvidence>,
    pub(crate) provenance: Option<serde_json::Value>,
    pub(crate) sboms: Vec<PlatformSbom>,
    pub(crate) plan: Vec<PlannedCall>,
    pub(crate) warnings: Vec<String>,
    pub(crate) evidence_file: Option<EvidenceFile>,
}

impl Record {
    fn warn(&mut self, world: &ReleaseWorld<'_>, text: String) {
        world.reporter.report(Progress::Warning(text.clone()));
        self.warnings.push(text);
    }

    fn warn_all(&mut self, world: &ReleaseWorld<'_>, texts: Vec<String>) {
        for text in texts {
            self.warn(world, text);
        }
    }
}

async fn journey<'a>(
    request: &ReleaseRequest,
    world: &'a ReleaseWorld<'a>,
    mut reports: Reports,
    steps: &mut Steps<'a>,
    record: &mut Record,
) -> Result<JourneyOutcome, Failure> {
    let identified = steps.run("identify", identify::identify(request, world)).await?;
    record.pushed = identified.present;
    let asks = request.intent != Intent::Judge;
    if asks {
        notation::check(request, world, &identified)?;
    }
    if asks && request.baseline != BaselineChoice::None && reports.judged {
        let found = baseline::find(request, world, &identified);
        reports.baseline = steps.run("baseline", found).await?;
    }
    Gate { request, world, reports: &reports }.on_reports_alone(&identified, record)?;
    let both = join(inspect::inspect(request, world, identified), posture::look(world));
    let (inspected, looked) = steps.run("inspect", both).await;
    let inspected = inspected?;
    let trusted = posture::weigh(world, looked, record);
    record.sboms = seal::kept_sboms(request, world, &inspected)?;
    scan::by_sbom(world, &inspected, &mut reports, steps).await?;
    let gate = Gate { request, world, reports: &reports };
    let may_push = both_pass(trusted, gate.before_push(&inspected, record))?;
    if request.intent != Intent::Write {
        record.warn_all(world, gate::plan_notes(&gate, &may_push));
        if asks {
            record.plan = plan::plan(request, world, &inspected, &reports);
        } else {
            record.warn_all(world, plan::unasked(request, world));
        }
        return Ok(JourneyOutcome::Planned);
    }
    let pushed = steps.run("push", push::push(world, inspected, &may_push, record)).await?;
    scan::of_pushed(request, world, &pushed, &mut reports, steps).await?;
    let gate = Gate { request, world, reports: &reports };
    let admitted = gate::admit(&gate, may_push, &pushed, record)?;
    let attested = posture::attested(world, record.posture.as_ref());
    let verdict = Verdict { admitted: &admitted, reports: &reports.all, posture: attested };
    let sealed = steps.run("seal", seal::seal(request, world, pushed, verdict)).await?;
    record.evidence = sealed.written();
    record.provenance = sealed.provenance(&request.image);
    let wrote = steps.run("attach", attach::attach(world, &sealed)).await?;
    let confirmed =
        steps.run("confirm", confirm::confirm_release(request, world, &sealed, wrote)).await?;
    let file = evidence::file(request, world, &sealed, &confirmed, &admitted);
    let moved = tag_last(request, world, &sealed, steps, record).await?;
    record.evidence_file = Some(file);
    Ok(if moved || wrote == attach::Wrote::Something {
        JourneyOutcome::Done(confirmed.proof)
    } else {
        JourneyOutcome::AlreadyDone(confirmed.proof)
    })
}

/// What is refused for two reasons is told both.
fn both_pass<T>(first: Result<(), Failure>, second: Result<T, Failure>) -> Result<T, Failure> {
    match (first, second) {
        (Ok(()), second) => second,
        (Err(first), Ok(_)) => Err(first),
        (Err(first), Err(second)) => Err(Failure::of([first.reasons(), second.reasons()].concat())),
    }
}

/// Moves the tags; whether one came from elsewhere.
async fn tag_last<'a>(
    request: &ReleaseRequest,
    world: &'a ReleaseWorld<'a>,
    sealed: &seal::SealedRelease<'a>,
    steps: &mut Steps<'a>,
    record: &mut Record,
) -> Result<bool, Failure> {
    let (moved, stopped) = steps.run("tag", tag::tag(request, world, sealed)).await;
    record.tags = moved;
    match stopped {
        Some(failure) => Err(failure),
        None => Ok(record.tags.iter().any(|it| it.before.as_ref() != Some(&request.image))),
    }
}

fn named(location: &Location, request: &ReleaseRequest) -> Target {
    let tag = request.tags.first().or_else(|| request.moving_tags.first());
    let pick = match tag {
        Some(tag) => Pick::Tag(tag.clone()),
        None => Pick::Digest(request.image.clone()),
    };
    Target { location: location.clone(), pick: Some(pick) }
}
