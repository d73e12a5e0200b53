use std::collections::HashMap;

use boltseal_core::{Counts, Finding};

/// The rows of a report as they are read: open findings without exact duplicates, and what the
/// report itself suppresses.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    open: Distinct,
    suppressed: Distinct,
    raw: Counts,
}

impl Rows {
    /// A finding that counts.
    pub(crate) fn open(&mut self, finding: Finding) {
        self.raw.add(finding.severity);
        self.open.insert(finding);
    }

    /// A finding that the report itself says does not count.
    pub(crate) fn suppressed(&mut self, finding: Finding) {
        self.raw.add(finding.severity);
        self.suppressed.insert(finding);
    }

    /// All rows, before duplicates and suppressed ones are removed: what a summary is compared
    /// with.
    pub(crate) const fn raw(&self) -> &Counts {
        &self.raw
    }

    /// The findings that count and the suppressed ones. What is open in one row and suppressed in
    /// another is open.
    pub(crate) fn finish(self) -> (Vec<Finding>, Vec<Finding>) {
        let Self { open, suppressed, .. } = self;
        let is_open = |finding: &Finding| open.at.contains_key(&key(finding));
        let suppressed = suppressed.findings;
        let suppressed = suppressed.into_iter().filter(|it| !is_open(it)).collect();
        (open.findings, suppressed)
    }
}

/// Findings by id, package, version and place; of duplicates the worst severity counts.
#[derive(Debug, Default)]
struct Distinct {
    findings: Vec<Finding>,
    at: HashMap<[String; 4], usize>,
}

impl Distinct {
    fn insert(&mut self, finding: Finding) {
        let next = self.findings.len();
        let index = *self.at.entry(key(&finding)).or_insert(next);
        match self.findings.get_mut(index) {
            Some(known) if finding.severity < known.severity => *known = finding,
            Some(_) => {}
            None => self.findings.push(finding),
        }
    }
}

fn key(finding: &Finding) -> [String; 4] {
    [&finding.id, &finding.package, &finding.version, &finding.place].map(Clone::clone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use boltseal_core::Severity;

    fn finding(place: &str, severity: Severity) -> Finding {
        Finding {
            id: "CVE-1".to_owned(),
            package: "zlib".to_owned(),
            version: "1".to_owned(),
            place: place.to_owned(),
            severity,
            fixed_in: None,
        }
    }

    #[test]
    fn exact_duplicates_count_once_with_the_worst_severity() {
        let mut rows = Rows::default();
        rows.open(finding("a", Severity::Low));
        rows.open(finding("a", Severity::High));
        rows.open(finding("a", Severity::Medium));
        rows.open(finding("b", Severity::Low));
        assert_eq!(rows.raw().total(), 4);
        let (open, suppressed) = rows.finish();
        assert_eq!(open, [finding("a", Severity::High), finding("b", Severity::Low)]);
        assert_eq!(suppressed, []);
    }

    #[test]
    fn open_beats_suppressed() {
        let mut rows = Rows::default();
        rows.suppressed(finding("a", Severity::High));
        rows.open(finding("a", Severity::High));
        rows.suppressed(finding("b", Severity::High));
        let (open, suppressed) = rows.finish();
        assert_eq!(open, [finding("a", Severity::High)]);
        assert_eq!(suppressed, [finding("b", Severity::High)]);
    }
}
