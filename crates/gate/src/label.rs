//! The words that scanners use for severities.

use boltseal_core::Severity;

use crate::ReportProblem;
use crate::node::Node;

/// The severity that a scanner's label means; an empty one is unrated. [`None`] for a label that
/// nobody knows.
pub(crate) fn severity(label: &str) -> Option<Severity> {
    Some(match label.to_ascii_lowercase().as_str() {
        "critical" => Severity::Critical,
        "high" => Severity::High,
        "medium" => Severity::Medium,
        "low" => Severity::Low,
        "informational" | "info" | "negligible" => Severity::Informational,
        "unknown" | "undefined" | "untriaged" | "" => Severity::Unknown,
        _ => return None,
    })
}

/// The severity in the member `key` of `row`, for the finding `id`.
pub(crate) fn severity_at(row: &Node<'_>, key: &str, id: &str) -> Result<Severity, ReportProblem> {
    let label = row.text(key)?.unwrap_or_default();
    severity(label).ok_or_else(|| unknown(label, id, row.at_member(key)))
}

/// The error for a label that nobody knows.
pub(crate) fn unknown(label: &str, id: &str, at: String) -> ReportProblem {
    ReportProblem::UnknownSeverity {
        label: label.chars().take(80).collect(),
        finding: id.to_owned(),
        at,
    }
}

/// The qualitative rating of a CVSS score (CVSS v3.1 specification, table 14; version 2 has no
/// critical: NVD's table). [`None`] outside 0 to 10.
pub(crate) fn of_score(score: f64, version: CvssVersion) -> Option<Severity> {
    if !(0.0..=10.0).contains(&score) {
        return None;
    }
    Some(match version {
        CvssVersion::Later if score >= 9.0 => Severity::Critical,
        CvssVersion::Later if score <= 0.0 => Severity::Informational,
        _ if score >= 7.0 => Severity::High,
        _ if score >= 4.0 => Severity::Medium,
        _ => Severity::Low,
    })
}

/// Which table of ratings a CVSS score is read with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CvssVersion {
    /// CVSS 2.
    Two,
    /// CVSS 3, 3.1 and 4.
    Later,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_every_scanners_words_and_no_others() {
        assert_eq!(severity("Negligible"), Some(Severity::Informational));
        for unrated in ["UNKNOWN", "Undefined", "UNTRIAGED", ""] {
            assert_eq!(severity(unrated), Some(Severity::Unknown), "{unrated}");
        }
        for own in Severity::ALL {
            assert_eq!(severity(&own.name().to_uppercase()), Some(own));
        }
        for odd in ["none", "moderate", "important", "9.8", " high"] {
            assert_eq!(severity(odd), None, "{odd}");
        }
    }

    #[test]
    fn scores_have_the_bands_of_their_version() {
        let later = |score| of_score(score, CvssVersion::Later);
        assert_eq!(later(9.0), Some(Severity::Critical));
        assert_eq!(later(8.9), Some(Severity::High));
        assert_eq!(later(6.9), Some(Severity::Medium));
        assert_eq!(later(3.9), Some(Severity::Low));
        assert_eq!(later(0.0), Some(Severity::Informational));
        assert_eq!(of_score(10.0, CvssVersion::Two), Some(Severity::High));
        assert_eq!((later(10.1), later(-0.1), later(f64::NAN)), (None, None, None));
    }
}
