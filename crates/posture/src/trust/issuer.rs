use super::policy::provider_of;
use super::statement::TrustStatement;
use crate::arn::Arn;
use crate::case::Case;
use crate::catalogue::TRUST_ISSUER;
use crate::finding::Finding;

/// A CI system whose tokens are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Issuer {
    /// github.com, an enterprise of it, or a server. The provider as AWS names it.
    GitHub(String),
    /// gitlab.com or an instance.
    GitLab(String),
    /// Buildkite.
    Buildkite(String),
    /// `CircleCI`: one provider for each organisation.
    CircleCi(String),
    /// Bitbucket: one provider for each workspace.
    Bitbucket(String),
    /// Any other.
    Other(String),
}

impl Issuer {
    /// The system behind a provider; `subject`, where there is one, tells GitLab instances.
    pub(crate) fn of(provider: &str, subject: &str) -> Self {
        let provider = provider.to_owned();
        let host = provider.split('/').next().unwrap_or_default();
        let is_github =
            host.starts_with("token.actions.") || provider.ends_with("/_services/token");
        if is_github || (host == "*" && subject.starts_with("repo:")) {
            Self::GitHub(provider)
        } else if host == "agent.buildkite.com" {
            Self::Buildkite(provider)
        } else if host == "oidc.circleci.com" {
            Self::CircleCi(provider)
        } else if host == "api.bitbucket.org" {
            Self::Bitbucket(provider)
        } else if host.contains("gitlab") || subject.starts_with("project_") {
            Self::GitLab(provider)
        } else {
            Self::Other(provider)
        }
    }

    /// The provider as AWS names it.
    pub fn provider(&self) -> &str {
        match self {
            Self::GitHub(it)
            | Self::GitLab(it)
            | Self::Buildkite(it)
            | Self::CircleCi(it)
            | Self::Bitbucket(it)
            | Self::Other(it) => it,
        }
    }

    /// Whether it is the GitHub that everyone shares.
    pub(super) fn is_github_com(&self) -> bool {
        self.provider().starts_with("token.actions.githubusercontent.com")
    }
}

/// Whether principal and conditions are about one issuer, and about which.
pub(super) fn check(case: &Case<'_>, statement: &TrustStatement<'_>) -> Vec<Finding> {
    let found = |what: String| Finding::new(&TRUST_ISSUER).what(what).place(statement.place());
    let mut findings = Vec::new();
    for arn in &statement.providers {
        let Some(provider) = provider_of(arn) else {
            findings.push(found(format!("the principal {arn} is no OIDC provider's ARN")));
            continue;
        };
        let account = Arn::parse(arn).map(|it| it.account);
        if account.is_some() && case.account().is_some() && account != case.account() {
            findings.push(found(format!("the provider {arn} is of another account")));
        }
        let foreign = statement.statement.conditions.iter().filter(|it| {
            let prefix = it.key.rsplit_once(':').map(|(prefix, _)| prefix);
            prefix.is_some_and(|it| it != provider && !matches!(it, "aws" | "sts"))
        });
        findings.extend(foreign.map(|it| {
            let key = it.written();
            found(format!("the condition key {key} is not of the provider {provider}"))
        }));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_told_apart() {
        let of = |provider: &str, subject: &str| Issuer::of(provider, subject);
        assert!(matches!(of("token.actions.githubusercontent.com", ""), Issuer::GitHub(_)));
        assert!(matches!(of("token.actions.acme.ghe.com", ""), Issuer::GitHub(_)));
        assert!(matches!(of("ghes.acme.com/_services/token", ""), Issuer::GitHub(_)));
        assert!(matches!(of("gitlab.com", ""), Issuer::GitLab(_)));
        assert!(matches!(of("git.acme.com", "project_path:a/b:ref_type:x"), Issuer::GitLab(_)));
        assert!(matches!(of("oidc.circleci.com/org/1", ""), Issuer::CircleCi(_)));
        assert!(matches!(of("accounts.google.com", ""), Issuer::Other(_)));
    }
}
