//! Tokens that were made before the job began, and stand in a variable.

use async_trait::async_trait;
use boltseal_ports::{IdToken, IdentityError, IdentityErrorKind, IdentityProvider};

use crate::identity::{absent, failure};
use crate::jwt::id_token;

/// A token from a variable. There is no other one: it does not renew.
#[derive(Clone, Debug)]
pub(crate) struct GivenToken {
    name: &'static str,
    token: IdToken,
}

impl GivenToken {
    /// GitLab's `id_tokens` (GitLab 15.7).
    pub(crate) fn gitlab(
        lookup: &dyn Fn(&str) -> Option<String>,
        variable: &str,
    ) -> Result<Self, IdentityError> {
        let fix = format!("add `id_tokens: {{{variable}: {{aud: sts.amazonaws.com}}}}` to the job");
        Self::of("GitLab", lookup, variable, &fix)
    }

    /// Bitbucket's `oidc: true`.
    pub(crate) fn bitbucket(
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, IdentityError> {
        let fix = "add `oidc: true` to the step";
        Self::of("Bitbucket", lookup, "BITBUCKET_STEP_OIDC_TOKEN", fix)
    }

    fn of(
        name: &'static str,
        lookup: &dyn Fn(&str) -> Option<String>,
        variable: &str,
        fix: &str,
    ) -> Result<Self, IdentityError> {
        let expected = format!("a token in {variable}");
        let missing = || absent(name, &expected, "none", fix);
        let text = lookup(variable).ok_or_else(missing)?;
        let token = id_token(&text).map_err(|problem| {
            failure(IdentityErrorKind::Malformed, variable, "a token", &problem.to_string(), fix)
        })?;
        Ok(Self { name, token })
    }
}

#[async_trait]
impl IdentityProvider for GivenToken {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn token(&self, _audience: &str) -> Result<IdToken, IdentityError> {
        Ok(self.token.clone())
    }

    fn renews(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwt::tests::token;
    use serde_json::json;

    #[tokio::test]
    async fn gives_the_one_there_is_and_says_that_it_does_not_renew() {
        let text = token(&json!({"iss": "https://gitlab.example", "sub": "s", "aud": "other"}));
        let lookup = |name: &str| (name == "MY_TOKEN").then(|| text.clone());
        let given = GivenToken::gitlab(&lookup, "MY_TOKEN").unwrap();
        assert!(!given.renews());
        let token = given.token("sts.amazonaws.com").await.unwrap();
        assert_eq!((token.secret(), token.claims().audiences[0].as_str()), (&*text, "other"));
        let error = GivenToken::gitlab(&lookup, "OTHER").unwrap_err();
        assert!(error.fix.contains("{OTHER: {aud:"), "{error:?}");
    }

    #[test]
    fn a_value_that_is_no_token_is_not_shown() {
        let error = GivenToken::bitbucket(&|_| Some("hunter2".to_owned())).unwrap_err();
        assert_eq!(error.kind, IdentityErrorKind::Malformed);
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}
