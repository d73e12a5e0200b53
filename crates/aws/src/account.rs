use std::fmt;
use std::str::FromStr;

/// The id of an account: twelve digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(String);

impl AccountId {
    /// The twelve digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for AccountId {
    type Err = AccountIdError;

    fn from_str(text: &str) -> Result<Self, AccountIdError> {
        if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(AccountIdError { found: text.chars().take(40).collect() })
        }
    }
}

/// A text that is no account id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an account id of 12 digits, found {found:?}")]
pub struct AccountIdError {
    /// The text, cut at 40 characters.
    pub found: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_twelve_digits() {
        assert_eq!("111122223333".parse::<AccountId>().unwrap().as_str(), "111122223333");
        for bad in ["", "11112222333", "1111222233334", "11112222333x", "١١١٢٢٢٣٣٣٤٤٤"]
        {
            assert!(bad.parse::<AccountId>().is_err(), "{bad}");
        }
    }
}
