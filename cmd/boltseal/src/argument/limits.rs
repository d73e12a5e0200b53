use boltseal_core::Severity;
use boltseal_gate::Limit;
use clap::Args;
use serde::{Deserialize, Serialize};

/// How many findings of each severity are allowed, where it is said: as flags, in `[gate]` of
/// boltseal.toml and in `[gate]` of a policy.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[command(next_help_heading = "Gate")]
#[expect(clippy::struct_field_names, reason = "the names of the flags and of the keys")]
pub(crate) struct Limits {
    /// Critical findings that are allowed; 0 unless said otherwise.
    #[arg(long, value_name = "N|unlimited")]
    max_critical: Option<Limit>,

    /// High findings that are allowed; 0 unless said otherwise.
    #[arg(long, value_name = "N|unlimited")]
    max_high: Option<Limit>,

    /// Medium findings that are allowed; unlimited unless said otherwise.
    #[arg(long, value_name = "N|unlimited")]
    max_medium: Option<Limit>,

    /// Low findings that are allowed; unlimited unless said otherwise.
    #[arg(long, value_name = "N|unlimited")]
    max_low: Option<Limit>,

    /// Informational findings that are allowed; unlimited unless said otherwise.
    #[arg(long, value_name = "N|unlimited")]
    max_informational: Option<Limit>,

    /// Findings without a severity that are allowed; unlimited unless said otherwise.
    #[arg(long, value_name = "N|unlimited")]
    max_unknown: Option<Limit>,
}

impl Limits {
    /// The keys, as a file has them.
    pub(crate) const KEYS: [&str; 6] =
        ["max_critical", "max_high", "max_medium", "max_low", "max_informational", "max_unknown"];

    /// The limit for `severity`, where one is set.
    pub(crate) const fn of(&self, severity: Severity) -> Option<Limit> {
        match severity {
            Severity::Critical => self.max_critical,
            Severity::High => self.max_high,
            Severity::Medium => self.max_medium,
            Severity::Low => self.max_low,
            Severity::Informational => self.max_informational,
            Severity::Unknown => self.max_unknown,
        }
    }
}

#[cfg(test)]
impl Limits {
    /// Limits for these severities only.
    pub(crate) fn only(limits: &[(Severity, Limit)]) -> Self {
        let mut all = Self::default();
        for (severity, limit) in limits {
            *match severity {
                Severity::Critical => &mut all.max_critical,
                Severity::High => &mut all.max_high,
                Severity::Medium => &mut all.max_medium,
                Severity::Low => &mut all.max_low,
                Severity::Informational => &mut all.max_informational,
                Severity::Unknown => &mut all.max_unknown,
            } = Some(*limit);
        }
        all
    }
}
