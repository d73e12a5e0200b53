//! The release journey (DESIGN.md 2).

mod attach;
mod confirm;
mod evidence;
mod gate;
mod identify;
mod inspect;
mod push;
mod request;
mod result;
mod seal;
mod tag;

pub use request::{EvidenceFormats, Intent, ReleaseRequest, ReleaseWorld, Sbom, Scan};
pub use result::ReleaseResult;

use boltseal_core::{Location, Pick, Target};
use boltseal_gate::Decision;
use boltseal_ports::{Progress, Registry};

use crate::steps::Steps;
use crate::{EvidenceFile, Failure, JourneyOutcome, TagMove, WrittenEvidence};

pub(crate) use confirm::{Confirmed, confirm};
pub(crate) use evidence::names;
pub(crate) use identify::{collect, held_tags, is_there};
pub(crate) use tag::{LastLook, TagPlan, move_tags};

/// Releases an image: inspects and judges it, sends it by digest, seals it with signed evidence,
/// fetches all of that back and verifies it, and moves the tags last.
///
/// # Outcome
/// `Done` and `AlreadyDone` hold the proof. Anything else says why not; a refusal after the push
/// has `pushed: true` and leaves the image untagged and unsigned.
pub async fn release(request: &ReleaseRequest, world: &ReleaseWorld<'_>) -> ReleaseResult {
    let registries: Vec<&dyn Registry> = vec![world.source, world.destination];
    let mut steps = Steps::new(registries, world.reporter);
    let mut record = Record::default();
    let outcome = match journey(request, world, &mut steps, &mut record).await {
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
        evidence: record.evidence,
        steps: steps.into_done(),
        traffic,
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
    pub(crate) evidence: Vec<WrittenEvidence>,
    pub(crate) warnings: Vec<String>,
    pub(crate) evidence_file: Option<EvidenceFile>,
}

impl Record {
    fn warn(&mut self, world: &ReleaseWorld<'_>, text: String) {
        world.reporter.report(Progress::Warning(text.clone()));
        self.warnings.push(text);
    }
}

async fn journey<'a>(
    request: &ReleaseRequest,
    world: &'a ReleaseWorld<'a>,
    steps: &mut Steps<'a>,
    record: &mut Record,
) -> Result<JourneyOutcome, Failure> {
    let identified = steps.run("identify", identify::identify(request, world)).await?;
    record.pushed = identified.present;
    gate::on_reports_alone(request, world, &identified, record)?;
    let mut inspected = steps.run("inspect", inspect::inspect(request, world, identified)).await?;
    let admitted = gate::gate(request, world, &mut inspected, record)?;
    if request.intent == Intent::DryRun {
        return Ok(JourneyOutcome::Planned);
    }
    let pushed = steps.run("push", push::push(world, inspected, record)).await?;
    let sealed = steps.run("seal", seal::seal(request, world, pushed, &admitted)).await?;
    record.evidence = sealed.written();
    let wrote = steps.run("attach", attach::attach(world, &sealed)).await?;
    let confirmed =
        steps.run("confirm", confirm::confirm_release(request, world, &sealed, wrote)).await?;
    record.evidence_file = Some(evidence::file(request, world, &sealed, &confirmed, &admitted));
    let moved = steps.run("tag", tag::tag(request, world, &sealed)).await;
    let (moved, stopped) = moved;
    let changed = wrote == attach::Wrote::Something
        || moved.iter().any(|it| it.before.as_ref() != Some(&request.image));
    record.tags = moved;
    if let Some(failure) = stopped {
        record.evidence_file = None;
        return Err(failure);
    }
    Ok(if changed {
        JourneyOutcome::Done(confirmed.proof)
    } else {
        JourneyOutcome::AlreadyDone(confirmed.proof)
    })
}

fn named(location: &Location, request: &ReleaseRequest) -> Target {
    let tag = request.tags.first().or_else(|| request.moving_tags.first());
    let pick = match tag {
        Some(tag) => Pick::Tag(tag.clone()),
        None => Pick::Digest(request.image.clone()),
    };
    Target { location: location.clone(), pick: Some(pick) }
}
