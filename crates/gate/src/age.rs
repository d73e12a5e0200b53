use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

const UNLIMITED: &str = "unlimited";
const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// How old a scan may be. Written as a whole number with `d`, `h`, `m` or `s`, or `unlimited`;
/// shown in the largest unit that is exact, so that equal ages are equal text.
///
/// ```
/// use boltseal_gate::MaxAge;
/// assert_eq!("168h".parse::<MaxAge>().unwrap().to_string(), "7d");
/// assert_eq!(MaxAge::default().to_string(), "7d");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MaxAge {
    /// At most this many seconds.
    Seconds(u64),
    /// Any age, known or not.
    Unlimited,
}

impl Default for MaxAge {
    fn default() -> Self {
        Self::Seconds(7 * 86_400)
    }
}

impl fmt::Display for MaxAge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Seconds(seconds) = *self else {
            return f.write_str(UNLIMITED);
        };
        let exact = |unit: &&(char, u64)| seconds > 0 && seconds.is_multiple_of(unit.1);
        match UNITS.iter().find(exact) {
            Some((letter, unit)) => write!(f, "{}{letter}", seconds / unit),
            None => f.write_str("0s"),
        }
    }
}

impl FromStr for MaxAge {
    type Err = MaxAgeError;

    fn from_str(text: &str) -> Result<Self, MaxAgeError> {
        if text == UNLIMITED {
            return Ok(Self::Unlimited);
        }
        let refuse = || MaxAgeError { found: text.chars().take(80).collect() };
        let letter = text.chars().next_back().ok_or_else(refuse)?;
        let (_, unit) = UNITS.iter().find(|(it, _)| *it == letter).ok_or_else(refuse)?;
        let number = &text[..text.len() - 1];
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(refuse());
        }
        let number: u64 = number.parse().map_err(|_| refuse())?;
        number.checked_mul(*unit).map(Self::Seconds).ok_or_else(refuse)
    }
}

impl<'de> Deserialize<'de> for MaxAge {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for MaxAge {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A text that is no maximum age.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an age such as 7d, 12h or 30m, or \"unlimited\", found {found:?}")]
pub struct MaxAgeError {
    /// The text, cut at 80 characters.
    pub found: String,
}

/// A number of seconds as people say it: the two largest units that are not zero.
pub(crate) fn spoken(seconds: u64) -> String {
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (letter, unit) in UNITS {
        if rest >= unit {
            parts.push(format!("{}{letter}", rest / unit));
            rest %= unit;
        }
    }
    parts.truncate(2);
    if parts.is_empty() { "0s".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_the_units_and_refuses_the_rest() {
        let seconds = |text: &str| text.parse::<MaxAge>();
        assert_eq!(seconds("7d"), Ok(MaxAge::Seconds(604_800)));
        assert_eq!(seconds("12h"), Ok(MaxAge::Seconds(43_200)));
        assert_eq!(seconds("30m"), Ok(MaxAge::Seconds(1_800)));
        assert_eq!(seconds("unlimited"), Ok(MaxAge::Unlimited));
        for bad in
            ["", "7", "d", "-7d", "+7d", "7 d", "1.5h", "7w", "7D", "7é", "999999999999999999999d"]
        {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn speaks_in_two_units() {
        assert_eq!(spoken(0), "0s");
        assert_eq!(spoken(3 * 86_400 + 2 * 3_600 + 59), "3d 2h");
        assert_eq!(spoken(61), "1m 1s");
    }

    proptest! {
        #[test]
        fn never_panics_and_round_trips(text in "[0-9]{0,6}[dhmsx]?|.{0,6}") {
            if let Ok(age) = text.parse::<MaxAge>() {
                prop_assert_eq!(age.to_string().parse::<MaxAge>(), Ok(age));
            }
        }
    }
}
