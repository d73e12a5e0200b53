use std::fmt;

use serde_json::Value;

use super::PolicyError;
use super::error::bounded;
use super::operator::Operator;
use super::test::{Kind, SetTest, Test};

/// One operator on one key. All conditions of a statement must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    /// In lower case, for case does not count in keys.
    pub(crate) key: String,
    written: String,
    pub(crate) test: Test,
}

impl Condition {
    /// A condition from its parts; none where the operator is not known.
    #[cfg(test)]
    pub(crate) fn new(operator: &str, key: &str, values: &[&str]) -> Option<Self> {
        let values = values.iter().map(ToString::to_string).collect();
        Self::of(Operator::parse(operator)?, key, values)
    }

    /// That the principal is of an organisation.
    pub(crate) fn of_organisation(id: &str) -> Self {
        let test = Test {
            kind: Kind::Text,
            values: vec![id.to_owned()],
            negated: false,
            if_absent: false,
            set: SetTest::Single,
        };
        let written = "aws:PrincipalOrgID".to_owned();
        Self { key: written.to_ascii_lowercase(), written, test }
    }

    /// None where it always holds, as `Null` with both values does.
    fn of(operator: Operator, key: &str, values: Vec<String>) -> Option<Self> {
        let Operator { set, kind, mut negated, if_exists } = operator;
        let if_absent = if_exists
            || match set {
                SetTest::Single => negated,
                SetTest::Any => false,
                SetTest::All => true,
            };
        let mut values = values;
        if kind == Kind::Absent {
            let wanted = |text: &str| values.iter().any(|it| it.eq_ignore_ascii_case(text));
            if wanted("true") && wanted("false") {
                return None;
            }
            negated = wanted("false");
            values.clear();
        }
        let test = Test { kind, values, negated, if_absent, set };
        Some(Self { key: key.to_ascii_lowercase(), written: key.to_owned(), test })
    }

    /// The condition that holds exactly where this one does not.
    pub(crate) fn complement(&self) -> Self {
        Self { test: self.test.complement(), ..self.clone() }
    }

    /// The same about these values alone.
    pub(crate) fn with_values(&self, values: Vec<String>) -> Self {
        Self { test: Test { values, ..self.test.clone() }, ..self.clone() }
    }

    /// The key as it was written.
    pub(crate) fn written(&self) -> &str {
        &self.written
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.test.kind == Kind::Absent {
            return write!(f, "{} {}", self.written, self.test);
        }
        write!(f, "{} {} {}", self.test, self.written, self.test.values.join(", "))
    }
}

/// The conditions of a statement.
pub(super) fn conditions(at: &str, value: &Value) -> Result<Vec<Condition>, PolicyError> {
    let Value::Object(operators) = value else {
        return Err(PolicyError::value(at, "an object", value));
    };
    let mut all = Vec::new();
    for (name, keys) in operators {
        let operator = Operator::parse(name)
            .ok_or_else(|| PolicyError::new(at, "a condition operator of IAM", name))?;
        let Value::Object(keys) = keys else {
            return Err(PolicyError::value(format!("{at}.{name}"), "an object", keys));
        };
        for (key, value) in keys {
            let at = format!("{at}.{name}.{key}");
            let values = values(&at, value)?;
            all.extend(Condition::of(operator, &bounded(&at, key)?, values));
        }
    }
    Ok(all)
}

/// Strings; IAM takes `true` and `7` for `"true"` and `"7"`.
fn values(at: &str, value: &Value) -> Result<Vec<String>, PolicyError> {
    let one = |value: &Value| match value {
        Value::String(text) => bounded(at, text),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        other => Err(PolicyError::value(at, "a string or a list of strings", other)),
    };
    match value {
        Value::Array(items) => items.iter().map(one).collect(),
        other => Ok(vec![one(other)?]),
    }
}
