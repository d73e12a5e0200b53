use boltseal_core::{Exit, Reason, Severity};
use boltseal_gate::MaxAge;

use crate::dossier::Dossier;
use crate::v1::GateBody;

/// One thing that was judged, as a row: what was allowed, what was found, and how it ended. It
/// repeats what the document says and judges nothing again.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Check {
    /// `critical`, `scan age`, the kind of evidence, or the code of a reason.
    pub(crate) name: String,
    /// What was allowed or expected.
    pub(crate) limit: String,
    /// What was found.
    pub(crate) found: String,
    /// How it ended.
    pub(crate) state: State,
    /// How many were found, and how many are allowed, where it counts.
    pub(crate) numbers: Option<(u64, Option<u64>)>,
    /// Where, and what would make it pass; empty where it passes.
    pub(crate) reasons: Vec<Reason>,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It holds.
    Passed,
    /// It does not.
    Failed,
    /// It could not be found out.
    Undetermined,
    /// Nothing was demanded.
    Free,
}

impl State {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Undetermined => "undetermined",
            Self::Free => "no limit",
        }
    }

    const fn of(exit: Exit) -> Self {
        match exit {
            Exit::Undetermined | Exit::Unauthorised | Exit::Bug => Self::Undetermined,
            _ => Self::Failed,
        }
    }
}

/// The reasons that a scan's age gives.
const AGE: [&str; 3] = ["report-age-unknown", "report-time-ahead", "report-too-old"];
/// The reason that a count gives.
const OVER: &str = "over-threshold";

/// Everything that was judged: counts against their limits, the age of the scans, the kinds of
/// evidence that were required, and every other reason by its code.
pub(crate) fn checks(dossier: &Dossier<'_>) -> Vec<Check> {
    let reasons = &dossier.head.reasons;
    let mut checks = Vec::new();
    if let Some(gate) = dossier.gate {
        checks.extend(Severity::ALL.into_iter().filter_map(|it| counted(gate, it, reasons)));
        checks.extend(age(gate, reasons));
    }
    if dossier.is_good() {
        checks.extend(dossier.required.iter().map(|kind| required(kind)));
    }
    let is_told =
        |reason: &&Reason| checks.iter().any(|check: &Check| check.reasons.contains(reason));
    let rest: Vec<&Reason> = reasons.iter().filter(|it| !is_told(it)).collect();
    for reason in rest {
        add(&mut checks, reason);
    }
    checks
}

/// The checks that did not hold.
pub(crate) fn failed(dossier: &Dossier<'_>) -> Vec<Check> {
    let failed = |check: &Check| matches!(check.state, State::Failed | State::Undetermined);
    checks(dossier).into_iter().filter(failed).collect()
}

fn counted(gate: &GateBody, severity: Severity, reasons: &[Reason]) -> Option<Check> {
    let (found, limit) = (gate.counts?.of(severity), gate.thresholds?.of(severity));
    let most = match limit {
        boltseal_gate::Limit::AtMost(most) => Some(most),
        boltseal_gate::Limit::Unlimited => None,
    };
    let expected = format!("at most {limit} {severity}");
    let is_about = |reason: &&Reason| reason.code == OVER && reason.expected == expected;
    Some(Check {
        name: severity.to_string(),
        limit: limit.to_string(),
        found: found.to_string(),
        state: match (limit.allows(found), most) {
            (false, _) => State::Failed,
            (true, Some(_)) => State::Passed,
            (true, None) => State::Free,
        },
        numbers: Some((found, most)),
        reasons: reasons.iter().filter(is_about).cloned().collect(),
    })
}

fn age(gate: &GateBody, reasons: &[Reason]) -> Option<Check> {
    let limit = gate.max_scan_age?;
    let oldest = gate.reports.iter().filter_map(|it| it.scanned_at).min();
    let reasons: Vec<Reason> =
        reasons.iter().filter(|it| AGE.contains(&it.code)).cloned().collect();
    if gate.reports.is_empty() && reasons.is_empty() {
        return None;
    }
    let found = oldest.map_or_else(|| "time unknown".to_owned(), |at| format!("{at:.0}"));
    Some(Check {
        name: "scan age".to_owned(),
        limit: match limit {
            MaxAge::Unlimited => "any age".to_owned(),
            MaxAge::Seconds(_) => format!("at most {limit} old"),
        },
        found: format!("scanned {found}"),
        state: match (reasons.is_empty(), limit) {
            (false, _) => State::Failed,
            (true, MaxAge::Unlimited) => State::Free,
            (true, MaxAge::Seconds(_)) => State::Passed,
        },
        numbers: None,
        reasons,
    })
}

/// A required kind in a result that holds a proof.
fn required(kind: &str) -> Check {
    Check {
        name: kind.to_owned(),
        limit: "required".to_owned(),
        found: "verifies".to_owned(),
        state: State::Passed,
        numbers: None,
        reasons: Vec::new(),
    }
}

/// Reasons of one code that expect the same are one check: nobody wants a row for each file.
fn add(checks: &mut Vec<Check>, reason: &Reason) {
    let state = State::of(reason.exit);
    let same = |it: &&mut Check| {
        it.name == reason.code && it.limit == reason.expected && it.state == state
    };
    if let Some(check) = checks.iter_mut().find(same) {
        check.reasons.push(reason.clone());
        check.found = format!("{} times, such as {}", check.reasons.len(), check.reasons[0].found);
        return;
    }
    checks.push(Check {
        name: reason.code.to_owned(),
        limit: reason.expected.clone(),
        found: reason.found.clone(),
        state,
        numbers: None,
        reasons: vec![reason.clone()],
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1::{Head, SubjectOfResult};

    #[test]
    fn reasons_of_one_kind_are_one_check() {
        let reason = |exit, code, found: &str| {
            Reason::new(exit, code).expected("a report").found(found).place(found)
        };
        let reasons = vec![
            reason(Exit::Invalid, "report-unreadable", "a"),
            reason(Exit::Invalid, "report-unreadable", "b"),
            reason(Exit::Undetermined, "registry-unreachable", "c"),
        ];
        let head = Head::failed("boltseal.gate/v1", SubjectOfResult::default(), reasons);
        let checks = checks(&Dossier::of(&head));
        let told: Vec<_> = checks.iter().map(|it| (&*it.name, it.state)).collect();
        let expected =
            [("report-unreadable", State::Failed), ("registry-unreachable", State::Undetermined)];
        assert_eq!(told, expected);
        assert_eq!(checks[0].found, "2 times, such as a");
        assert_eq!(checks[0].reasons.len(), 2, "nothing is dropped");
    }
}
