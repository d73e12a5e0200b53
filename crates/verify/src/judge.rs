//! What passed, against what is required.

use std::collections::BTreeSet;

use boltseal_core::predicate::InputAttestation;
use boltseal_core::{Digest, Exit, Kind, Reason, sort_reasons};
use jiff::Timestamp;

use crate::judgement::{Judgement, Outcome, PieceReport, Status};
use crate::signature_annotation::unbound;
use crate::verdict::{self, Summary};
use crate::{
    Accepted, Authentic, Demands, Evidence, Format, Gap, Refusal, Release, Trust, Verified,
    authenticate, rescan,
};

/// Judges everything collected about a digest. `required` are the kinds that must be there; of an
/// index, `sbom` and `vuln` are looked for at every platform's image.
///
/// # Outcome
/// Verified only where every required kind has a piece that verifies, the latest verification
/// summary (where required) says PASSED and each of its inputs is there and verifies, and nothing
/// that was listed is unreadable. Pieces that are not required never change the outcome by being
/// bad.
pub fn judge(evidence: &Evidence, trust: &Trust, required: &[Kind], now: Timestamp) -> Judgement {
    judge_by(evidence, trust, &Demands::kinds(required), now)
}

/// The same by everything that a policy demands.
///
/// # Outcome
/// Besides what [`judge`] says: each required kind is signed by as many keys as are demanded; of
/// provenance and SBOM at least one is what is demanded and none by an accepted signer names
/// another source; the latest scans, judged again, and the latest verdict are good enough.
pub fn judge_by(
    evidence: &Evidence,
    trust: &Trust,
    demands: &Demands,
    now: Timestamp,
) -> Judgement {
    let images: Vec<&Digest> = evidence.children.iter().map(|it| &it.subject).collect();
    let trust = &trust.covering(&evidence.subject, &images);
    let case = Case::open(evidence, trust, demands, now);
    let required = &demands.required;
    Judgement {
        outcome: case.outcome(case.reasons(required, now), required),
        evidence: case.reports(),
        required: required.clone(),
        checked: case.checked(trust),
        summaries: case.pieces.iter().filter_map(verdict::report).collect(),
    }
}

/// One digest with its pieces, and those of its children.
struct Case<'a> {
    evidence: &'a Evidence,
    demands: &'a Demands,
    pieces: Vec<Authentic>,
    children: Vec<Self>,
}

impl<'a> Case<'a> {
    fn open(evidence: &'a Evidence, trust: &Trust, demands: &'a Demands, now: Timestamp) -> Self {
        let open = |piece| authenticate(piece, &evidence.subject, trust, now);
        let children = evidence.children.iter().map(|it| Self::open(it, trust, demands, now));
        Self {
            evidence,
            demands,
            pieces: evidence.pieces.iter().map(open).collect(),
            children: children.collect(),
        }
    }

