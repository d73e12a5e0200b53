//! Gate: reports against thresholds, age, image and coverage.

use boltseal_core::{Digest, Inventory, Reason};
use boltseal_gate::{
    CountedFindings, Decision, GateRequest, GateSubject, NO_REPORT, PlatformImage, Scanning,
    effective_policy, judge,
};
use boltseal_ports::ScanInputKind;

use super::identify::Identified;
use super::inspect::Inspected;
use super::push::PushedImage;
use super::reports::Reports;
use super::{BaselineChoice, Record, ReleaseRequest, ReleaseWorld};
use crate::Failure;
use crate::evidence::statement_maker::NO_SCAN_NOTE;

/// Nothing that is known so far speaks against the push. Only this module makes one.
pub(crate) struct MayPush {
    /// The decision; none where there was nothing to decide by.
    decision: Option<Decision>,
}

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

/// What the gate is asked about.
pub(crate) struct Gate<'g> {
    pub(crate) request: &'g ReleaseRequest,
    pub(crate) world: &'g ReleaseWorld<'g>,
    pub(crate) reports: &'g Reports,
}

impl Gate<'_> {
    /// Judges what can be judged without reading a layer, so that a refusal costs nothing.
    pub(crate) fn on_reports_alone(
        &self,
        identified: &Identified<'_>,
        record: &mut Record,
    ) -> Result<(), Failure> {
        let awaited = [ScanInputKind::Sbom, ScanInputKind::Pushed];
        self.so_far(identified, None, &awaited, record).map(drop)
    }

    /// Judges what can be judged before the image is pushed.
    pub(crate) fn before_push(
        &self,
        inspected: &Inspected<'_>,
        record: &mut Record,
    ) -> Result<MayPush, Failure> {
        let inventories = Some(&inspected.inventories[..]);
        let decision =
            self.so_far(&inspected.identified, inventories, &[ScanInputKind::Pushed], record)?;
        Ok(MayPush { decision })
    }

    /// Judges everything.
    fn finally(&self, pushed: &PushedImage<'_>, record: &mut Record) -> Result<Decision, Failure> {
        let decision = self.decide(&pushed.identified, Some(&pushed.inventories[..]));
        record.gate = Some(decision.clone());
        if decision.reasons.is_empty() { Ok(decision) } else { Err(Failure::of(decision.reasons)) }
    }

    /// Where reports are still to come, that a platform has none yet is no reason.
    fn so_far(
        &self,
        identified: &Identified<'_>,
        inventories: Option<&[Inventory]>,
        awaited: &[ScanInputKind],
        record: &mut Record,
    ) -> Result<Option<Decision>, Failure> {
        let complete = self.reports.judged && !self.awaits(awaited);
        if self.reports.all.is_empty() && !complete {
            return Ok(None);
        }
        let decision = self.decide(identified, inventories);
        record.gate = Some(decision.clone());
        let counts = |reason: &&Reason| complete || reason.code != NO_REPORT;
        let reasons: Vec<Reason> = decision.reasons.iter().filter(counts).cloned().collect();
        if reasons.is_empty() { Ok(Some(decision)) } else { Err(Failure::of(reasons)) }
    }

    /// Whether a service is asked that has not been asked yet, by what it looks at.
    fn awaits(&self, kinds: &[ScanInputKind]) -> bool {
        self.world.scanners.iter().any(|it| kinds.contains(&it.wants()))
    }

    fn decide(&self, identified: &Identified<'_>, inventories: Option<&[Inventory]>) -> Decision {
        let image = &identified.image;
        let platforms = image.images.iter().enumerate().map(|(at, image)| PlatformImage {
            platform: Some(image.platform.clone()),
            digest: image.manifest.digest().clone(),
            config: image.parsed.config.digest.clone(),
            inventory: inventories.and_then(|all| all.get(at)),
        });
        let subject = GateSubject {
            index: image.is_index().then(|| image.root.digest().clone()),
            names: vec![self.request.image_name.clone()],
            platforms: platforms.collect(),
        };
        judge(&GateRequest {
            subject: Some(subject),
            thresholds: self.request.thresholds,
            waivers: self.request.waivers.clone(),
            max_age: self.request.max_age,
            ecr: self.reports.ecr,
            baseline: self.reports.baseline.as_ref(),
            ..GateRequest::new(&self.reports.all, self.world.clock.now())
        })
    }
}

/// Judges everything; the image may be sealed only after this.
pub(crate) fn admit(
    gate: &Gate<'_>,
    may_push: MayPush,
    pushed: &PushedImage<'_>,
    record: &mut Record,
) -> Result<Admitted, Failure> {
    let decision = match may_push.decision {
        Some(decision) if !gate.awaits(&[ScanInputKind::Pushed]) => Some(decision),
        _ if gate.reports.judged => Some(gate.finally(pushed, record)?),
        _ => None,
    };
    record.warn_all(gate.world, notes(decision.as_ref()));
    let scanning = if gate.reports.judged { Scanning::Judged } else { Scanning::None };
    let Gate { request, .. } = gate;
    let counting = match request.baseline {
        BaselineChoice::None => CountedFindings::All,
        BaselineChoice::PreviousRelease | BaselineChoice::Named(_) => CountedFindings::New,
    };
    let (limits, age, waivers) = (&request.thresholds, request.max_age, &request.waivers);
    let policy = effective_policy(scanning, limits, age, waivers, counting);
    Ok(Admitted { policy, decision })
}

/// What a plan that goes no further has to say.
pub(crate) fn plan_notes(gate: &Gate<'_>, may_push: &MayPush) -> Vec<String> {
    let waits = gate.awaits(&[ScanInputKind::Pushed]);
    let later = waits.then(|| match may_push.decision {
        Some(_) => "a scan of the pushed image would be judged as well".to_owned(),
        None => "no report was judged: the scan of the pushed image would be".to_owned(),
    });
    let scanned = may_push.decision.is_some() || !waits;
    let now = if scanned { notes(may_push.decision.as_ref()) } else { Vec::new() };
    now.into_iter().chain(later).collect()
}

fn notes(decision: Option<&Decision>) -> Vec<String> {
    let Some(decision) = decision else { return vec![format!("{NO_SCAN_NOTE}: --scan none")] };
    let alone = decision.diff.as_ref().and_then(|it| it.problem.as_ref());
    let alone = alone.map(|it| format!("no baseline, so every finding is new: {it}"));
    alone.into_iter().chain(decision.notes.iter().cloned()).collect()
}
