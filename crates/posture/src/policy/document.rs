use boltseal_core::json;
use serde_json::{Map, Value};

use super::{PolicyError, Statement};

/// The largest policy that is read, in bytes; AWS stores at most 32 KiB.
const MAX_POLICY_BYTES: usize = 64 << 10;

/// Where a policy is attached, which decides what its statements must and must not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PolicyKind {
    /// To a user, group or role, or as a boundary: no principals.
    Identity,
    /// To a resource: principals.
    Resource,
    /// To a role, saying who may assume it: principals and no resources.
    Trust,
}

/// A policy.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct PolicyDocument {
    pub(crate) statements: Vec<Statement>,
}

impl PolicyDocument {
    /// Reads a policy that is JSON inside a string, as `policyText` is.
    pub(crate) fn parse_text(text: &str, kind: PolicyKind) -> Result<Self, PolicyError> {
        if text.len() > MAX_POLICY_BYTES {
            let found = format!("{} bytes", text.len());
            return Err(PolicyError::new("the policy", "at most 65536 bytes", &found));
        }
        let value = json::parse(text.as_bytes())
            .map_err(|error| PolicyError::new("the policy", "JSON", &error.message))?;
        Self::parse(&value, kind)
    }

    /// Reads a policy that is part of a document.
    pub(crate) fn parse(value: &Value, kind: PolicyKind) -> Result<Self, PolicyError> {
        let Value::Object(members) = value else {
            return Err(PolicyError::value("the policy", "an object", value));
        };
        for (name, value) in members {
            match name.as_str() {
                "Statement" => {}
                "Id" if value.is_string() => {}
                "Version" if matches!(value.as_str(), Some("2012-10-17" | "2008-10-17")) => {}
                "Version" => {
                    return Err(PolicyError::value("Version", "2012-10-17 or 2008-10-17", value));
                }
                _ => return Err(PolicyError::new("the policy", "Version, Id and Statement", name)),
            }
        }
        Ok(Self { statements: statements(members, kind)? })
    }
}

fn statements(
    members: &Map<String, Value>,
    kind: PolicyKind,
) -> Result<Vec<Statement>, PolicyError> {
    match members.get("Statement") {
        Some(Value::Array(items)) => {
            let parse = |(index, item)| Statement::parse(index, item, kind);
            items.iter().enumerate().map(parse).collect()
        }
        Some(one @ Value::Object(_)) => Ok(vec![Statement::parse(0, one, kind)?]),
        Some(other) => Err(PolicyError::value("Statement", "a list of statements", other)),
        None => Err(PolicyError::absent("Statement", "a list of statements")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn error(text: &str) -> PolicyError {
        PolicyDocument::parse_text(text, PolicyKind::Resource).unwrap_err()
    }

    #[test]
    fn one_statement_needs_no_list() {
        let text = r#"{"Version":"2012-10-17","Id":"x","Statement":
            {"Sid":"A","Effect":"Allow","Principal":"*","Action":"ecr:*"}}"#;
        let policy = PolicyDocument::parse_text(text, PolicyKind::Resource).unwrap();
        assert_eq!(policy.statements.len(), 1);
        assert_eq!(policy.statements[0].name(), "A");
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        let statement = |members: &str| format!(r#"{{"Statement":[{{{members}}}]}}"#);
        let good = r#""Effect":"Allow","Action":"ecr:*""#;
        for (text, at, found) in [
            ("{".to_owned(), "the policy", "EOF"),
            ("[]".to_owned(), "the policy", "[]"),
            (r#"{"Statement":[],"Statement":[]}"#.to_owned(), "the policy", "twice"),
            (r#"{"Version":"2012-10-17"}"#.to_owned(), "Statement", "nothing"),
            (r#"{"Version":"2013","Statement":[]}"#.to_owned(), "Version", "2013"),
            (r#"{"Statment":[]}"#.to_owned(), "the policy", "Statment"),
            (r#"{"Statement":[7]}"#.to_owned(), "Statement[0]", "7"),
            (statement(good), "Statement[0].Principal", "nothing"),
            (statement(&format!(r#"{good},"Principal":"me""#)), "Statement[0].Principal", "me"),
            (
                statement(&format!(r#"{good},"Principal":{{"AWS":["*",1]}}"#)),
                "Statement[0].Principal.AWS[1]",
                "1",
            ),
            (
                statement(r#""Effect":"allow","Principal":"*","Action":"ecr:*""#),
                "Statement[0].Effect",
                "allow",
            ),
            (statement(r#""Effect":"Allow","Principal":"*""#), "Statement[0].Action", "nothing"),
            (
                statement(&format!(r#"{good},"Principal":"*","NotAction":"x:y""#)),
                "Statement[0].NotAction",
                "Action",
            ),
            (
                statement(&format!(r#"{good},"Principal":"*","Condition":{{"StringIs":{{}}}}"#)),
                "Statement[0].Condition",
                "StringIs",
            ),
            (
                statement(&format!(
                    r#"{good},"Principal":"*","Condition":{{"Bool":{{"aws:x":null}}}}"#
                )),
                "Statement[0].Condition.Bool.aws:x",
                "null",
            ),
            (
                statement(&format!(r#"{good},"Principal":"*","Conditions":{{}}"#)),
                "Statement[0]",
                "Conditions",
            ),
        ] {
            let error = error(&text);
            assert_eq!(error.at, at, "{text}: {error}");
            assert!(error.found.contains(found), "{text}: {error}");
        }
    }

    #[test]
    fn identity_policies_have_no_principal_and_trust_policies_no_resource() {
        let text = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*"}]}"#;
        let error = PolicyDocument::parse_text(text, PolicyKind::Identity).unwrap_err();
        assert_eq!(error.at, "Statement[0].Principal");
        let text =
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
        let error = PolicyDocument::parse_text(text, PolicyKind::Trust).unwrap_err();
        assert_eq!(error.at, "Statement[0].Resource");
        let text = r#"{"Statement":[{"Effect":"Allow","Action":"*"}]}"#;
        let error = PolicyDocument::parse_text(text, PolicyKind::Identity).unwrap_err();
        assert_eq!(error.at, "Statement[0].Resource");
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,200}", member in "[A-Za-z]{1,12}", value in "[\\[\\]{}\":,a-z0-9*]{0,40}") {
            let _ = PolicyDocument::parse_text(&text, PolicyKind::Resource);
            let text = format!(r#"{{"Statement":[{{"Effect":"Allow","{member}":{value}}}]}}"#);
            let _ = PolicyDocument::parse_text(&text, PolicyKind::Resource);
        }
    }
}
