//! Attested scans, judged again by a policy.

use boltseal_core::predicate::Vuln;
use boltseal_core::{Digest, Exit, Kind, Reason};
use boltseal_gate::{GateRequest, Report};
use jiff::Timestamp;

use crate::demands::ScanDemand;
use crate::verdict::{self, Summary};
use crate::{Authentic, Evidence, Refusal, Trust, authenticate};

/// Every reason why the scans that count are not good enough. Those are the latest, the worse of
/// several at one time, and what the latest summary lists together with one of them: the reports
/// of one release each had to pass.
pub(crate) fn reasons(
    verifying: &[&Authentic],
    summaries: &[Summary],
    demand: &ScanDemand,
    now: Timestamp,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for piece in counting(verifying, summaries) {
        match attested_report(piece) {
            Ok(report) => reasons.extend(judge(piece, report, demand, now)),
            Err(problem) => {
                let refusal = Refusal::UnreadableScan { problem };
                reasons.push(refusal.to_reason("vuln", &piece.carrier));
            }
        }
    }
    reasons
}

/// The reports that count of everything that was collected: of the image, of an index those of
/// every platform.
///
/// # Errors
/// What is wrong with one of them, in words.
pub fn attested_scans(
    evidence: &Evidence,
    trust: &Trust,
    now: Timestamp,
) -> Result<Vec<Report>, String> {
    let mut reports = Vec::new();
    for case in std::iter::once(evidence).chain(&evidence.children) {
        let read = |piece| authenticate(piece, &case.subject, trust, now);
        let pieces: Vec<Authentic> = case.pieces.iter().map(read).collect();
        let of = |kind: Kind| {
            pieces.iter().filter(move |it| it.verifies() && it.claimed.as_ref() == Some(&kind))
        };
        let scans: Vec<&Authentic> = of(Kind::Vuln).collect();
        for piece in counting(&scans, &verdict::latest_summaries(of(Kind::Vsa))) {
            reports.push(attested_report(piece)?);
        }
    }
    Ok(reports)
}

/// The pieces that count, each statement once.
fn counting<'a>(verifying: &[&'a Authentic], summaries: &[Summary]) -> Vec<&'a Authentic> {
    let latest = verifying.iter().map(|it| time(it)).max();
    let mut counting: Vec<&Authentic> =
        verifying.iter().copied().filter(|it| Some(time(it)) == latest).collect();
    let lists = |summary: &Summary, piece: &Authentic| {
        let inputs = &summary.vsa.input_attestations;
        inputs.iter().any(|it| it.is(&piece.carrier, &piece.statement_digest))
    };
    let round = summaries.iter().filter(|it| counting.iter().any(|piece| lists(it, piece)));
    let round: Vec<&Summary> = round.collect();
    for piece in verifying {
        if round.iter().any(|it| lists(it, piece)) {
            counting.push(piece);
        }
    }
    let mut seen: Vec<&Digest> = Vec::new();
    counting.retain(|it| {
        let is_new = !seen.contains(&&it.statement_digest);
        seen.push(&it.statement_digest);
        is_new
    });
    counting
}

/// When the scan ended, as signed; one that does not say is older than all that do.
fn time(piece: &Authentic) -> Timestamp {
    let stated = vuln(piece).and_then(|it| it.metadata.scan_finished_on.parse().ok());
    stated.unwrap_or(Timestamp::MIN)
}

fn vuln(piece: &Authentic) -> Option<Vuln> {
    serde_json::from_value(piece.statement.as_ref()?.predicate.clone()).ok()
}

/// The report that a `vuln` statement holds, read again. The time that the statement carries
/// stands in where the report has none.
///
/// # Errors
/// What is wrong with it, in words.
fn attested_report(piece: &Authentic) -> Result<Report, String> {
    let vuln = vuln(piece).ok_or("its predicate is no vulnerability report")?;
    let digest = vuln.report.map_or_else(|| piece.statement_digest.clone(), |it| it.digest);
    let name = piece.carrier.to_string();
    let mut report = Report::from_value(&name, digest, vuln.scanner.result)
        .map_err(|error| error.problem.to_string())?;
    report.scanned_at = report.scanned_at.or(vuln.metadata.scan_finished_on.parse().ok());
    Ok(report)
}

fn judge(piece: &Authentic, report: Report, demand: &ScanDemand, now: Timestamp) -> Vec<Reason> {
    let reports = [report];
    let decision = boltseal_gate::judge(&GateRequest {
        thresholds: demand.thresholds,
        waivers: demand.waivers.clone(),
        max_age: demand.max_age,
        ..GateRequest::new(&reports, now)
    });
    decision.reasons.into_iter().map(|reason| of_policy(reason, piece)).collect()
}

/// The gate's reason as one of a verifier: where the statement is, and what its user can do.
/// Whatever else contradicts is wrong with evidence, not with what the user gave.
fn of_policy(reason: Reason, piece: &Authentic) -> Reason {
    let exit = if reason.exit == Exit::Gate { Exit::Gate } else { Exit::Untrusted };
    let reason = Reason { exit, ..reason };
    let carrier = piece.carrier.to_string();
    match reason.code {
        "waiver-expired" => reason,
        "over-threshold" => reason.place(carrier).fix(
            "release an image without these findings; or change max_* in [gate] of the policy, \
             or add waivers there",
        ),
        _ => reason
            .place(carrier)
            .fix("scan the image again and release it; or change max_scan_age in the policy"),
    }
}
