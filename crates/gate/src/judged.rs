use std::collections::BTreeSet;

use boltseal_core::{Counts, Exit, Finding, Reason, Severity};

use crate::age::spoken;
use crate::baseline::Pool;
use crate::shown::{Counted, Shown};
use crate::{
    Counting, EcrPromise, EcrScan, Format, GateRequest, MaxAge, Report, ReportJudgement, Since,
    Waived,
};

/// How many findings a reason names.
const NAMED: usize = 5;

/// How far ahead of our clock a scanner's may be, in seconds.
const CLOCK_SKEW: i64 = 300;

/// One report, judged by itself.
pub(crate) struct Judged<'a> {
    pub(crate) report: &'a Report,
    /// The findings that count.
    counting: Vec<&'a Finding>,
    /// Findings that the baseline has as well, and that do not count therefore.
    carried: Vec<&'a Finding>,
    /// Those of the findings that count which the baseline has as well.
    overdue: Vec<&'a Finding>,
    pub(crate) waived: Vec<Waived>,
    /// Waivers that were about a finding, by index.
    pub(crate) used: Vec<usize>,
    /// Expired waivers of findings that count: severity and index of the waiver.
    expired: Vec<(Severity, usize)>,
}

impl<'a> Judged<'a> {
    /// Takes the waived findings of `report` out.
    pub(crate) fn new(request: &GateRequest<'_>, report: &'a Report) -> Self {
        let mut judged = Self {
            report,
            counting: Vec::new(),
            carried: Vec::new(),
            overdue: Vec::new(),
            waived: Vec::new(),
            used: Vec::new(),
            expired: Vec::new(),
        };
        for finding in &report.findings {
            let applied = request.waivers.apply(finding, request.now);
            judged.used.extend(&applied.valid);
            let by = applied.valid.first().filter(|_| applied.waived);
            if let Some(waiver) = by.map(|index| &request.waivers.entries[*index]) {
                judged.waived.push(Waived {
                    finding: finding.clone(),
                    file: report.file.clone(),
                    reason: waiver.reason.clone(),
                    owner: waiver.owner.clone(),
                    expires: waiver.expires,
                    since: None,
                });
                continue;
            }
            let expired = applied.expired.iter().map(|it| (finding.severity, *it));
            judged.expired.extend(expired);
            judged.counting.push(finding);
        }
        if let Some(baseline) = request.baseline {
            judged.carry(request, Pool::of(baseline));
        }
        judged
    }

    /// Takes out what the baseline has as well. What somebody answered for until a day counts after
    /// that day, known or not.
    fn carry(&mut self, request: &GateRequest<'_>, mut pool: Pool) {
        for waived in &mut self.waived {
            let known = pool.knows(&waived.finding);
            waived.since = Some(if known { Since::Carried } else { Since::New });
        }
        let mut open = std::mem::take(&mut self.counting);
        open.sort_by_key(|it| it.severity);
        let is_overdue = |it: &&Finding| !request.waivers.apply(it, request.now).expired.is_empty();
        let (known, new): (Vec<_>, Vec<_>) = open.into_iter().partition(|it| pool.take(it));
        (self.overdue, self.carried) = known.into_iter().partition(is_overdue);
        self.counting = self.overdue.iter().copied().chain(new).collect();
        self.counting.sort_by_key(|it| it.severity);
    }

