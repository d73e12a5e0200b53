//! Findings counted per severity.

use serde::{Deserialize, Serialize};

use crate::Severity;

/// One number for each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Critical findings.
    pub critical: u64,
    /// High findings.
    pub high: u64,
    /// Medium findings.
    pub medium: u64,
    /// Low findings.
    pub low: u64,
    /// Informational findings.
    pub informational: u64,
    /// Findings without a severity.
    pub unknown: u64,
}

impl Counts {
    /// The number for `severity`.
    pub const fn of(&self, severity: Severity) -> u64 {
        match severity {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
            Severity::Informational => self.informational,
            Severity::Unknown => self.unknown,
        }
    }

    /// Counts one more finding of `severity`.
    pub const fn add(&mut self, severity: Severity) {
        *self.of_mut(severity) += 1;
    }

    /// The number for `severity`, to be changed.
    pub const fn of_mut(&mut self, severity: Severity) -> &mut u64 {
        match severity {
            Severity::Critical => &mut self.critical,
            Severity::High => &mut self.high,
            Severity::Medium => &mut self.medium,
            Severity::Low => &mut self.low,
            Severity::Informational => &mut self.informational,
            Severity::Unknown => &mut self.unknown,
        }
    }

    /// The larger number of each severity: how several reports, or several platforms, add up.
    #[must_use]
    pub fn max(mut self, other: &Self) -> Self {
        for severity in Severity::ALL {
            let most = self.of(severity).max(other.of(severity));
            *self.of_mut(severity) = most;
        }
        self
    }

    /// Both together.
    #[must_use]
    pub fn plus(mut self, other: &Self) -> Self {
        for severity in Severity::ALL {
            *self.of_mut(severity) += other.of(severity);
        }
        self
    }

    /// All findings together.
    pub fn total(&self) -> u64 {
        Severity::ALL.iter().map(|severity| self.of(*severity)).sum()
    }
}

impl FromIterator<Severity> for Counts {
    fn from_iter<I: IntoIterator<Item = Severity>>(severities: I) -> Self {
        let mut counts = Self::default();
        severities.into_iter().for_each(|severity| counts.add(severity));
        counts
    }
}
