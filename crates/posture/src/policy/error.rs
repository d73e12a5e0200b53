use serde_json::Value;

use crate::shown::shown;

/// A policy that cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} at {at}, found {found}")]
pub struct PolicyError {
    /// Where in the policy: `Statement[1].Principal.AWS`, or a line and a column.
    pub at: String,
    /// What was expected there.
    pub expected: &'static str,
    /// What was found.
    pub found: String,
}

impl PolicyError {
    pub(crate) fn new(at: impl Into<String>, expected: &'static str, found: &str) -> Self {
        Self { at: at.into(), expected, found: shown(found) }
    }

    pub(crate) fn value(at: impl Into<String>, expected: &'static str, found: &Value) -> Self {
        Self::new(at, expected, &found.to_string())
    }

    pub(crate) fn absent(at: impl Into<String>, expected: &'static str) -> Self {
        Self::new(at, expected, "nothing")
    }
}

/// A string, or a list of strings, as almost every member of a policy may be.
pub(super) fn strings(at: &str, value: &Value) -> Result<Vec<String>, PolicyError> {
    match value {
        Value::String(text) => Ok(vec![bounded(at, text)?]),
        Value::Array(items) => {
            let item = |(index, item): (usize, &Value)| match item {
                Value::String(text) => bounded(at, text),
                other => Err(PolicyError::value(format!("{at}[{index}]"), "a string", other)),
            };
            items.iter().enumerate().map(item).collect()
        }
        other => Err(PolicyError::value(at, "a string or a list of strings", other)),
    }
}

/// The longest string of a policy, in bytes. AWS stores none that is longer.
const LONGEST: usize = 4096;

pub(super) fn bounded(at: &str, text: &str) -> Result<String, PolicyError> {
    if text.len() > LONGEST {
        let found = format!("one of {} bytes", text.len());
        return Err(PolicyError::new(at, "a string of at most 4096 bytes", &found));
    }
    Ok(text.to_owned())
}
