//! The documents of an account that posture is judged by.

use async_trait::async_trait;

/// Fetches documents for the posture checks. It judges nothing: a refused call is an answer.
#[async_trait]
pub trait PostureSource: Send + Sync {
    /// All documents within `scope`, in a fixed order.
    async fn documents(&self, scope: &PostureScope) -> Vec<SavedDocument>;
}

/// What is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostureScope {
    /// The repository's path in its registry.
    pub repository: String,
    /// Signing keys: ids, ARNs or aliases of KMS keys.
    pub keys: Vec<String>,
    /// Roles whose trust is looked at: names or ARNs.
    pub roles: Vec<String>,
    /// How much is looked at.
    pub depth: PostureDepth,
    /// Whether the whole account's users, roles and policies are asked for.
    pub account: AccountDetails,
}

/// How much of a repository and its registry is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PostureDepth {
    /// Everything that a check may want to see.
    #[default]
    Full,
    /// What a release waits for: policies, tags, scanning, keys.
    Release,
}

/// Whether the account's authorization details, many pages of them, are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccountDetails {
    /// They are.
    Ask,
    /// They are not: few roles may see them.
    #[default]
    Skip,
}

/// One call, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedDocument {
    /// The subcommand of the AWS CLI that makes the same call, such as `describe-repositories`.
    pub name: &'static str,
    /// What the call was about, where there may be several: a key, a role.
    pub about: String,
    /// JSON as the AWS CLI prints it, all pages joined; or the refusal.
    pub answer: Result<Vec<u8>, DocumentRefusal>,
}

/// Why there is no document. For some calls that is the answer: a repository without a policy
/// says `RepositoryPolicyNotFoundException`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentRefusal {
    /// The error's code, as the service has it; `Unreachable` where no service answered.
    pub code: String,
    /// The service's own words.
    pub message: String,
}
