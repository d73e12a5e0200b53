use async_trait::async_trait;
use boltseal_ports::{IdToken, IdentityError, IdentityProvider};

use crate::token_command::printed_token;

/// Buildkite's agent, which prints a token of five minutes for any audience.
#[derive(Clone, Debug)]
pub(crate) struct BuildkiteToken {
    agent: Vec<String>,
}

impl BuildkiteToken {
    /// `agent` is the program, and arguments that always come first.
    pub(crate) const fn new(agent: Vec<String>) -> Self {
        Self { agent }
    }
}

#[async_trait]
impl IdentityProvider for BuildkiteToken {
    fn name(&self) -> &'static str {
        "Buildkite"
    }

    async fn token(&self, audience: &str) -> Result<IdToken, IdentityError> {
        let arguments = ["oidc", "request-token", "--audience", audience];
        let fix = "run this command in the step to see why; the agent must be on the PATH, and \
                   oidc allowed in its configuration";
        printed_token(&self.agent, &arguments, fix).await
    }

    fn renews(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwt::tests::token;
    use crate::token_command::tests::program;
    use serde_json::json;

    #[tokio::test]
    async fn asks_the_agent_for_the_audience() {
        let folder = tempfile::tempdir().unwrap();
        let jwt = token(&json!({"iss": "i", "sub": "s", "aud": "sts.amazonaws.com"}));
        let script = format!(
            r#"[ "$*" = "oidc request-token --audience sts.amazonaws.com" ] && echo {jwt}"#
        );
        let provider = BuildkiteToken::new(program(folder.path(), &script));
        let given = provider.token("sts.amazonaws.com").await.unwrap();
        assert_eq!(given.secret(), jwt);
        assert!(provider.token("other").await.is_err());
    }
}
