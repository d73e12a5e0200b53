//! Baseline: what the previous release was known to have, by its own evidence.

use boltseal_core::{Kind, Pick, Target};
use boltseal_gate::Baseline;
use boltseal_ports::{Clock, Registry};
use boltseal_verify::{Demands, Outcome, Trust, attested_scans};

use super::identify::Identified;
use super::{BaselineChoice, ReleaseRequest, ReleaseWorld};
use crate::evidence::collect::Lookup;
use crate::verify::{VerifyRequest, VerifyWorld, examine};
use crate::{EvidenceFormats, Failure};

/// Finds the previous release and verifies its scans and its verdict with this run's keys. Where
/// there is none, or its evidence does not verify, every finding is new, and that is said.
///
/// # Errors
/// What could not be found out is no answer: 21 or 22.
pub(crate) async fn find(
    request: &ReleaseRequest,
    world: &ReleaseWorld<'_>,
    identified: &Identified<'_>,
) -> Result<Option<Baseline>, Failure> {
    let (registry, pick) = match &request.baseline {
        BaselineChoice::None => return Ok(None),
        BaselineChoice::Named(target) => {
            (world.baseline.unwrap_or(world.destination), target.pick.clone())
        }
        BaselineChoice::PreviousRelease => {
            let tag = request.moving_tags.first();
            (world.destination, tag.map(|tag| Pick::Tag(tag.clone())))
        }
    };
    let Some(pick) = pick else {
        return Ok(Some(Baseline::nothing(Some("no tag names a previous release".to_owned()))));
    };
    let keys = identified.keys.iter().flat_map(|key| key.trust().keys).collect();
    let (trust, clock) = (Trust::in_keys(keys), world.clock);
    let previous = Previous { registry, pick, trust, clock };
    let baseline = previous.scans(request.formats).await?;
    Ok(Some(baseline))
}

/// The previous release, and whose word about it counts.
struct Previous<'a> {
    registry: &'a dyn Registry,
    pick: Pick,
    trust: Trust,
    clock: &'a dyn Clock,
}

impl Previous<'_> {
    async fn scans(&self, formats: EvidenceFormats) -> Result<Baseline, Failure> {
        let now = self.clock.now();
        let Some(manifest) = self.registry.fetch_manifest(&self.pick).await? else {
            let problem = format!("there is no image at {}", self.target());
            return Ok(Baseline::nothing(Some(problem)));
        };
        let asked = VerifyRequest {
            target: self.target(),
            trust: self.trust.clone(),
            demands: Demands::kinds(&[Kind::Vuln, Kind::Vsa]),
            lookup: if formats.bundles() { Lookup::BundlesFirst } else { Lookup::All },
        };
        // Only this run's keys count, so nobody is asked what has been revoked.
        let there = VerifyWorld { registry: self.registry, revocation: None, clock: self.clock };
        let examined = examine(&asked, &there, &manifest, now).await;
        let digest = manifest.digest();
        let unusable = |why: String| {
            Baseline::nothing(Some(format!("the evidence of {digest} does not verify: {why}")))
        };
        match examined.judgement.outcome {
            Outcome::Undetermined(reasons) => Err(Failure::of(reasons)),
            Outcome::Refused(reasons) => {
                let first = reasons.first();
                let why = first.map(|it| format!("{}: {}", it.code, it.found));
                Ok(unusable(why.unwrap_or_default()))
            }
            Outcome::Verified(_) => {
                match attested_scans(&examined.collected.evidence, &self.trust, now) {
                    Ok(reports) => {
                        let release = Some(digest.to_string());
                        Ok(Baseline { release, reports, problem: None })
                    }
                    Err(why) => Ok(unusable(why)),
                }
            }
        }
    }

    fn target(&self) -> Target {
        Target { location: self.registry.location().clone(), pick: Some(self.pick.clone()) }
    }
}