    /// This digest and its children.
    fn all(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.children)
    }

    /// Why it is not verified, each fact once.
    fn reasons(&self, required: &[Kind], now: Timestamp) -> Vec<Reason> {
        let unread = self.unreadable();
        let (mut unmet, mut refusals) = (Vec::new(), Vec::new());
        for kind in required {
            let missing = self.missing(kind);
            if !missing.is_empty() {
                unmet.push(kind);
            }
            refusals.extend(missing);
        }
        if required.contains(&Kind::Vsa) {
            refusals.extend(self.incomplete(&unmet));
        }
        refusals.extend(self.beyond_kinds(now));
        if !unread.is_empty() {
            // What could not be read may be what was looked for: nothing is known to be missing.
            refusals.retain(|reason| reason.exit != Exit::Missing);
        }
        let mut reasons: Vec<Reason> = Vec::new();
        for reason in unread.into_iter().chain(refusals) {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        reasons
    }

    /// Reasons that hold whatever is required: a listed piece that could not be read.
    fn unreadable(&self) -> Vec<Reason> {
        let failed = |gap: &Gap| match gap {
            Gap::Failed { reason, .. } => Some(reason.clone()),
            Gap::Absent { .. } => None,
        };
        self.all().flat_map(|case| case.evidence.gaps.iter().filter_map(failed)).collect()
    }

    /// Reasons why `kind` is not satisfied.
    fn missing(&self, kind: &Kind) -> Vec<Reason> {
        let by_child = matches!(kind, Kind::Sbom | Kind::Vuln) && !self.children.is_empty();
        if by_child && self.passing(kind).next().is_none() {
            return self.children.iter().flat_map(|child| child.missing(kind)).collect();
        }
        let meeting: Vec<&Authentic> =
            self.passing(kind).filter(|it| self.short(it).is_none()).collect();
        if !meeting.is_empty() {
            return self.few_signers(kind, &meeting).into_iter().collect();
        }
        let refused: Vec<Reason> =
            self.candidates(kind).filter_map(|it| self.reason_of(it, kind)).collect();
        if refused.is_empty() { vec![self.no_candidate(kind)] } else { refused }
    }

    fn candidates(&self, kind: &Kind) -> impl Iterator<Item = &Authentic> {
        self.pieces.iter().filter(move |piece| piece.claimed.as_ref() == Some(kind))
    }

    fn passing(&self, kind: &Kind) -> impl Iterator<Item = &Authentic> {
        self.candidates(kind).filter(|piece| piece.verifies())
    }

    /// Why a piece that verifies is not what is demanded.
    fn short(&self, piece: &Authentic) -> Option<Refusal> {
        if piece.verifies() { self.demands.source.refusal(piece) } else { None }
    }

    fn reason_of(&self, piece: &Authentic, kind: &Kind) -> Option<Reason> {
        let refusal = piece.refusal.clone().or_else(|| self.short(piece))?;
        Some(refusal.to_reason(&kind.to_string(), &piece.carrier))
    }

    /// The reason that too few keys have signed this. Of a verdict each signer's own latest
    /// counts.
    fn few_signers(&self, kind: &Kind, meeting: &[&Authentic]) -> Option<Reason> {
        let wanted = self.demands.signers;
        if wanted <= 1 {
            return None;
        }
        let standing =
            if *kind == Kind::Vsa { verdict::standing(meeting) } else { meeting.to_vec() };
        let keys: BTreeSet<_> = standing
            .iter()
            .filter_map(|it| it.signer_key.as_ref().or(it.signer.as_ref()))
            .collect();
        let names: BTreeSet<_> = standing.iter().filter_map(|it| it.signer.as_deref()).collect();
        let names = names.into_iter().collect::<Vec<_>>().join(", ");
        (keys.len() < wanted).then(|| {
            Reason::new(Exit::Untrusted, "too-few-signers")
                .expected(format!("{kind} evidence by {wanted} of the accepted signers"))
                .found(format!("{}: {names}", keys.len()))
                .place(self.evidence.subject.to_string())
                .fix("release with the keys of more signers, or lower signatures in the policy")
        })
    }

    /// Reasons that hold though every required kind is there.
    fn beyond_kinds(&self, now: Timestamp) -> Vec<Reason> {
        let demands = self.demands;
        let mut reasons: Vec<Reason> = self.all().flat_map(Self::other_sources).collect();
        if let Some(tag) = demands.asked_tag.as_ref().filter(|_| demands.bind_tag) {
            reasons.extend(unbound(&self.pieces, tag));
        }
        let latest = verdict::latest_summaries(self.passing(&Kind::Vsa));
        reasons.extend(verdict::outdated(&latest, demands.max_verdict_age, now));
        if let Some(demand) = &demands.scans {
            let own = self.passing(&Kind::Vuln).next().is_some();
            let cases = if own { std::slice::from_ref(self) } else { &self.children };
            for case in cases {
                let scans: Vec<&Authentic> = case.passing(&Kind::Vuln).collect();
                let latest = verdict::latest_summaries(case.passing(&Kind::Vsa));
                reasons.extend(rescan::reasons(&scans, &latest, demand, now));
            }
        }
        reasons
    }

    /// An accepted signer names another source, whatever others say.
    fn other_sources(&self) -> Vec<Reason> {
        let reason = |piece: &Authentic| match self.short(piece)? {
            refusal @ Refusal::OtherSource { .. } => {
                let kind = piece.claimed.as_ref().map_or_else(String::new, Kind::to_string);
                Some(refusal.to_reason(&kind, &piece.carrier))
            }
            _ => None,
        };
        self.pieces.iter().filter_map(reason).collect()
    }

    fn no_candidate(&self, kind: &Kind) -> Reason {
        let place = match &self.evidence.platform {
            Some(platform) => format!("{} ({platform})", self.evidence.subject),
            None => self.evidence.subject.to_string(),
        };
        if let Some(unproven) = &self.evidence.absence_unproven {
            return unproven.clone();
        }
        Reason::new(Exit::Missing, "evidence-missing")
            .expected(format!("{kind} evidence"))
            .found(format!("none among {} pieces", self.pieces.len()))
            .place(place)
            .fix(format!("release this digest with boltseal, or do not require {kind}"))
    }

    /// Reasons why the latest summary does not stand: it failed, or an input of it does not count.
    /// Of the kinds that are `unmet` it is said already.
    fn incomplete(&self, unmet: &[&Kind]) -> Vec<Reason> {
        let latest = verdict::latest_summaries(self.passing(&Kind::Vsa));
        if let Some(reason) = latest.iter().find_map(verdict::failed) {
            return vec![reason];
        }
        let mut attempts = latest.iter().map(|summary| self.bad_inputs(summary, unmet));
        let first = attempts.next().unwrap_or_default();
        if first.is_empty() || attempts.any(|reasons| reasons.is_empty()) {
            return Vec::new();
        }
        first
    }

    fn bad_inputs(&self, summary: &Summary, unmet: &[&Kind]) -> Vec<Reason> {
        let inputs = &summary.vsa.input_attestations;
        if inputs.is_empty() {
            let reason = Reason::new(Exit::Untrusted, "vsa-without-inputs")
                .expected("a verification summary that lists what it judged")
                .found("no inputAttestations")
                .place(summary.vsa.resource_uri.clone())
                .fix("release this digest with boltseal, or do not require vsa");
            return vec![reason];
        }
        let told = |input: &&InputAttestation| input.kind().is_some_and(|it| unmet.contains(&&it));
        inputs.iter().filter(|it| !told(it)).filter_map(|input| self.bad_input(input)).collect()
    }

    fn bad_input(&self, input: &InputAttestation) -> Option<Reason> {
        let pieces = self.all().flat_map(|case| &case.pieces);
        let mut named =
            pieces.filter(|piece| input.is(&piece.carrier, &piece.statement_digest)).peekable();
        let kind = input.kind();
        let Some(first) = named.peek().copied() else {
            return Some(self.absent_input(input, kind.as_ref()));
        };
        let is_it = |piece: &Authentic| kind.is_none() || piece.claimed == kind;
        if named.any(|piece| piece.verifies() && is_it(piece)) {
            return None;
        }
        let text =
            kind.as_ref().or(first.claimed.as_ref()).map_or_else(String::new, Kind::to_string);
        Some(match &first.refusal {
            Some(refusal) => refusal.to_reason(&text, &first.carrier),
            None => contradicting_input(first, &text),
        })
    }

    fn absent_input(&self, input: &InputAttestation, kind: Option<&Kind>) -> Reason {
        if let Some(unproven) = self.all().find_map(|case| case.evidence.absence_unproven.as_ref())
        {
            return unproven.clone();
        }
        let digest = input.digest.iter().map(|(name, hex)| format!("{name}:{hex}")).next();
        let named = kind.map(|kind| format!("{kind} ")).unwrap_or_default();
        Reason::new(Exit::Missing, "vsa-input-missing")
            .expected(format!("the {named}evidence that the verification summary lists"))
            .found("it is not among the referrers")
            .place(digest.unwrap_or_default())
            .fix("release this digest again: boltseal adds what is missing")
    }

    fn outcome(&self, mut reasons: Vec<Reason>, required: &[Kind]) -> Outcome {
        if reasons.is_empty() {
            return Outcome::Verified(Verified::new(self.release(required)));
        }
        match sort_reasons(&mut reasons) {
            Exit::Undetermined | Exit::Unauthorised => Outcome::Undetermined(reasons),
            _ => Outcome::Refused(reasons),
        }
    }

    fn release(&self, required: &[Kind]) -> Release {
        let accepted = self.all().flat_map(|case| {
            case.pieces.iter().filter_map(|piece| accepted(&case.evidence.subject, piece))
        });
        Release {
            subject: self.evidence.subject.clone(),
            required: required.to_vec(),
            accepted: accepted.collect(),
        }
    }

    fn reports(&self) -> Vec<PieceReport> {
        let each = |case: &Self| {
            let subject = &case.evidence.subject;
            let pieces = case.pieces.iter().map(|piece| report(subject, piece, case.short(piece)));
            let gaps = case.evidence.gaps.iter().map(|gap| report_gap(subject, gap));
            pieces.chain(gaps).collect::<Vec<_>>()
        };
        self.all().flat_map(each).collect()
    }

    fn checked(&self, trust: &Trust) -> Vec<String> {
        let verifying = || self.all().flat_map(|case| &case.pieces).filter(|it| it.verifies());
        let of_keys = || verifying().filter(|it| it.format != Format::Notation);
        let mut checked = vec![
            "the digest of every manifest and blob".to_owned(),
            format!("signatures by key: {} verify", of_keys().count()),
            "the subject of every statement".to_owned(),
        ];
        if let Some(notation) = &trust.notation {
            let count = verifying().count() - of_keys().count();
            checked.push(format!("Notation signatures {notation}: {count} verify"));
            let pieces = self.all().flat_map(|case| &case.evidence.pieces);
            let asked = pieces.filter(|piece| piece.content.was_revocation_asked()).count();
            checked.push(format!("revocation of Notation signatures: asked about {asked}"));
        }
        if trust.root.is_some() {
            let entries: usize = verifying().map(|it| it.log_entries).sum();
            let timestamps: usize = verifying().map(|it| it.timestamps.len()).sum();
            checked.push(format!("transparency log entries: {entries}"));
            checked.push(format!("timestamps: {timestamps}"));
        }
        checked.extend(self.demands.checked(trust));
        checked
    }
}

