use std::collections::{BTreeMap, BTreeSet};

use boltseal_core::{Finding, Severity};
use serde::Serialize;

use crate::judged::Judged;
use crate::{GateRequest, Report};

/// How many findings a list of the diff holds.
const LISTED: usize = 100;

/// What an earlier release was known to have. Findings of it do not count again.
#[derive(Clone, Debug, PartialEq)]
pub struct Baseline {
    /// The earlier release, by its digest or by the names of its reports; none where there is none
    /// that could be used.
    pub release: Option<String>,
    /// Its scans; none where there is no such release, so that every finding is new.
    pub reports: Vec<Report>,
    /// Why it could not be used, where there is one that could not.
    pub problem: Option<String>,
}

impl Baseline {
    /// No earlier release: every finding is new.
    pub const fn nothing(problem: Option<String>) -> Self {
        Self { release: None, reports: Vec::new(), problem }
    }
}

/// The findings against those of an earlier release. A finding is the same as an earlier one where
/// vulnerability and package are the same and it was known to be at least as bad; versions and
/// places change with every build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// The earlier release, by its digest or by the names of its reports.
    pub baseline: Option<String>,
    /// Why there is none to compare with.
    pub problem: Option<String>,
    /// Findings that the earlier release did not have, or not as bad. These count.
    pub new: Listing,
    /// Findings that only the earlier release has.
    pub fixed: Listing,
    /// Findings that both have. They count only where a waiver for them has expired.
    pub carried: Listing,
    /// Findings that do not count because of a waiver.
    pub waived: Listing,
}

/// Some of the findings of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Listing {
    /// How many there are.
    pub count: u64,
    /// At most a hundred of them, the worst first.
    pub findings: Vec<Finding>,
}

impl Listing {
    fn of<'f>(findings: impl Iterator<Item = &'f Finding>) -> Self {
        let mut all: Vec<&Finding> = findings.collect();
        all.sort_by_key(|it| (it.severity, *it));
        all.dedup();
        let count = all.len() as u64;
        Self { count, findings: all.into_iter().take(LISTED).cloned().collect() }
    }
}

impl Diff {
    /// The diff of everything that was judged; none where there is no baseline to judge by.
    pub(crate) fn of(request: &GateRequest<'_>, judged: &[Judged<'_>]) -> Option<Self> {
        let baseline = request.baseline?;
        let now: BTreeSet<Key> = judged
            .iter()
            .flat_map(|it| it.report.findings.iter().chain(&it.report.suppressed))
            .map(key)
            .collect();
        let before = baseline.reports.iter().flat_map(|it| &it.findings);
        let carried: BTreeSet<&Finding> = judged.iter().flat_map(Judged::known).collect();
        let new = judged.iter().flat_map(Judged::counted);
        Some(Self {
            baseline: baseline.release.clone(),
            problem: baseline.problem.clone(),
            new: Listing::of(new.filter(|it| !carried.contains(it))),
            fixed: Listing::of(before.filter(|it| !now.contains(&key(it)))),
            carried: Listing::of(carried.iter().copied()),
            waived: Listing::of(judged.iter().flat_map(|it| &it.waived).map(|it| &it.finding)),
        })
    }
}

/// A vulnerability in a package.
type Key = (String, String);

fn key(finding: &Finding) -> Key {
    (finding.id.to_ascii_lowercase(), finding.package.clone())
}

/// The findings of a baseline that are still to be met: of several reports the most that one has.
pub(crate) struct Pool(BTreeMap<Key, Vec<Severity>>);

impl Pool {
    pub(crate) fn of(baseline: &Baseline) -> Self {
        let mut pool: BTreeMap<Key, Vec<Severity>> = BTreeMap::new();
        for report in &baseline.reports {
            let mut own: BTreeMap<Key, Vec<Severity>> = BTreeMap::new();
            for finding in &report.findings {
                own.entry(key(finding)).or_default().push(finding.severity);
            }
            for (key, mut severities) in own {
                severities.sort();
                let known = pool.entry(key).or_default();
                for (at, severity) in severities.into_iter().enumerate() {
                    match known.get_mut(at) {
                        Some(worst) => *worst = severity.min(*worst),
                        None => known.push(severity),
                    }
                }
            }
        }
        Self(pool)
    }

    /// Whether there is one of the same vulnerability and package, however bad.
    pub(crate) fn knows(&self, finding: &Finding) -> bool {
        self.0.contains_key(&key(finding))
    }

    /// Takes an earlier finding out that is the same and was at least as bad. The worst findings
    /// are to be asked about first.
    pub(crate) fn take(&mut self, finding: &Finding) -> bool {
        let Some(known) = self.0.get_mut(&key(finding)) else { return false };
        match known.first() {
            Some(worst) if *worst <= finding.severity => {
                known.remove(0);
                true
            }
            _ => false,
        }
    }
}