    /// The findings that the baseline has as well, whether they count or not.
    pub(crate) fn known(&self) -> impl Iterator<Item = &'a Finding> {
        self.carried.iter().chain(&self.overdue).copied()
    }

    /// The findings that count.
    pub(crate) fn counted(&self) -> impl Iterator<Item = &'a Finding> {
        self.counting.iter().copied()
    }

    /// The findings that count.
    pub(crate) fn counts(&self) -> Counts {
        self.counting.iter().map(|it| it.severity).collect()
    }

    /// The findings that count, for the result.
    pub(crate) fn counting(&self, request: &GateRequest<'_>) -> Vec<Counting> {
        let known: BTreeSet<&Finding> = self.overdue.iter().copied().collect();
        let since = |it: &Finding| match request.baseline {
            None => None,
            Some(_) if known.contains(it) => Some(Since::Carried),
            Some(_) => Some(Since::New),
        };
        self.counting.iter().map(|it| self.listed(it, since(it))).collect()
    }

    /// The findings that do not count because the baseline has them as well, for the result.
    pub(crate) fn carried(&self) -> impl Iterator<Item = Counting> {
        self.carried.iter().map(|it| self.listed(it, Some(Since::Carried)))
    }

    fn listed(&self, finding: &Finding, since: Option<Since>) -> Counting {
        Counting { finding: finding.clone(), file: self.report.file.clone(), since }
    }

    /// What goes into the result.
    pub(crate) fn judgement(&self, request: &GateRequest<'_>) -> ReportJudgement {
        let report = self.report;
        ReportJudgement {
            file: report.file.clone(),
            format: report.format,
            digest: report.digest.clone(),
            image: report.image.name.clone(),
            counts: self.counts(),
            carried: self.carried.iter().map(|it| it.severity).collect(),
            waived: self.waived.len() as u64,
            suppressed: report.suppressed.len() as u64,
            scanner: report.scanner.clone(),
            scanned_at: report.scanned_at,
            age_seconds: self.age(request),
        }
    }

    /// Every reason against the report that does not depend on the image.
    pub(crate) fn reasons(&self, request: &GateRequest<'_>) -> Vec<Reason> {
        let mut reasons = Vec::new();
        for severity in request.thresholds.exceeded(&self.counts()) {
            reasons.push(self.over_threshold(request, severity));
            reasons.extend(self.expired_waivers(request, severity));
        }
        reasons.extend(self.age_reason(request));
        reasons.extend(request.ecr.and_then(|promise| self.ecr_reason(promise)));
        reasons
    }

    fn over_threshold(&self, request: &GateRequest<'_>, severity: Severity) -> Reason {
        let mut found = self.counting.clone();
        found.retain(|finding| finding.severity == severity);
        found.sort();
        let mut named: Vec<_> = found.iter().take(NAMED).map(|it| in_words(it)).collect();
        if found.len() > NAMED {
            named.push("…".to_owned());
        }
        Reason::new(Exit::Gate, "over-threshold")
            .expected(format!("at most {} {severity}", request.thresholds.of(severity)))
            .found(format!("{} {severity}: {}", found.len(), named.join(", ")))
            .place(Shown(&self.report.file).to_string())
            .fix(format!(
                "{}add a waiver with a reason, an owner and an expiry to --waivers, or raise \
                 --max-{severity}",
                update(&found)
            ))
    }

    fn expired_waivers(&self, request: &GateRequest<'_>, severity: Severity) -> Vec<Reason> {
        let mut expired: Vec<_> = self.expired.iter().filter(|it| it.0 == severity).collect();
        expired.sort();
        expired.dedup();
        let waivers = &request.waivers;
        let reason = |(_, index): &(Severity, usize)| {
            let waiver = &waivers.entries[*index];
            let (id, package) = (Shown(&waiver.id), Shown(waiver.package.as_str()));
            let owner = Shown(&waiver.owner);
            Reason::new(Exit::Gate, "waiver-expired")
                .expected(format!("a waiver for {id} in {package} that has not expired"))
                .found(format!("one by {owner} that expired on {}", waiver.expires))
                .place(format!("{}:{}", Shown(&waivers.file), waiver.line))
                .fix(format!("fix the finding, or let {owner} decide again until when"))
        };
        expired.into_iter().map(reason).collect()
    }

    fn age(&self, request: &GateRequest<'_>) -> Option<i64> {
        let scanned_at = self.report.scanned_at?;
        Some(request.now.as_second() - scanned_at.as_second())
    }

    fn age_reason(&self, request: &GateRequest<'_>) -> Option<Reason> {
        let MaxAge::Seconds(most) = request.max_age else {
            return None;
        };
        let reason = |code| {
            Reason::new(Exit::Gate, code)
                .expected(format!("a scan at most {} old", request.max_age))
                .place(Shown(&self.report.file).to_string())
        };
        let (Some(age), Some(time)) = (self.age(request), self.report.scanned_at) else {
            let fix = "give a report that says when it was made (the JSON of grype or trivy, not \
                       SARIF), or pass --max-scan-age unlimited";
            let unknown = reason("report-age-unknown");
            return Some(unknown.found("no time of the scan in the report").fix(fix));
        };
        if age < -CLOCK_SKEW {
            let fix = "set the clock of the machine that scans, and scan again";
            let ahead =
                reason("report-time-ahead").found(format!("{time}, which is still to come"));
            return Some(ahead.fix(fix));
        }
        let age = u64::try_from(age).unwrap_or(0);
        if age <= most {
            return None;
        }
        let old = reason("report-too-old").found(format!("{time}, {} ago", spoken(age)));
        Some(old.fix("scan the image again, or raise --max-scan-age"))
    }

    /// Zero findings of ECR that are not yet believable.
    fn ecr_reason(&self, promise: EcrPromise) -> Option<Reason> {
        let report = self.report;
        let is_empty = report.findings.is_empty() && report.suppressed.is_empty();
        if report.format != Format::Ecr || !is_empty {
            return None;
        }
        let reason = |code| {
            Reason::new(Exit::Undetermined, code)
                .place(Shown(&report.file).to_string())
                .fix("wait until ECR has scanned this push, and ask again")
        };
        let before = |pushed| report.scanned_at.is_none_or(|scanned| scanned < pushed);
        if let Some(pushed) = promise.pushed_at.filter(|pushed| before(*pushed)) {
            let found = report.scanned_at.map_or("no time".to_owned(), |time| time.to_string());
            return Some(
                reason("scan-before-push")
                    .expected(format!("a scan completed after the push at {pushed}"))
                    .found(found),
            );
        }
        let expected = promise.scan.filter(|scan| report.ecr_shape != Some(*scan))?;
        let list = |scan| match scan {
            Some(EcrScan::Basic) => "findings",
            Some(EcrScan::Enhanced) => "enhancedFindings",
            None => "neither list of findings",
        };
        Some(
            reason("scan-shape")
                .expected(format!("{}, as the repository is set", list(Some(expected))))
                .found(list(report.ecr_shape)),
        )
    }
}