/// A statement that verifies, and is of another kind than the summary says.
fn contradicting_input(piece: &Authentic, kind: &str) -> Reason {
    let found = piece.claimed.as_ref().map_or_else(|| "none".to_owned(), Kind::to_string);
    Reason::new(Exit::Untrusted, "vsa-input-contradicts")
        .expected(format!("the {kind} evidence that the verification summary lists"))
        .found(format!("{found} evidence under its digest"))
        .place(piece.carrier.to_string())
        .fix("release this digest again; find out who signed the summary")
}

fn accepted(subject: &Digest, piece: &Authentic) -> Option<Accepted> {
    let (Some(kind), Some(signer), true) = (&piece.claimed, &piece.signer, piece.verifies()) else {
        return None;
    };
    Some(Accepted {
        subject: subject.clone(),
        kind: kind.clone(),
        carrier: piece.carrier.clone(),
        statement: piece.statement_digest.clone(),
        format: piece.format,
        signer: signer.clone(),
    })
}

/// `short` says why it is not what is demanded, though it verifies.
fn report(subject: &Digest, piece: &Authentic, short: Option<Refusal>) -> PieceReport {
    let refusal = piece.refusal.as_ref().map(ToString::to_string);
    let short = short.map(|it| format!("not what the policy demands: {it}"));
    let notes: Vec<String> = short.into_iter().chain(piece.notes.iter().cloned()).collect();
    let notes = (!notes.is_empty()).then(|| notes.join("; "));
    PieceReport {
        subject: subject.clone(),
        carrier: Some(piece.carrier.clone()),
        format: Some(piece.format),
        predicate_type: piece.claimed.as_ref().map(|kind| kind.predicate_type().to_owned()),
        signer: piece.signer.clone(),
        status: status(piece),
        reason: refusal.or(notes),
    }
}

fn status(piece: &Authentic) -> Status {
    match &piece.refusal {
        _ if piece.verifies() => Status::Verified,
        Some(refusal) if refusal.is_undetermined() => Status::Undetermined,
        _ => Status::Refused,
    }
}

fn report_gap(subject: &Digest, gap: &Gap) -> PieceReport {
    let (carrier, status, reason) = match gap {
        Gap::Absent { carrier, place } => {
            (Some(carrier.clone()), Status::Absent, format!("listed, and not there: {place}"))
        }
        Gap::Failed { carrier, reason } => {
            let text =
                format!("{}: expected {}, found {}", reason.place, reason.expected, reason.found);
            (carrier.clone(), Status::Unreadable, text)
        }
    };
    PieceReport {
        subject: subject.clone(),
        carrier,
        format: None,
        predicate_type: None,
        signer: None,
        status,
        reason: Some(reason),
    }
}
