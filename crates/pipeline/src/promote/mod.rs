//! The promote journey (DESIGN.md 2).

mod copy;
mod request;
mod seal;

pub use request::{PromoteRequest, PromoteResult, PromoteWorld};

use boltseal_core::{Digest, Exit, Pick, RawManifest, Reason, Tag, Target};
use boltseal_verify::{Demands, Judgement, Outcome, Release, Verified};

use self::copy::Before;
use crate::evidence::collect::{Collected, Lookup};
use crate::release::{
    Confirmed, LastLook, TagPlan, check_movable, confirm, held_tags, is_there, move_tags, names,
};
use crate::steps::Steps;
use crate::verify::{examine, resolve, unbound};
use crate::{
    EvidenceFile, EvidenceFormats, Failure, JourneyOutcome, TagMove, VerifyRequest, WrittenEvidence,
};

/// Promotes an image: verifies it where it is, copies exactly that digest with its evidence,
/// verifies it again where it came to, signs the promotion, and moves the tags last.
///
/// # Outcome
/// As for a release. Nothing is written before the source verifies.
pub async fn promote(request: &PromoteRequest, world: &PromoteWorld<'_>) -> PromoteResult {
    let registries = vec![world.source, world.destination];
    let mut steps = Steps::new(registries, world.meters, world.reporter);
    let mut record = Record::default();
    let outcome = match journey(request, world, &mut steps, &mut record).await {
        Ok(outcome) => outcome,
        Err(failure) => failure.into_outcome(),
    };
    let traffic = steps.traffic();
    PromoteResult {
        outcome,
        reference: reference(request, &record),
        digest: record.root.map(|root| root.digest().clone()),
        judgement: record.judgement,
        pushed: record.pushed,
        tags: record.tags,
        evidence: record.evidence,
        steps: steps.into_done(),
        traffic,
        warnings: record.warnings,
        evidence_file: record.evidence_file,
    }
}

#[derive(Default)]
struct Record {
    root: Option<RawManifest>,
    judgement: Option<Judgement>,
    pushed: bool,
    tags: Vec<TagMove>,
    evidence: Vec<WrittenEvidence>,
    warnings: Vec<String>,
    evidence_file: Option<EvidenceFile>,
}

/// The source, verified.
pub(crate) struct Source {
    pub(crate) root: RawManifest,
    pub(crate) proof: Verified<Release>,
    pub(crate) collected: Collected,
}

async fn journey<'a>(
    request: &PromoteRequest,
    world: &PromoteWorld<'a>,
    steps: &mut Steps<'a>,
    record: &mut Record,
) -> Result<JourneyOutcome, Failure> {
    let source = steps.run("verify", verify_source(request, world, record)).await?;
    let digest = source.root.digest().clone();
    let (held, before) = steps.run("identify", look_ahead(request, world, &digest)).await?;
    let copied = steps.run("copy", copy::copy(world, &source, before, request)).await?;
    record.pushed = true;
    record.warnings.extend(copied.warnings.iter().cloned());
    let sealed = steps.run("seal", seal::seal(request, world, &source, &copied)).await?;
    record.evidence = copied.written(&source.proof, &sealed);
    let confirmed = steps.run("confirm", confirm_copy(request, world, &source, &sealed)).await?;
    let plan = TagPlan {
        registry: world.destination,
        writer: world.tags,
        manifest: &source.root,
        fixed: &request.tags,
        held: &held,
        last_look: if copied.sent { LastLook::LongAgo } else { LastLook::JustNow },
        moving: &request.moving_tags,
    };
    let (moved, stopped) = steps.run("tag", move_tags(&plan)).await;
    let tagged = moved.iter().any(|it| it.before.as_ref() != Some(&digest));
    record.tags = moved;
    if let Some(failure) = stopped {
        return Err(failure);
    }
    let file = evidence_file(request, world, &source, &confirmed, &sealed);
    record.evidence_file = Some(file.with_children(copied.children.clone()));
    let changed = tagged || copied.wrote || sealed.wrote();
    Ok(if changed {
        JourneyOutcome::Done(confirmed.proof)
    } else {
        JourneyOutcome::AlreadyDone(confirmed.proof)
    })
}

