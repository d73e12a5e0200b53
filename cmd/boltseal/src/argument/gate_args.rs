use std::path::{Path, PathBuf};

use boltseal_core::Severity;
use boltseal_gate::{MaxAge, Thresholds};
use clap::Args;

use super::Limits;
use crate::config::GateSection;

/// What the gate allows. Each flag overrides what the configuration file says.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Gate")]
pub(crate) struct GateArgs {
    #[command(flatten)]
    limits: Limits,

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
            if let Some(limit) = self.limits.of(severity).or(section.limits.of(severity)) {
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
}

#[cfg(test)]
mod tests {
    use boltseal_gate::Limit;

    use super::*;

    #[test]
    fn flags_come_before_the_configuration_and_that_before_the_defaults() {
        let limits = Limits::only(&[(Severity::High, Limit::AtMost(5))]);
        let args = GateArgs { limits, ..GateArgs::default() };
        let set = [(Severity::High, Limit::AtMost(9)), (Severity::Low, Limit::AtMost(3))];
        let section = GateSection { limits: Limits::only(&set), ..GateSection::default() };
        let thresholds = args.thresholds(&section);
        assert_eq!(thresholds.critical, Limit::AtMost(0));
        assert_eq!(thresholds.high, Limit::AtMost(5));
        assert_eq!(thresholds.low, Limit::AtMost(3));
        assert_eq!(thresholds.medium, Limit::Unlimited);
        assert_eq!(args.max_age(&section).to_string(), "7d");
    }
}
