//! Which of the token sources this run has.

use boltseal_ports::{IdentityError, IdentityErrorKind, IdentityProvider};

use crate::buildkite_token::BuildkiteToken;
use crate::circleci_token::CircleCiToken;
use crate::github_token::GitHubToken;
use crate::given_token::GivenToken;
use crate::token_file::TokenFile;

/// The variable in which a GitLab job hands over its token, unless another one is named.
pub const GITLAB_TOKEN_VARIABLE: &str = "BOLTSEAL_ID_TOKEN";

/// The identity of the CI run, from the environment that `variable` looks up: of GitHub Actions,
/// GitLab (from `gitlab_variable`), Buildkite, `CircleCI`, Bitbucket, else the file that
/// `AWS_WEB_IDENTITY_TOKEN_FILE` names. A CI system that would give a token but was not asked to
/// is an error only where that file is not named either; it says what to add to the workflow.
///
/// Nothing is asked for yet, and no variable is read later.
pub fn detect_identity(
    variable: impl Fn(&str) -> Option<String>,
    gitlab_variable: &str,
) -> Result<Box<dyn IdentityProvider>, IdentityError> {
    let lookup = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    let is = |name: &str| lookup(name).is_some_and(|value| value == "true");
    let found: Option<Result<Box<dyn IdentityProvider>, IdentityError>> = if is("GITHUB_ACTIONS") {
        Some(GitHubToken::of(&lookup).map(|it| Box::new(it) as _))
    } else if is("GITLAB_CI") {
        Some(GivenToken::gitlab(&lookup, gitlab_variable).map(|it| Box::new(it) as _))
    } else if is("BUILDKITE") {
        Some(Ok(Box::new(BuildkiteToken::new(vec!["buildkite-agent".to_owned()]))))
    } else if is("CIRCLECI") {
        Some(Ok(Box::new(CircleCiToken::of(&lookup, vec!["circleci".to_owned()]))))
    } else if lookup("BITBUCKET_BUILD_NUMBER").is_some() {
        Some(GivenToken::bitbucket(&lookup).map(|it| Box::new(it) as _))
    } else {
        None
    };
    match (found, lookup("AWS_WEB_IDENTITY_TOKEN_FILE")) {
        (Some(Ok(provider)), _) => Ok(provider),
        (_, Some(file)) => Ok(Box::new(TokenFile::new(file))),
        (Some(Err(absent)), None) => Err(absent),
        (None, None) => Err(nobody()),
    }
}

fn nobody() -> IdentityError {
    absent(
        "the environment",
        "a CI system that vouches for its runs, or AWS_WEB_IDENTITY_TOKEN_FILE",
        "none of GitHub Actions, GitLab, Buildkite, CircleCI and Bitbucket",
        "run this in such a job, or leave the role out to use the ordinary AWS credentials",
    )
}

pub(crate) fn absent(place: &str, expected: &str, found: &str, fix: &str) -> IdentityError {
    failure(IdentityErrorKind::Absent, place, expected, found, fix)
}

pub(crate) fn failure(
    kind: IdentityErrorKind,
    place: &str,
    expected: &str,
    found: &str,
    fix: &str,
) -> IdentityError {
    IdentityError {
        kind,
        place: place.to_owned(),
        expected: expected.to_owned(),
        found: found.to_owned(),
        fix: fix.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwt::tests::token;
    use serde_json::json;

    fn detect(variables: &[(&str, &str)]) -> Result<Box<dyn IdentityProvider>, IdentityError> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        detect_identity(variable, GITLAB_TOKEN_VARIABLE)
    }

    fn refused(variables: &[(&str, &str)]) -> IdentityError {
        match detect(variables) {
            Ok(provider) => panic!("found {}", provider.name()),
            Err(error) => error,
        }
    }

    const FILE: (&str, &str) = ("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token");

    #[test]
    fn the_ci_system_comes_before_the_file() {
        let jwt = token(&json!({"iss": "i", "sub": "s", "aud": "a"}));
        let url = ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://token.example/x?api-version=2");
        let secret = ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "secret");
        let name = |variables: &[(&str, &str)]| detect(variables).unwrap().name().to_owned();
        assert_eq!(name(&[("GITHUB_ACTIONS", "true"), url, secret, FILE]), "GitHub Actions");
        assert_eq!(name(&[("GITHUB_ACTIONS", "true"), FILE]), "AWS_WEB_IDENTITY_TOKEN_FILE");
        let job = ("BOLTSEAL_ID_TOKEN", jwt.as_str());
        assert_eq!(name(&[("GITLAB_CI", "true"), job]), "GitLab");
        assert_eq!(name(&[("BUILDKITE", "true")]), "Buildkite");
        assert_eq!(name(&[("CIRCLECI", "true")]), "CircleCI");
        let step = ("BITBUCKET_STEP_OIDC_TOKEN", jwt.as_str());
        assert_eq!(name(&[("BITBUCKET_BUILD_NUMBER", "7"), step]), "Bitbucket");
        assert_eq!(name(&[FILE]), "AWS_WEB_IDENTITY_TOKEN_FILE");
    }

    #[test]
    fn a_run_without_a_token_is_told_what_to_add() {
        for (variables, fix) in [
            (&[("GITHUB_ACTIONS", "true")][..], "id-token: write"),
            (&[("GITLAB_CI", "true")], "id_tokens: {BOLTSEAL_ID_TOKEN: {aud: sts.amazonaws.com}}"),
            (&[("BITBUCKET_BUILD_NUMBER", "7")], "oidc: true"),
            (&[("CI", "true")], "leave the role out"),
        ] {
            let error = refused(variables);
            assert_eq!(error.kind, IdentityErrorKind::Absent);
            assert!(error.fix.contains(fix), "{error:?}");
        }
    }

    #[test]
    fn a_github_endpoint_over_plain_http_is_refused() {
        let error = refused(&[
            ("GITHUB_ACTIONS", "true"),
            ("ACTIONS_ID_TOKEN_REQUEST_URL", "http://token.example/x"),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "hunter2"),
        ]);
        assert_eq!(error.kind, IdentityErrorKind::Malformed);
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}
