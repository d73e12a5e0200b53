use std::fmt;
use std::str::FromStr;

use boltseal_core::{Counts, Severity};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const UNLIMITED: &str = "unlimited";

/// How many findings of one severity are allowed. Written `N` or `unlimited`.
///
/// ```
/// use boltseal_gate::Limit;
/// assert_eq!("3".parse(), Ok(Limit::AtMost(3)));
/// assert_eq!("unlimited".parse(), Ok(Limit::Unlimited));
/// assert!("-1".parse::<Limit>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// This many, and not one more.
    AtMost(u64),
    /// Any number.
    Unlimited,
}

impl Limit {
    /// Whether `count` findings are allowed.
    pub const fn allows(self, count: u64) -> bool {
        match self {
            Self::AtMost(most) => count <= most,
            Self::Unlimited => true,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(most) => write!(f, "{most}"),
            Self::Unlimited => f.write_str(UNLIMITED),
        }
    }
}

impl FromStr for Limit {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        if text == UNLIMITED {
            return Ok(Self::Unlimited);
        }
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.then(|| text.parse().ok()).flatten();
        number
            .map(Self::AtMost)
            .ok_or_else(|| LimitError { found: text.chars().take(80).collect() })
    }
}

impl Serialize for Limit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::AtMost(most) => serializer.serialize_u64(*most),
            Self::Unlimited => serializer.serialize_str(UNLIMITED),
        }
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a number of findings or \"unlimited\"")]
        enum Written {
            Number(u64),
            Word(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(most) => Ok(Self::AtMost(most)),
            Written::Word(word) if word == UNLIMITED => Ok(Self::Unlimited),
            Written::Word(word) => Err(serde::de::Error::custom(LimitError { found: word })),
        }
    }
}

/// A text that is no limit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a number of findings or \"unlimited\", found {found:?}")]
pub struct LimitError {
    /// The text, cut at 80 characters.
    pub found: String,
}

/// The limit of each severity. By default no critical and no high finding is allowed, and any
/// number of the others. Its JSON is `{"critical": 0, ..., "medium": "unlimited", ...}`; a
/// severity that is left out keeps its default, and any other key is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// Critical findings.
    pub critical: Limit,
    /// High findings.
    pub high: Limit,
    /// Medium findings.
    pub medium: Limit,
    /// Low findings.
    pub low: Limit,
    /// Informational findings.
    pub informational: Limit,
    /// Findings without a severity.
    pub unknown: Limit,
}

impl Thresholds {
    /// The limit for `severity`.
    pub const fn of(&self, severity: Severity) -> Limit {
        match severity {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
            Severity::Informational => self.informational,
            Severity::Unknown => self.unknown,
        }
    }

    /// Sets the limit for `severity`.
    pub const fn set(&mut self, severity: Severity, limit: Limit) {
        *match severity {
            Severity::Critical => &mut self.critical,
            Severity::High => &mut self.high,
            Severity::Medium => &mut self.medium,
            Severity::Low => &mut self.low,
            Severity::Informational => &mut self.informational,
            Severity::Unknown => &mut self.unknown,
        } = limit;
    }

    /// The severities of which `counts` has more than allowed, worst first.
    pub fn exceeded(&self, counts: &Counts) -> Vec<Severity> {
        let over = |severity: &Severity| !self.of(*severity).allows(counts.of(*severity));
        Severity::ALL.into_iter().filter(over).collect()
    }
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            critical: Limit::AtMost(0),
            high: Limit::AtMost(0),
            medium: Limit::Unlimited,
            low: Limit::Unlimited,
            informational: Limit::Unlimited,
            unknown: Limit::Unlimited,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for text in ["0", "17", "unlimited"] {
            assert_eq!(text.parse::<Limit>().unwrap().to_string(), text);
        }
        for text in ["", "-1", "+1", "1.5", "none", "Unlimited", "99999999999999999999"] {
            let error = text.parse::<Limit>().unwrap_err();
            assert!(error.to_string().contains("unlimited"), "{text}");
        }
    }

    #[test]
    fn the_default_allows_no_critical_and_no_high() {
        let thresholds = Thresholds::default();
        let one_each = Severity::ALL.into_iter().collect::<Counts>();
        assert_eq!(thresholds.exceeded(&one_each), [Severity::Critical, Severity::High]);
        assert_eq!(thresholds.exceeded(&Counts::default()), []);
    }

    #[test]
    fn a_limit_is_met_by_as_many_and_exceeded_by_one_more() {
        for severity in Severity::ALL {
            let mut thresholds = Thresholds::default();
            thresholds.set(severity, Limit::AtMost(2));
            let counts = [severity, severity].into_iter().collect::<Counts>();
            assert_eq!(thresholds.exceeded(&counts), []);
            let counts = [severity; 3].into_iter().collect::<Counts>();
            assert_eq!(thresholds.exceeded(&counts), [severity]);
        }
    }

    #[test]
    fn json_has_numbers_and_the_word() {
        let json = serde_json::to_string(&Thresholds::default()).unwrap();
        assert_eq!(
            json,
            r#"{"critical":0,"high":0,"medium":"unlimited","low":"unlimited","informational":"unlimited","unknown":"unlimited"}"#
        );
        assert_eq!(serde_json::from_str::<Thresholds>(&json).unwrap(), Thresholds::default());
        let strict: Thresholds = toml::from_str("medium = 3\nhigh = \"unlimited\"").unwrap();
        assert_eq!((strict.medium, strict.high), (Limit::AtMost(3), Limit::Unlimited));
        assert!(toml::from_str::<Thresholds>("hihg = 3").is_err());
        assert!(toml::from_str::<Thresholds>("high = \"many\"").is_err());
    }
}
