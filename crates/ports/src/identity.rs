//! Who this run is, as its CI system vouches for it.

use std::fmt;

use async_trait::async_trait;
use boltseal_core::{Exit, Reason};
use jiff::Timestamp;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

/// A source of `OpenID` Connect tokens. Called once for each credential that is asked for with
/// the token, so again whenever such a credential is about to expire.
#[async_trait]
pub trait IdentityProvider: Send + Sync {
    /// Where the tokens come from, such as `GitHub Actions`.
    fn name(&self) -> &str;

    /// A token for `audience`. Providers whose tokens are made before the job runs answer the
    /// one there is, whatever its audience; whoever needs another one compares the claims.
    async fn token(&self, audience: &str) -> Result<IdToken, IdentityError>;

    /// Whether another call gives a fresh token. Where it does not, as on GitLab, the token's
    /// `exp` bounds what the whole run can do with it.
    fn renews(&self) -> bool;
}

/// A token, and what it says. Only the claims are ever shown.
#[derive(Clone)]
pub struct IdToken {
    secret: Zeroizing<String>,
    claims: IdClaims,
}

impl IdToken {
    /// A token with the claims that were read from it.
    pub fn new(secret: impl Into<String>, claims: IdClaims) -> Self {
        Self { secret: Zeroizing::new(secret.into()), claims }
    }

    /// The token itself: for the body of the request that exchanges it, and for nothing else.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// What it says. Nobody has verified its signature here: the other side does.
    pub const fn claims(&self) -> &IdClaims {
        &self.claims
    }
}

impl fmt::Debug for IdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdToken").field("claims", &self.claims).finish_non_exhaustive()
    }
}

/// The claims of a token (RFC 7519, 4.1; `OpenID` Connect Core, 2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdClaims {
    /// `iss`: who vouches.
    pub issuer: String,
    /// `sub`: for whom.
    pub subject: String,
    /// `aud`: for whose eyes; one or several.
    pub audiences: Vec<String>,
    /// `exp`: until when.
    pub expires: Option<Timestamp>,
    /// `iat`: since when.
    pub issued: Option<Timestamp>,
    /// Every other claim, as the token has it.
    pub rest: Map<String, Value>,
}

/// A token that could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityError {
    /// The class, which decides the exit code.
    pub kind: IdentityErrorKind,
    /// Where the token should have come from: a provider, a variable, a request.
    pub place: String,
    /// What was expected.
    pub expected: String,
    /// What was found; never a part of a token.
    pub found: String,
    /// What would make it pass.
    pub fix: String,
}

/// The classes of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdentityErrorKind {
    /// This run has no identity: no CI system that gives tokens, or the job may not have one.
    Absent,
    /// The token has expired, and no fresh one can be had.
    Expired,
    /// What stands where a token should is none.
    Malformed,
    /// The CI system refused.
    Refused,
    /// The CI system could not be reached, or is throttling.
    Unreachable,
}

impl IdentityErrorKind {
    /// The exit code that this failure alone leads to.
    pub const fn exit(self) -> Exit {
        match self {
            Self::Absent | Self::Expired | Self::Refused => Exit::Unauthorised,
            Self::Malformed => Exit::Invalid,
            Self::Unreachable => Exit::Undetermined,
        }
    }

    /// The stable code of this class.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Absent => "identity-absent",
            Self::Expired => "identity-expired",
            Self::Malformed => "identity-malformed",
            Self::Refused => "identity-refused",
            Self::Unreachable => "identity-unreachable",
        }
    }
}

impl From<IdentityError> for Reason {
    fn from(error: IdentityError) -> Self {
        Self::new(error.kind.exit(), error.kind.code())
            .expected(error.expected)
            .found(error.found)
            .place(error.place)
            .fix(error.fix)
    }
}

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.place, self.expected, self.found)
    }
}

impl std::error::Error for IdentityError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_never_shown() {
        let claims = IdClaims { subject: "repo:acme/app".to_owned(), ..IdClaims::default() };
        let token = IdToken::new("eyJ.secret.part", claims);
        let shown = format!("{token:?}");
        assert!(shown.contains("repo:acme/app") && !shown.contains("secret"), "{shown}");
        assert_eq!(token.secret(), "eyJ.secret.part");
    }
}
