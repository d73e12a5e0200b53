use boltseal_ports::IdClaims;

/// GitHub's issuer for repositories on github.com.
const GITHUB: &str = "https://token.actions.githubusercontent.com";

/// Which pipeline of which repository runs, by the claims of its own token. Worth as much as the
/// token: after AWS has taken it for a role, the issuer has said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workflow {
    /// The repository's URL.
    pub repository: String,
    /// The ref that it runs for: `refs/heads/main`, `refs/tags/v1`.
    pub reference: String,
}

impl Workflow {
    /// From the claims of GitHub or GitLab; [`None`] for those of others, which name no ref.
    pub fn of(claims: &IdClaims) -> Option<Self> {
        let claim = |name: &str| claims.rest.get(name)?.as_str().map(str::to_owned);
        if let Some(project) = claim("project_path") {
            let repository = format!("{}/{project}", claims.issuer.trim_end_matches('/'));
            return Some(Self { repository, reference: claim("ref_path")? });
        }
        let host = github_host(&claims.issuer)?;
        let repository = format!("{host}/{}", claim("repository")?);
        Some(Self { repository, reference: claim("ref")? })
    }
}

/// GitHub Enterprise Server issues at `https://HOST/_services/token`.
fn github_host(issuer: &str) -> Option<&str> {
    if issuer == GITHUB || issuer.starts_with(&format!("{GITHUB}/")) {
        return Some("https://github.com");
    }
    issuer.strip_suffix("/_services/token")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claims(issuer: &str, rest: &serde_json::Value) -> IdClaims {
        let rest = rest.as_object().cloned().unwrap_or_default();
        IdClaims { issuer: issuer.to_owned(), rest, ..IdClaims::default() }
    }

    #[test]
    fn github_and_gitlab_name_repository_and_ref() {
        let github = json!({"repository": "acme/app", "ref": "refs/heads/main"});
        let gitlab = json!({"project_path": "acme/app", "ref_path": "refs/tags/v1"});
        for (issuer, rest, repository, reference) in [
            (GITHUB, &github, "https://github.com/acme/app", "refs/heads/main"),
            (&format!("{GITHUB}/acme"), &github, "https://github.com/acme/app", "refs/heads/main"),
            (
                "https://git.example/_services/token",
                &github,
                "https://git.example/acme/app",
                "refs/heads/main",
            ),
            ("https://gitlab.com", &gitlab, "https://gitlab.com/acme/app", "refs/tags/v1"),
        ] {
            let found = Workflow::of(&claims(issuer, rest)).unwrap();
            assert_eq!((&*found.repository, &*found.reference), (repository, reference));
        }
        assert_eq!(Workflow::of(&claims("https://evil.example", &github)), None);
        assert_eq!(Workflow::of(&claims(GITHUB, &json!({"repository": "acme/app"}))), None);
    }
}
