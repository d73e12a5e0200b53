use boltseal_core::{Exit, Reason};

use crate::PolicyError;

/// A document that cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct DocumentError {
    /// The file, or the call.
    pub file: String,
    /// What is wrong with it.
    pub problem: DocumentProblem,
}

/// What is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentProblem {
    /// A policy in it.
    #[error("the policy in it: {0}")]
    Policy(PolicyError),
    /// Neither an answer of this call nor an error of AWS.
    #[error("expected what `aws ... {call}` prints, found {found}")]
    WrongForm {
        /// The call.
        call: &'static str,
        /// What is wrong, with line and column.
        found: String,
    },
    /// The same call about the same thing twice.
    #[error("expected one answer of {call}, found a second")]
    Twice {
        /// The call.
        call: &'static str,
    },
    /// More bytes than are read.
    #[error("expected at most {limit} bytes, found more")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
}

impl From<DocumentError> for Reason {
    fn from(error: DocumentError) -> Self {
        let reason = Self::new(Exit::Invalid, "document-invalid").place(error.file);
        match error.problem {
            DocumentProblem::Policy(PolicyError { at, expected, found }) => reason
                .expected(format!("{expected} at {at}"))
                .found(found)
                .fix("correct the policy, or save the document again"),
            DocumentProblem::WrongForm { call, found } => reason
                .expected(format!("what the AWS CLI prints for {call}, or its error"))
                .found(found)
                .fix(format!("save it again: aws ... {call} --output json")),
            DocumentProblem::Twice { call } => reason
                .expected(format!("one answer of {call}"))
                .found("a second one")
                .fix("keep one of the two files"),
            DocumentProblem::TooLarge { limit } => reason
                .expected(format!("at most {limit} bytes"))
                .found("more")
                .fix("save only the repository, key and role that the release uses"),
        }
    }
}
