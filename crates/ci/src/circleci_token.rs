use async_trait::async_trait;
use boltseal_ports::{IdToken, IdentityError, IdentityProvider};
use serde_json::json;

use crate::jwt::id_token;
use crate::token_command::printed_token;

/// `CircleCI`: a token made before the job for the organisation's own audience, and a program
/// that prints one for any other.
#[derive(Clone, Debug)]
pub(crate) struct CircleCiToken {
    given: Option<IdToken>,
    program: Vec<String>,
}

impl CircleCiToken {
    /// The token of the second version, which names the branch, before that of the first.
    pub(crate) fn of(lookup: &dyn Fn(&str) -> Option<String>, program: Vec<String>) -> Self {
        let given = lookup("CIRCLE_OIDC_TOKEN_V2").or_else(|| lookup("CIRCLE_OIDC_TOKEN"));
        let given = given.and_then(|text| id_token(&text).ok());
        Self { given, program }
    }
}

#[async_trait]
impl IdentityProvider for CircleCiToken {
    fn name(&self) -> &'static str {
        "CircleCI"
    }

    /// The given token lives an hour, longer than a job needs it for; it is used where its
    /// audience is the one asked for.
    async fn token(&self, audience: &str) -> Result<IdToken, IdentityError> {
        let fits = |token: &&IdToken| token.claims().audiences.iter().any(|it| it == audience);
        if let Some(token) = self.given.as_ref().filter(fits) {
            return Ok(token.clone());
        }
        let claims = json!({ "aud": audience }).to_string();
        let fix = "run this command in the job to see why, or give --audience the organisation's \
                   id, which the token in CIRCLE_OIDC_TOKEN_V2 is made for";
        printed_token(&self.program, &["run", "oidc", "get", "--claims", &claims], fix).await
    }

    /// Only where the token does not come from the variable.
    fn renews(&self) -> bool {
        self.given.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwt::tests::token;
    use crate::token_command::tests::program;
    use serde_json::json;

    #[tokio::test]
    async fn asks_for_another_audience_than_that_of_the_variable() {
        let folder = tempfile::tempdir().unwrap();
        let given = token(&json!({"iss": "i", "sub": "given", "aud": "org-id"}));
        let fresh = token(&json!({"iss": "i", "sub": "fresh", "aud": "sts.amazonaws.com"}));
        let script =
            format!(r#"[ "$5" = '{{"aud":"sts.amazonaws.com"}}' ] && echo {fresh} || exit 1"#);
        let lookup = |name: &str| (name == "CIRCLE_OIDC_TOKEN").then(|| given.clone());
        let provider = CircleCiToken::of(&lookup, program(folder.path(), &script));
        assert_eq!(provider.token("org-id").await.unwrap().secret(), given);
        assert_eq!(provider.token("sts.amazonaws.com").await.unwrap().secret(), fresh);
        let error = provider.token("other").await.unwrap_err();
        assert!(error.fix.contains("--audience"), "{error:?}");
    }
}
