use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// What a token of an identity provider says. Never the token itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    issuer: String,
    /// By name, in lower case, for case does not count in condition keys.
    values: BTreeMap<String, Vec<String>>,
    /// Whether claims that are not listed are absent, or not known.
    is_complete: bool,
}

/// What is known of a claim.
pub(crate) enum Claim<'a> {
    Absent,
    Values(&'a [String]),
    Unknown,
}

impl Claims {
    /// The claims of a decoded token: strings, numbers, truth values and lists of them.
    pub fn of_token(token: &Map<String, Value>) -> Self {
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
            _ => None,
        };
        let values = |value: &Value| match value {
            Value::Array(items) => items.iter().filter_map(text).collect(),
            one => text(one).into_iter().collect::<Vec<_>>(),
        };
        let issuer = token.get("iss").and_then(Value::as_str).unwrap_or_default().to_owned();
        let values = token.iter().map(|(name, value)| (name.to_ascii_lowercase(), values(value)));
        Self { issuer, values: values.collect(), is_complete: true }
    }

    /// Claims made up to try a policy with: those that are not given are not known.
    pub(crate) fn made_up(issuer: &str, given: &[(&str, &str)]) -> Self {
        let values = given
            .iter()
            .map(|(name, value)| ((*name).to_ascii_lowercase(), vec![(*value).to_owned()]));
        Self { issuer: issuer.to_owned(), values: values.collect(), is_complete: false }
    }

    /// The issuer as AWS names its provider and the keys of conditions: without `https://`, in
    /// lower case.
    pub(crate) fn provider(&self) -> String {
        let issuer = self.issuer.strip_prefix("https://").unwrap_or(&self.issuer);
        issuer.trim_end_matches('/').to_ascii_lowercase()
    }

    /// The claim that the condition key `key`, in lower case, is about.
    pub(crate) fn of_key(&self, key: &str) -> Option<Claim<'_>> {
        let (provider, name) = key.rsplit_once(':')?;
        if matches!(provider, "aws" | "sts") {
            return None;
        }
        if provider != self.provider() {
            return Some(Claim::Absent);
        }
        Some(match self.values.get(name) {
            Some(values) if !values.is_empty() => Claim::Values(values),
            Some(_) => Claim::Absent,
            None if self.is_complete => Claim::Absent,
            None => Claim::Unknown,
        })
    }
}
