use serde_json::Value;

use super::PolicyError;
use super::error::strings;
use crate::arn::{self, Arn};
use crate::pattern;
use crate::who::Who;

/// The principals of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Principals {
    /// Whoever the policy is attached to.
    Bearer,
    /// These.
    In(Vec<Who>),
    /// All but these.
    NotIn(Vec<Who>),
}

impl Principals {
    pub(super) fn parse(at: &str, value: &Value, negated: bool) -> Result<Self, PolicyError> {
        let who = match value {
            Value::String(text) if text == "*" => vec![Who::Everyone],
            Value::Object(members) => {
                let mut all = Vec::new();
                for (kind, value) in members {
                    let at = format!("{at}.{kind}");
                    for text in strings(&at, value)? {
                        all.push(one(&at, kind, &text)?);
                    }
                }
                all
            }
            other => return Err(PolicyError::value(at, "* or an object", other)),
        };
        Ok(if negated { Self::NotIn(who) } else { Self::In(who) })
    }
}

fn one(at: &str, kind: &str, text: &str) -> Result<Who, PolicyError> {
    match kind {
        "AWS" => aws(text)
            .ok_or_else(|| PolicyError::new(at, "*, an account, an ARN or a unique id", text)),
        "CanonicalUser" => Ok(Who::CanonicalUser(text.to_owned())),
        "Federated" => Ok(Who::Federated(text.to_owned())),
        "Service" => Ok(Who::Service(text.to_owned())),
        _ => Err(PolicyError::new(at, "AWS, CanonicalUser, Federated or Service", kind)),
    }
}

/// An ARN that leaves the account open names a principal of any account: anyone can make one.
pub(crate) fn aws(text: &str) -> Option<Who> {
    if pattern::is_all_wild(text) {
        return Some(Who::Everyone);
    }
    if arn::is_account(text) {
        return Some(Who::Account(text.to_owned()));
    }
    if let Some(arn) = Arn::parse(text) {
        return Some(match arn {
            Arn { account, .. } if pattern::is_wild(account) => Who::Everyone,
            Arn { account, resource: "root", .. } => Who::Account(account.to_owned()),
            _ => Who::Arn(text.to_owned()),
        });
    }
    let is_id =
        text.len() >= 16 && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    (is_id && text.starts_with('A')).then(|| Who::UniqueId(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_everyone_is_everyone() {
        for text in ["*", "arn:aws:iam::*:root", "arn:aws:iam::*:role/ci", "arn:*:iam::*:*"] {
            assert_eq!(aws(text), Some(Who::Everyone), "{text}");
        }
    }

    #[test]
    fn the_root_is_the_account() {
        let account = Some(Who::Account("111122223333".to_owned()));
        assert_eq!(aws("111122223333"), account);
        assert_eq!(aws("arn:aws:iam::111122223333:root"), account);
        let role = "arn:aws:iam::111122223333:role/ci";
        assert_eq!(aws(role), Some(Who::Arn(role.to_owned())));
        let gone = "AROAEXAMPLEEXAMPLE123";
        assert_eq!(aws(gone), Some(Who::UniqueId(gone.to_owned())));
        assert_eq!((aws("ci"), aws("")), (None, None));
    }
}
