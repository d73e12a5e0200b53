use std::fmt;

use serde_json::{Map, Value};

use crate::shown::shown;

/// An error of AWS. For some calls that is the answer: a repository without a policy says
/// `RepositoryPolicyNotFoundException`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The error's code.
    pub code: String,
    /// The service's own words, or none.
    pub message: String,
}

/// The words of an AWS CLI that prints an error.
const OCCURRED: &str = "An error occurred (";

impl Refusal {
    /// Reads an error as the AWS CLI prints it on standard error, as an SDK prints it, or as the
    /// service sends it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some((_, rest)) = text.split_once(OCCURRED) {
            let (code, rest) = rest.split_once(')')?;
            let message = rest.split_once(": ").map_or("", |(_, message)| message);
            return Some(Self::new(code, message.trim()));
        }
        let Ok(Value::Object(members)) = boltseal_core::json::parse(text.as_bytes()) else {
            return Self::parse_code(text.trim());
        };
        match member(&members, "error") {
            Some(Value::Object(inner)) => Self::of_members(inner),
            Some(Value::String(code)) => Some(Self::new(code, &message(&members))),
            _ => Self::of_members(&members),
        }
    }

    /// A code alone, or with a message behind a colon.
    fn parse_code(text: &str) -> Option<Self> {
        let (code, message) = text.split_once(':').unwrap_or((text, ""));
        let is_code =
            code.ends_with("Exception") && code.bytes().all(|b| b.is_ascii_alphanumeric());
        is_code.then(|| Self::new(code, message.trim()))
    }

    fn of_members(members: &Map<String, Value>) -> Option<Self> {
        let code =
            ["__type", "code", "errorCode"].into_iter().find_map(|it| member(members, it))?;
        // The service writes `com.amazonaws.ecr#RepositoryNotFoundException`.
        let code = code.as_str()?.rsplit('#').next()?;
        Some(Self::new(code, &message(members)))
    }

    fn new(code: &str, message: &str) -> Self {
        Self { code: shown(code), message: shown(message) }
    }

    /// Whether it says that there is no such thing.
    pub(crate) fn is_none(&self) -> bool {
        self.code.contains("NotFound") || self.code.starts_with("NoSuchEntity")
    }

    /// Whether it says that the repository itself does not exist.
    pub(crate) fn is_no_repository(&self) -> bool {
        self.code.starts_with("RepositoryNotFound")
    }

    /// Whether it says that the caller may not ask.
    pub(crate) fn is_denial(&self) -> bool {
        ["AccessDenied", "Unauthorized", "NotAuthorized", "UnrecognizedClient", "OptInRequired"]
            .iter()
            .any(|it| self.code.starts_with(it))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)?;
        if self.message.is_empty() { Ok(()) } else { write!(f, ": {}", self.message) }
    }
}

fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn message(members: &Map<String, Value>) -> String {
    member(members, "message").and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_an_error() {
        for text in [
            "\nAn error occurred (RepositoryPolicyNotFoundException) when calling the \
             GetRepositoryPolicy operation: Repository policy does not exist\n",
            "aws: [ERROR]: An error occurred (RepositoryPolicyNotFoundException) when calling the \
             GetRepositoryPolicy operation: Repository policy does not exist",
            r#"{"Error":{"Code":"RepositoryPolicyNotFoundException","Message":"Repository policy does not exist"}}"#,
            r#"{"__type":"com.amazonaws.ecr#RepositoryPolicyNotFoundException","message":"Repository policy does not exist"}"#,
            r#"{"error":"RepositoryPolicyNotFoundException","message":"Repository policy does not exist"}"#,
            r#"{"Code":"RepositoryPolicyNotFoundException","Message":"Repository policy does not exist"}"#,
            "RepositoryPolicyNotFoundException: Repository policy does not exist",
        ] {
            let refusal = Refusal::parse(text).unwrap();
            assert!(refusal.is_none() && !refusal.is_denial(), "{text}");
            assert_eq!(
                refusal.to_string(),
                "RepositoryPolicyNotFoundException: Repository policy does not exist",
                "{text}"
            );
        }
        assert_eq!(Refusal::parse(r#"{"repositories":[]}"#), None);
        assert_eq!(Refusal::parse("hello"), None);
    }

    #[test]
    fn denied_is_not_none() {
        let text = "An error occurred (AccessDeniedException) when calling the X operation: no";
        let refusal = Refusal::parse(text).unwrap();
        assert!(refusal.is_denial() && !refusal.is_none());
    }
}
