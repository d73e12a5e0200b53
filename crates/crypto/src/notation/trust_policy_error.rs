//! Why a document is no trust policy.

use boltseal_core::json::JsonError;

use super::trust_store::StoreNameError;
use super::verification_level::LevelError;

/// A document that is no trust policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustPolicyError {
    /// No statement at all.
    #[error("expected statements in \"trustPolicies\", found none")]
    Empty,
    /// Two statements of one name.
    #[error("expected statements of different names, found {name:?} twice")]
    NameTwice {
        /// The name, cut at 160 characters.
        name: String,
    },
    /// A repository in two statements.
    #[error("expected each scope in one statement, found {scope:?} twice")]
    ScopeTwice {
        /// The scope, cut at 160 characters.
        scope: String,
    },
    /// A statement breaks a rule.
    #[error("statement {name:?}: {error}")]
    Statement {
        /// The statement's name, cut at 160 characters.
        name: String,
        /// What is wrong with it.
        error: StatementError,
    },
    /// Too large.
    #[error("expected a trust policy of at most {limit} bytes, found {found}")]
    TooLarge {
        /// The bound.
        limit: usize,
        /// The size.
        found: usize,
    },
    /// Not strict JSON, or not of a trust policy's form.
    #[error("expected a trust policy, found {0}")]
    Unreadable(#[from] JsonError),
    /// Another version.
    #[error("expected a trust policy of version \"1.0\", found {found:?}")]
    Version {
        /// The version, cut at 160 characters.
        found: String,
    },
}

/// A statement that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatementError {
    /// An identity that is none.
    #[error("expected trusted identities \"*\" or \"x509.subject: …\", found {found:?}, {why}")]
    Identity {
        /// The identity, cut at 160 characters.
        found: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Two identities of which one includes the other.
    #[error("expected identities none of which includes another, found {found:?}")]
    IdentityOverlap {
        /// One of them, cut at 160 characters.
        found: String,
    },
    /// The level.
    #[error(transparent)]
    Level(#[from] LevelError),
    /// No name.
    #[error("expected a name, found none")]
    NoName,
    /// No scope.
    #[error("expected registry scopes, found none")]
    NoScope,
    /// Trust stores or trusted identities are missing.
    #[error("expected both trust stores and trusted identities, found none of one kind")]
    NoTrust,
    /// A scope that is no repository.
    #[error("expected scopes as HOST/REPOSITORY, or \"*\", found {found:?}")]
    Scope {
        /// The scope, cut at 160 characters.
        found: String,
    },
    /// A trust store's name.
    #[error(transparent)]
    Store(#[from] StoreNameError),
    /// `verifyTimestamp` is something else.
    #[error("expected verifyTimestamp \"always\" or \"afterCertExpiry\", found {found:?}")]
    VerifyTimestamp {
        /// What it is, cut at 160 characters.
        found: String,
    },
    /// `*` beside others.
    #[error("expected \"*\" alone in {list}, found others beside it")]
    WildcardNotAlone {
        /// Where it stands.
        list: &'static str,
    },
}
