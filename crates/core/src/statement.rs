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
    /// The claim.
    #[serde(default)]
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
    /// subject without a digest, or a predicate that is no object.
    pub fn parse(payload: &[u8]) -> Result<Self, StatementError> {
        let statement: Self = json::parse_as(payload).map_err(StatementError::Unreadable)?;
        if ![STATEMENT_V1, STATEMENT_V01].contains(&statement.version.as_str()) {
            return Err(StatementError::WrongType { found: statement.version });
        }
        if statement.subject.is_empty() || statement.subject.iter().any(|it| it.digest.is_empty()) {
            return Err(StatementError::NoSubject);
        }
        if !statement.predicate.is_object() {
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
    /// The predicate is absent or no object.
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
