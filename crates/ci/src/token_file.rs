//! The file that `AWS_WEB_IDENTITY_TOKEN_FILE` names: of a Kubernetes service account, say.

use std::path::PathBuf;

use async_trait::async_trait;
use boltseal_ports::{IdToken, IdentityError, IdentityErrorKind, IdentityProvider};
use tokio::io::AsyncReadExt as _;

use crate::identity::failure;
use crate::jwt::{MAX_TOKEN_BYTES, id_token};

/// A token file. It is read anew each time: somebody renews it.
#[derive(Clone, Debug)]
pub(crate) struct TokenFile {
    path: PathBuf,
}

impl TokenFile {
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    async fn read(&self) -> std::io::Result<String> {
        let file = tokio::fs::File::open(&self.path).await?;
        let mut text = String::new();
        file.take(MAX_TOKEN_BYTES as u64 + 2).read_to_string(&mut text).await?;
        Ok(text)
    }
}

#[async_trait]
impl IdentityProvider for TokenFile {
    fn name(&self) -> &'static str {
        "AWS_WEB_IDENTITY_TOKEN_FILE"
    }

    async fn token(&self, _audience: &str) -> Result<IdToken, IdentityError> {
        let wrong = |kind, found: String| {
            let fix = "name a file that holds a JSON Web Token in AWS_WEB_IDENTITY_TOKEN_FILE";
            failure(kind, &self.path.display().to_string(), "a token", &found, fix)
        };
        let text = self.read().await;
        let text = text.map_err(|error| wrong(IdentityErrorKind::Absent, error.to_string()))?;
        id_token(&text).map_err(|it| wrong(IdentityErrorKind::Malformed, it.to_string()))
    }

    fn renews(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwt::tests::token;
    use serde_json::json;

    #[tokio::test]
    async fn is_read_anew_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let provider = TokenFile::new(&path);
        let error = provider.token("a").await.unwrap_err();
        assert_eq!(error.kind, IdentityErrorKind::Absent);
        for subject in ["first", "second"] {
            std::fs::write(&path, token(&json!({"iss": "i", "sub": subject, "aud": "a"}))).unwrap();
            assert_eq!(provider.token("a").await.unwrap().claims().subject, subject);
        }
        std::fs::write(&path, "x".repeat(30_000)).unwrap();
        let error = provider.token("a").await.unwrap_err();
        assert_eq!(error.kind, IdentityErrorKind::Malformed);
    }
}