/// What is at the destination: the fixed tags that hold the image, and whether it is there.
async fn look_ahead(
    request: &PromoteRequest,
    world: &PromoteWorld<'_>,
    digest: &Digest,
) -> Result<(Vec<Tag>, Before), Failure> {
    let held = held_tags(world.destination, &request.tags, digest).await?;
    check_movable(world.destination, &request.moving_tags, digest).await?;
    let there = !held.is_empty() || is_there(world.destination, digest).await?;
    Ok((held, if there { Before::Image } else { Before::Nothing }))
}

async fn verify_source(
    request: &PromoteRequest,
    world: &PromoteWorld<'_>,
    record: &mut Record,
) -> Result<Source, Failure> {
    let root = resolve(world.source, request.source.pick.as_ref()).await?;
    record.root = Some(root.clone());
    let asked = VerifyRequest {
        target: request.source.clone(),
        trust: request.trust.clone(),
        demands: request.demands.clone(),
        lookup: Lookup::BundlesFirst,
    };
    let now = world.clock.now();
    let examined = examine(&asked, &world.at(world.source), &root, now).await;
    record.judgement = Some(examined.judgement.clone());
    if let Some(others) = unbound(&asked, &examined, now) {
        return Err(tag_not_bound(request, &others).into());
    }
    match examined.judgement.outcome {
        Outcome::Verified(proof) => Ok(Source { root, proof, collected: examined.collected }),
        Outcome::Refused(reasons) | Outcome::Undetermined(reasons) => Err(Failure::of(reasons)),
    }
}

fn tag_not_bound(request: &PromoteRequest, others: &[String]) -> Reason {
    Reason::new(Exit::Untrusted, "tag-not-bound")
        .expected("a signature that names the tag being promoted")
        .found(format!("it names {}", others.join(", ")))
        .place(request.source.to_string())
        .fix("promote by digest, or from the tag that was signed")
}

/// The copy with the old evidence under the old keys, and the promotion under the new one.
async fn confirm_copy(
    request: &PromoteRequest,
    world: &PromoteWorld<'_>,
    source: &Source,
    sealed: &seal::SealedPromotion<'_>,
) -> Result<Confirmed, Failure> {
    let required = &request.demands.required;
    let asked = VerifyRequest {
        target: request.destination.pinned(source.root.digest()),
        trust: request.trust.clone(),
        demands: Demands::kinds(required),
        lookup: if request.formats.legacy() { Lookup::All } else { Lookup::BundlesFirst },
    };
    let now = world.clock.now();
    let there = examine(&asked, &world.at(world.destination), &source.root, now).await;
    let mut both = request.trust.clone();
    both.keys.extend(sealed.key.trust().keys);
    let kinds = [&required[..], &seal::kinds()[..]].concat();
    confirm(there.collected.clone(), &[both], &kinds, EvidenceFormats::BUNDLE, now)?;
    let trusts = std::slice::from_ref(&request.trust);
    confirm(there.collected, trusts, required, EvidenceFormats::BUNDLE, now)
}

fn evidence_file(
    request: &PromoteRequest,
    world: &PromoteWorld<'_>,
    source: &Source,
    confirmed: &Confirmed,
    sealed: &seal::SealedPromotion<'_>,
) -> EvidenceFile {
    let keys = request.trust.keys.iter().map(|it| &it.key).chain([sealed.key.public()]);
    EvidenceFile::of(&confirmed.accepted, &confirmed.collected, source.root.clone())
        .and_accepted(&confirmed.collected, &sealed.carriers())
        .with_names(names(world.destination.location(), &request.tags))
        .with_policy(sealed.policy.clone())
        .with_keys(keys)
        .with_summary(Some(sealed.summary()))
}

fn reference(request: &PromoteRequest, record: &Record) -> Target {
    let tag = request.tags.first().or_else(|| request.moving_tags.first());
    let pick = tag.map(|tag| Pick::Tag(tag.clone()));
    let digest = record.root.as_ref().map(|root| Pick::Digest(root.digest().clone()));
    Target { location: request.destination.location.clone(), pick: pick.or(digest) }
}
