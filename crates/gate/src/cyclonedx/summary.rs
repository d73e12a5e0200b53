//! The summary that Inspector's `ScanSbom` puts into `metadata.properties`.

use boltseal_core::{Counts, Severity};

use super::rating;
use crate::ReportProblem;
use crate::node::Node;

type Read<T> = Result<T, ReportProblem>;

const PREFIX: &str = "amazon:inspector:sbom_scanner:";
const SUFFIX: &str = "_vulnerabilities";

/// What Inspector counts: everything else goes to `other`.
const COUNTED: [Severity; 4] =
    [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];

/// Whose ratings Inspector counts, besides those of a vulnerability's own source. A rating by the
/// distribution is shown, but not counted.
const RATED_BY: [&str; 2] = ["NVD", "AMAZON_INSPECTOR"];

/// Whether the summary is there.
pub(super) fn is_there(metadata: Option<&Node<'_>>) -> Read<bool> {
    Ok(!read(metadata)?.is_empty())
}

/// Compares the summary, if there is one, with the rows: by severity as Inspector itself rates
/// them, and in total.
pub(super) fn check(metadata: Option<&Node<'_>>, entries: &[Node<'_>]) -> Read<()> {
    let summary = read(metadata)?;
    if summary.is_empty() {
        return Ok(());
    }
    let rows = rated(entries)?;
    let at = "metadata.properties";
    for line in &summary {
        let severity = COUNTED.into_iter().find(|it| it.name() == line.label);
        if let Some(severity) = severity.filter(|it| line.count > rows.of(*it)) {
            return Err(ReportProblem::SummaryContradicts {
                at: at.to_owned(),
                severity,
                summary: line.count,
                rows: rows.of(severity),
            });
        }
    }
    let total = summary.iter().fold(0, |sum: u64, it| sum.saturating_add(it.count));
    let there = entries.len() as u64;
    if total > there {
        return Err(ReportProblem::TotalContradicts {
            at: at.to_owned(),
            summary: total,
            rows: there,
        });
    }
    Ok(())
}

/// One line of the summary.
struct Line<'a> {
    label: &'a str,
    count: u64,
}

fn read<'a>(metadata: Option<&Node<'a>>) -> Read<Vec<Line<'a>>> {
    let mut lines = Vec::new();
    let Some(metadata) = metadata else {
        return Ok(lines);
    };
    for property in metadata.rows("properties")? {
        let name = property.text("name")?.unwrap_or_default();
        let label = name.strip_prefix(PREFIX).and_then(|it| it.strip_suffix(SUFFIX));
        if let Some(label) = label {
            let count = property.count("value")?;
            let count = count.ok_or_else(|| property.wrong("value", "a whole number"))?;
            lines.push(Line { label, count });
        }
    }
    Ok(lines)
}

/// The entries by the ratings that Inspector counts; of several the highest.
fn rated(entries: &[Node<'_>]) -> Read<Counts> {
    let mut counts = Counts::default();
    for entry in entries {
        let own = rating::source(entry)?;
        let mut worst = None;
        for rating in entry.rows("ratings")? {
            let by = rating::source(&rating)?;
            let is_counted =
                by.is_some_and(|it| RATED_BY.contains(&it)) || (by.is_some() && by == own);
            if let (true, Some(found)) = (is_counted, rating::of_rating(&rating, "")?) {
                worst = Some(rating::worse(worst, found));
            }
        }
        counts.add(worst.unwrap_or(Severity::Unknown));
    }
    Ok(counts)
}
