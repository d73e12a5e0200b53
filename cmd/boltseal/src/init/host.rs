use std::fmt;
use std::str::FromStr;

use super::Malformed;

/// A host of a CI system, with its port where it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Host(String);

impl Host {
    /// As it was written, in small letters.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Host {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let (name, port) = text.split_once(':').unwrap_or((text, "443"));
        let is_label = |label: &str| {
            !label.is_empty()
                && !label.starts_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let is_good = text.len() <= 253
            && name.split('.').all(is_label)
            && port.parse::<u16>().is_ok_and(|it| it > 0);
        if is_good {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(Malformed::new("a host such as github.com", text))
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
