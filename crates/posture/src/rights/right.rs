use serde::Serialize;

use super::Certainty;
use crate::grant::Grant;
use crate::who::Who;

/// One principal's right, and what grants it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Right {
    /// An ARN, an account id (for `:root`), a service, an organisation id, a unique id or `*`.
    pub principal: String,
    /// The `Sid` of the statement that grants it, or its place as in `Statement[1]`; none where
    /// the policy is not seen.
    pub statement: Option<String>,
    /// The conditions under which it holds, those of denials included.
    pub condition: Option<String>,
    /// How much is known.
    pub certainty: Certainty,
    /// The policy that the statement is in.
    pub document: Option<String>,
    /// The actions, in the spelling of IAM.
    pub actions: Vec<&'static str>,
    /// What it is exactly.
    #[serde(skip)]
    pub(crate) grant: Grant,
}

impl Right {
    pub(crate) const fn who(&self) -> &Who {
        &self.grant.who
    }

    /// Where it comes from, in words.
    pub(crate) fn origin(&self) -> String {
        match (&self.statement, &self.document) {
            (Some(statement), Some(document)) => format!("{document}, statement {statement}"),
            _ => "a policy of IAM in the account, not visible here".to_owned(),
        }
    }

    /// The same right but for the actions.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        self.principal == other.principal
            && self.statement == other.statement
            && self.document == other.document
            && self.condition == other.condition
            && self.certainty == other.certainty
    }
}

/// Rights by what they are rights to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rights {
    /// `ecr:PutImage`.
    pub push: Vec<Right>,
    /// `ecr:BatchGetImage` or `ecr:GetDownloadUrlForLayer`.
    pub pull: Vec<Right>,
    /// `ecr:BatchDeleteImage` or `ecr:DeleteRepository`.
    pub delete: Vec<Right>,
    /// Changes of the repository's policy, of tag mutability, of the lifecycle or of scanning.
    pub policy: Vec<Right>,
    /// `kms:Sign` with the keys whose policies are among the documents.
    pub sign: Vec<Right>,
}
