use std::path::{Path, PathBuf};

use boltseal_core::Severity;
use boltseal_gate::{Limit, MaxAge, Thresholds};
use clap::Args;

use crate::config::GateSection;

/// What the gate allows. Each flag overrides what the configuration file says.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Gate")]
pub(crate) struct GateArgs {
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

    /// How old a scan may be, such as 7d or 12h, or unlimited; 7d unless said otherwise.
    #[arg(long, value_name = "AGE")]
    max_scan_age: Option<MaxAge>,

    /// A TOML file of findings that somebody answers for, until a date.
    #[arg(long, value_name = "FILE")]
    waivers: Option<PathBuf>,
}

impl GateArgs {
    /// The thresholds: flags, then the configuration, then the defaults.
    pub(crate) fn thresholds(&self, section: &GateSection) -> Thresholds {
        let mut thresholds = Thresholds::default();
        for severity in Severity::ALL {
            if let Some(limit) = self.limit(severity).or_else(|| section.limit(severity)) {
                thresholds.set(severity, limit);
            }
        }
        thresholds
    }

    /// The age: flag, then configuration, then the default.
    pub(crate) fn max_age(&self, section: &GateSection) -> MaxAge {
        self.max_scan_age.or(section.max_scan_age).unwrap_or_default()
    }

    /// The file of waivers: flag, then configuration.
    pub(crate) fn waivers<'a>(&'a self, section: &'a GateSection) -> Option<&'a Path> {
        self.waivers.as_deref().or(section.waivers.as_deref())
    }

    const fn limit(&self, severity: Severity) -> Option<Limit> {
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
mod tests {
    use super::*;

    #[test]
    fn flags_come_before_the_configuration_and_that_before_the_defaults() {
        let args = GateArgs { max_high: Some(Limit::AtMost(5)), ..GateArgs::default() };
        let section = GateSection {
            max_high: Some(Limit::AtMost(9)),
            max_low: Some(Limit::AtMost(3)),
            ..GateSection::default()
        };
        let thresholds = args.thresholds(&section);
        assert_eq!(thresholds.critical, Limit::AtMost(0));
        assert_eq!(thresholds.high, Limit::AtMost(5));
        assert_eq!(thresholds.low, Limit::AtMost(3));
        assert_eq!(thresholds.medium, Limit::Unlimited);
        assert_eq!(args.max_age(&section).to_string(), "7d");
    }
}
