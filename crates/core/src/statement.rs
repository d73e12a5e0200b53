//! In-toto statements: a predicate about subjects.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Digest, Kind, Subject, json};

/// `_type` of the statements that boltseal writes.
pub const STATEMENT_V1: &str = "https://in-toto.io/Statement/v1";
const STATEMENT_V01: &str = "https://in-toto.io/Statement/v0.1";

/// A statement (in-toto attestation framework, `spec/v1/statement.md`; v0.1 is read as well).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statement {
    #[serde(rename = "_type")]
    version: String,
    /// What it is about: never empty.
    pub subject: Vec<Subject>,
    /// The URI that says what kind of claim this is.
    pub predicate_type: String,
    /// The claim: an object, or null where a signature has none.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub predicate: Value,
}

impl Statement {
    /// A statement v1 about one subject.
    pub fn new(subject: Subject, kind: &Kind, predicate: Value) -> Self {
        Self {
            version: STATEMENT_V1.to_owned(),
            subject: vec![subject],
            predicate_type: kind.predicate_type().to_owned(),
            predicate,
        }
    }

    /// Reads the payload of an envelope.
    ///
    /// # Errors
    /// [`StatementError`] for duplicate keys, trailing data, another `_type`, no subject, a
    /// subject without a digest, or a predicate that is no object. Of a signature it may be absent,
    /// as the specification allows: all it claims is its type, and cosign 2.6 writes it so.
    pub fn parse(payload: &[u8]) -> Result<Self, StatementError> {
        let statement: Self = json::parse_as(payload).map_err(StatementError::Unreadable)?;
        if ![STATEMENT_V1, STATEMENT_V01].contains(&statement.version.as_str()) {
            return Err(StatementError::WrongType { found: statement.version });
        }
        if statement.subject.is_empty() || statement.subject.iter().any(|it| it.digest.is_empty()) {
            return Err(StatementError::NoSubject);
        }
        let bare = statement.predicate.is_null() && statement.kind() == Kind::Signature;
        if !statement.predicate.is_object() && !bare {
            return Err(StatementError::NoPredicate);
        }
        Ok(statement)
    }

    /// The compact JSON that is signed. Members stand in a fixed order, so equal statements are
    /// equal bytes.
    ///
    /// # Panics
    /// Never: a [`Value`] and strings always serialise.
    pub fn to_payload(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a statement is strings and JSON values")
    }

    /// The kind of claim.
    pub fn kind(&self) -> Kind {
        Kind::of_predicate_type(&self.predicate_type)
    }

    /// The subject with `digest`, if the statement is about it.
    pub fn subject_with(&self, digest: &Digest) -> Option<&Subject> {
        self.subject.iter().find(|subject| subject.is(digest))
    }
}

/// A payload that is no statement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatementError {
    /// The predicate is no object, or absent from anything but a signature.
    #[error("expected a predicate that is a JSON object")]
    NoPredicate,
    /// No subject, or one without a digest.
    #[error("expected at least one subject, each with a digest")]
    NoSubject,
    /// Not strict JSON, or not of a statement's form.
    #[error("expected an in-toto statement, found {0}")]
    Unreadable(json::JsonError),
    /// Another `_type`.
    #[error("expected _type {STATEMENT_V1}, found {found:?}")]
    WrongType {
        /// What it is.
        found: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNATURE: &str = "https://sigstore.dev/cosign/sign/v1";

    fn parsed(predicate_type: &str, rest: &str) -> Result<Statement, StatementError> {
        let digest = "a".repeat(64);
        let text = format!(
            r#"{{"_type":"{STATEMENT_V1}","subject":[{{"digest":{{"sha256":"{digest}"}}}}],
            "predicateType":"{predicate_type}"{rest}}}"#
        );
        Statement::parse(text.as_bytes())
    }

    #[test]
    fn a_signature_may_lack_a_predicate() {
        let statement = parsed(SIGNATURE, "").expect("it is a statement");
        assert_eq!(statement.kind(), Kind::Signature);
        let payload = statement.to_payload();
        assert_eq!(Statement::parse(&payload), Ok(statement), "writing and reading agree");
    }

    #[test]
    fn nothing_else_may() {
        for kind in ["https://slsa.dev/provenance/v1", "https://example.test/other/v1"] {
            assert_eq!(parsed(kind, ""), Err(StatementError::NoPredicate));
        }
        for predicate in ["7", "\"text\"", "[]", "true"] {
            let rest = format!(",\"predicate\":{predicate}");
            assert_eq!(parsed(SIGNATURE, &rest), Err(StatementError::NoPredicate));
        }
    }
}
