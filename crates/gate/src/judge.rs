use boltseal_core::{Counts, Exit, Reason, sort_reasons};

use crate::judged::Judged;
use crate::platform::{self, Placed};
use crate::shown::{Counted, Shown};
use crate::{Decision, Diff, GateRequest, GateSubject, Outcome, Report};

/// Judges reports as DESIGN.md 7 rules: each must pass, and with an image given each must be
/// about it, have seen what is in it, and leave no platform without a report.
///
/// No report at all never passes.
pub fn judge(request: &GateRequest<'_>) -> Decision {
    let judged: Vec<_> =
        request.reports.iter().map(|report| Judged::new(request, report)).collect();
    let mut reasons = request.unreadable.clone();
    reasons.extend(nothing_given(request));
    for report in &judged {
        reasons.extend(report.reasons(request));
    }
    let mut notes = notes(request, &judged);
    let mut platforms = Vec::new();
    if let Some(subject) = &request.subject {
        let placed = place(subject, &judged);
        reasons.extend(platform::reasons(request, subject, &placed));
        notes.extend(platform::notes(subject, &placed));
        platforms = platform::decisions(subject, &placed);
    }
    let exit = if reasons.is_empty() { Exit::Proof } else { sort_reasons(&mut reasons) };
    let counts = judged.iter().map(Judged::counts);
    Decision {
        outcome: Outcome::of(exit),
        counts: counts.fold(Counts::default(), |most, it| most.max(&it)),
        thresholds: request.thresholds,
        max_scan_age: request.max_age,
        reports: judged.iter().map(|it| it.judgement(request)).collect(),
        findings: judged.iter().flat_map(|it| it.counting(request)).collect(),
        carried: judged.iter().flat_map(Judged::carried).collect(),
        diff: Diff::of(request, &judged),
        waived: judged.into_iter().flat_map(|it| it.waived).collect(),
        platforms,
        reasons,
        notes,
    }
}

fn place<'a>(subject: &GateSubject<'_>, judged: &[Judged<'a>]) -> Vec<Placed<'a>> {
    let placed = |it: &Judged<'a>| Placed {
        report: it.report,
        counts: it.counts(),
        bearing: subject.bearing(&it.report.image),
    };
    judged.iter().map(placed).collect()
}

/// A gate that was given nothing has seen nothing.
fn nothing_given(request: &GateRequest<'_>) -> Option<Reason> {
    let is_given = !request.reports.is_empty() || !request.unreadable.is_empty();
    let has_platforms = request.subject.as_ref().is_some_and(|it| !it.platforms.is_empty());
    if is_given || has_platforms {
        return None;
    }
    Some(
        Reason::new(Exit::Usage, "no-report")
            .expected("at least one report of a scanner")
            .found("none")
            .place("the command line")
            .fix("name the report files"),
    )
}

fn notes(request: &GateRequest<'_>, judged: &[Judged<'_>]) -> Vec<String> {
    let mut notes = Vec::new();
    for report in judged.iter().map(|it| it.report) {
        notes.extend(suppressed(report));
        let own = |note: &String| format!("{}: {note}", Shown(&report.file));
        notes.extend(report.notes.iter().map(own));
    }
    let waivers = &request.waivers;
    for (index, waiver) in waivers.entries.iter().enumerate() {
        let is_used = judged.iter().any(|it| it.used.contains(&index));
        let state = if waiver.is_expired(request.now) {
            format!("expired on {}", waiver.expires)
        } else if is_used {
            continue;
        } else {
            "was not needed".to_owned()
        };
        notes.push(format!(
            "{}:{}: the waiver for {} in {} by {} {state}",
            Shown(&waivers.file),
            waiver.line,
            Shown(&waiver.id),
            Shown(waiver.package.as_str()),
            Shown(&waiver.owner),
        ));
    }
    notes
}

fn suppressed(report: &Report) -> Option<String> {
    let count = report.suppressed.len() as u64;
    let findings = Counted(count, "finding");
    let note = || {
        format!(
            "{}: the report itself suppresses {findings}, not counted here",
            Shown(&report.file)
        )
    };
    (count > 0).then(note)
}