/// `CVE-2026-1 in zlib 1.3`, as far as the report says.
fn in_words(finding: &Finding) -> String {
    let mut words = Shown(&finding.id).to_string();
    if !finding.package.is_empty() {
        words = format!("{words} in {}", Shown(&finding.package));
    }
    if !finding.version.is_empty() {
        words = format!("{words} {}", Shown(&finding.version));
    }
    if finding.package.is_empty() && !finding.place.is_empty() {
        words = format!("{words} in {}", Shown(&finding.place));
    }
    words
}

/// The updates that would fix the findings, as far as the report knows them.
fn update(found: &[&Finding]) -> String {
    let fix = |it: &&Finding| {
        let version = it.fixed_in.as_ref()?;
        Some(format!("{} to {}", Shown(&it.package), Shown(version)))
    };
    let mut fixes: Vec<_> = found.iter().filter_map(fix).collect();
    fixes.sort();
    fixes.dedup();
    let more = fixes.len().saturating_sub(NAMED);
    fixes.truncate(NAMED);
    match (fixes.is_empty(), more) {
        (true, _) => String::new(),
        (false, 0) => format!("update {}; or ", fixes.join(", ")),
        (false, more) => {
            let more = Counted(more as u64, "package");
            format!("update {} and {more} more; or ", fixes.join(", "))
        }
    }
}
