use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use super::authority::Question;
use super::principal::Naming;
use super::statement::{Effect, Statement};

/// What a policy hangs on, which decides what its statements must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A role, or a session: resources, no principals.
    Identity,
    /// A key, or the registry: principals and resources.
    Resource,
    /// A repository: principals, no resources.
    Repository,
    /// A role's trust: principals, no resources.
    Trust,
}

/// A policy that IAM would take.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    statements: Vec<Statement>,
}

/// A policy that IAM would not take, or that this evaluator does not understand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MalformedPolicy(String);

impl fmt::Display for MalformedPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a policy of IAM was expected: {}", self.0)
    }
}

impl std::error::Error for MalformedPolicy {}

impl From<String> for MalformedPolicy {
    fn from(why: String) -> Self {
        Self(why)
    }
}

impl Policy {
    /// Reads a policy document.
    pub(crate) fn read(text: &str, kind: Kind) -> Result<Self, MalformedPolicy> {
        let document: Value = serde_json::from_str(text)
            .map_err(|error| MalformedPolicy(format!("it is not JSON: {error}")))?;
        Self::of(&document, kind)
    }

    /// Reads a policy that is JSON already.
    pub(crate) fn of(document: &Value, kind: Kind) -> Result<Self, MalformedPolicy> {
        let wrong = |why: &str| MalformedPolicy(why.to_owned());
        let members = document.as_object().ok_or_else(|| wrong("it is no object"))?;
        for (name, value) in members {
            match name.as_str() {
                "Version" if value == "2012-10-17" || value == "2008-10-17" => {}
                "Id" | "Statement" => {}
                _ => return Err(MalformedPolicy(format!("{name}: {value} is not expected"))),
            }
        }
        let statements = match members.get("Statement") {
            Some(Value::Array(list)) if !list.is_empty() => list.iter().collect(),
            Some(one @ Value::Object(_)) => vec![one],
            _ => return Err(wrong("it has no statement")),
        };
        let read = |value: &Value| Statement::read(value, kind);
        let statements: Vec<_> = statements.into_iter().map(read).collect::<Result<_, _>>()?;
        let mut sids = BTreeSet::new();
        for sid in statements.iter().filter_map(|it| it.sid.as_ref()) {
            let is_plain = sid.chars().all(|it| it.is_ascii_alphanumeric());
            if (kind == Kind::Identity && !is_plain) || !sids.insert(sid.clone()) {
                return Err(MalformedPolicy(format!("the Sid {sid} is taken or not plain")));
            }
        }
        Ok(Self { statements })
    }

    pub(super) fn denies(&self, question: &Question<'_>) -> bool {
        self.applying(question, Effect::Deny).next().is_some()
    }

    /// The closest way in which the caller is named by a statement that allows this.
    pub(super) fn allows(&self, question: &Question<'_>) -> Option<Naming> {
        self.applying(question, Effect::Allow).max()
    }

    fn applying<'a>(
        &'a self,
        question: &'a Question<'_>,
        effect: Effect,
    ) -> impl Iterator<Item = Naming> + 'a {
        let fitting = self.statements.iter().filter(move |it| it.effect == effect);
        fitting.filter_map(|it| it.applies(question))
    }
}

impl Kind {
    pub(super) fn check(
        self,
        resources: Option<&Vec<String>>,
        has_principals: bool,
    ) -> Result<(), String> {
        let (needs_resources, needs_principals) = match self {
            Self::Identity => (true, false),
            Self::Resource => (true, true),
            Self::Repository | Self::Trust => (false, true),
        };
        if needs_resources != resources.is_some() {
            return Err(format!("Resource belongs into a policy of kind {self:?} or not"));
        }
        if needs_principals != has_principals {
            return Err(format!("Principal belongs into a policy of kind {self:?} or not"));
        }
        let is_arn =
            |it: &&String| *it == "*" || (it.starts_with("arn:") && it.split(':').count() >= 6);
        match resources.into_iter().flatten().find(|it| !is_arn(it)) {
            Some(odd) => Err(format!("{odd} is no resource")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn with(statement: &Value) -> Value {
        json!({"Version": "2012-10-17", "Statement": [statement]})
    }

    #[test]
    fn what_iam_refuses_is_malformed() {
        let good = json!({"Effect": "Allow", "Action": "ecr:PutImage", "Resource": "*"});
        assert!(Policy::of(&with(&good), Kind::Identity).is_ok());
        for (name, value) in [
            ("Effect", json!("allow")),
            ("Action", json!("PutImage")),
            ("Action", json!([])),
            ("Action", Value::Null),
            ("Resource", json!("repository/app")),
            ("NotResource", json!("*")),
            ("Principal", json!("*")),
            ("Sid", json!("a b")),
            ("Conditions", json!({})),
            ("Condition", json!({"StringStarts": {"a": "b"}})),
        ] {
            let mut bad = good.clone();
            bad[name] = value;
            assert!(Policy::of(&with(&bad), Kind::Identity).is_err(), "{bad}");
        }
        let twice = json!({"Statement": [
            {"Sid": "A", "Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Sid": "A", "Effect": "Allow", "Action": "*", "Resource": "*"},
        ]});
        for document in [twice, json!({"Version": "2026-01-01"}), json!([]), json!({})] {
            assert!(Policy::of(&document, Kind::Identity).is_err(), "{document}");
        }
        assert!(Policy::of(&with(&good), Kind::Trust).is_err());
        assert!(Policy::of(&with(&good), Kind::Resource).is_err());
        assert!(Policy::read("{", Kind::Identity).is_err());
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,80}") {
            drop(Policy::read(&text, Kind::Resource));
        }
    }
}
