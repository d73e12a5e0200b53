use std::fmt;
use std::str::FromStr;

use crate::arn::{self, Arn};
use crate::policy::aws_principal;
use crate::who::Who;

/// A principal that may push: an ARN, an account id, an organisation id, a service or `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    who: Who,
    text: String,
}

impl Allowed {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it lets `who` push.
    pub(crate) fn covers(&self, who: &Who) -> bool {
        self.who.covers(who)
    }

    /// Whether it and `who` have anyone in common.
    pub(crate) fn meets(&self, who: &Who) -> bool {
        self.who.meet(who).is_some()
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A text that names no principal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an ARN, an account id, an organisation id, a service or *, found {found:?}")]
pub struct AllowedError {
    /// The text.
    pub found: String,
}

impl FromStr for Allowed {
    type Err = AllowedError;

    fn from_str(text: &str) -> Result<Self, AllowedError> {
        let named = if text == "*" {
            Some(Who::Everyone)
        } else if text.starts_with("o-") && text.len() > 2 {
            Some(Who::Organisation(text.to_owned()))
        } else if text.contains(".amazonaws.com") && !text.contains(':') {
            Some(Who::Service(text.to_owned()))
        } else if arn::is_account(text)
            || Arn::parse(text).is_some_and(|it| arn::is_account(it.account))
        {
            aws_principal(text)
        } else {
            None
        };
        let who = named.ok_or_else(|| AllowedError { found: text.to_owned() })?;
        Ok(Self { who, text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_and_what_they_cover() {
        let role = Who::Arn("arn:aws:iam::111122223333:role/ci".to_owned());
        for (text, covers) in [
            ("arn:aws:iam::111122223333:role/ci", true),
            ("arn:aws:iam::111122223333:role/c*", true),
            ("arn:aws:iam::111122223333:role/ci2", false),
            ("111122223333", true),
            ("arn:aws:iam::111122223333:root", true),
            ("999999999999", false),
            ("*", true),
            ("o-abc", false),
            ("codebuild.amazonaws.com", false),
        ] {
            let allowed: Allowed = text.parse().unwrap();
            assert_eq!(allowed.covers(&role), covers, "{text}");
        }
        for text in ["", "ci", "role/ci", "11112222333", "arn:aws:iam::*:role/ci"] {
            assert!(text.parse::<Allowed>().is_err(), "{text}");
        }
    }
}
