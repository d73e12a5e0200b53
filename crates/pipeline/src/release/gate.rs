//! Gate: reports against thresholds, age, image and coverage.

use boltseal_core::Digest;
use boltseal_gate::{
    Decision, GateRequest, GateSubject, PlatformImage, Scanning, effective_policy, judge,
};

use super::identify::Identified;
use super::inspect::Inspected;
use super::{Record, ReleaseRequest, ReleaseWorld, Scan};
use crate::Failure;
use crate::statement_maker::NO_SCAN_NOTE;

/// The gate has passed. Only this module makes one, and nothing is signed without it.
pub(crate) struct Admitted {
    /// The effective policy's bytes; the verification summary names their digest.
    pub(crate) policy: Vec<u8>,
    /// The decision; none where no scan was judged.
    pub(crate) decision: Option<Decision>,
}

impl Admitted {
    pub(crate) fn policy_digest(&self) -> Digest {
        Digest::sha256_of(&self.policy)
    }
}

/// Judges what can be judged without reading a layer, so that a refusal costs nothing.
pub(crate) fn on_reports_alone(
    request: &ReleaseRequest,
    world: &ReleaseWorld<'_>,
    identified: &Identified<'_>,
    record: &mut Record,
) -> Result<(), Failure> {
    decide(request, world, identified, None, record).map(drop)
}

pub(crate) fn gate(
    request: &ReleaseRequest,
    world: &ReleaseWorld<'_>,
    inspected: &mut Inspected<'_>,
    record: &mut Record,
) -> Result<Admitted, Failure> {
    let inventories = Some(&inspected.inventories[..]);
    let decision = decide(request, world, &inspected.identified, inventories, record)?;
    let scanning = match request.scan {
        Scan::None => Scanning::None,
        Scan::Reports(_) => Scanning::Judged,
    };
    match &decision {
        Some(decision) => {
            for note in &decision.notes {
                record.warn(world, note.clone());
            }
        }
        None => record.warn(world, format!("{NO_SCAN_NOTE}: --scan none")),
    }
    let policy = effective_policy(scanning, &request.thresholds, request.max_age, &request.waivers);
    Ok(Admitted { policy, decision })
}

fn decide(
    request: &ReleaseRequest,
    world: &ReleaseWorld<'_>,
    identified: &Identified<'_>,
    inventories: Option<&[boltseal_core::Inventory]>,
    record: &mut Record,
) -> Result<Option<Decision>, Failure> {
    let Scan::Reports(reports) = &request.scan else { return Ok(None) };
    let platforms = identified.image.images.iter().enumerate().map(|(at, image)| PlatformImage {
        platform: Some(image.platform.clone()),
        digest: image.manifest.digest().clone(),
        config: image.parsed.config.digest.clone(),
        inventory: inventories.and_then(|all| all.get(at)),
    });
    let index = identified.image.is_index().then(|| identified.image.root.digest().clone());
    let subject = GateSubject {
        index,
        names: vec![request.image_name.clone()],
        platforms: platforms.collect(),
    };
    let decision = judge(&GateRequest {
        subject: Some(subject),
        thresholds: request.thresholds,
        waivers: request.waivers.clone(),
        max_age: request.max_age,
        ..GateRequest::new(reports, world.clock.now())
    });
    record.gate = Some(decision.clone());
    if decision.reasons.is_empty() {
        Ok(Some(decision))
    } else {
        Err(Failure::of(decision.reasons))
    }
}
