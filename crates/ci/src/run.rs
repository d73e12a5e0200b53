use std::collections::BTreeMap;

use crate::{Provider, github, gitlab};

/// One value is at most this many characters; longer ones are cut.
const MAX_VALUE: usize = 512;

/// A run of a CI system, as its environment tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The system.
    pub provider: Provider,
    /// The run's URI, where the environment names enough of it.
    pub invocation_id: Option<String>,
    /// Facts by name, such as `repository` or `ref`; only those that are set. Unverified.
    pub facts: BTreeMap<String, String>,
}

impl Run {
    /// The run that `variable`, which looks up an environment variable, tells of; none outside
    /// the systems of [`Provider`].
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let lookup = |name: &str| {
            variable(name).map(|value| clean(&value)).filter(|value| !value.is_empty())
        };
        let is = |name: &str| lookup(name).is_some_and(|value| value == "true");
        if is("GITHUB_ACTIONS") {
            Some(Self::of(Provider::GitHub, &github::FACTS, github::invocation_id(&lookup), lookup))
        } else if is("GITLAB_CI") {
            Some(Self::of(Provider::GitLab, &gitlab::FACTS, gitlab::invocation_id(&lookup), lookup))
        } else {
            None
        }
    }

    /// The run's id and its attempt, or what the system has instead, for names that are traced
    /// back to it; none where the environment lacks one of the two.
    pub fn label(&self) -> Option<String> {
        let (run, attempt) = match self.provider {
            Provider::GitHub => ("run_id", "run_attempt"),
            Provider::GitLab => ("pipeline_id", "job_id"),
        };
        Some(format!("{}-{}", self.facts.get(run)?, self.facts.get(attempt)?))
    }

    fn of(
        provider: Provider,
        names: &[(&str, &str)],
        invocation_id: Option<String>,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let facts = names
            .iter()
            .filter_map(|(fact, name)| Some(((*fact).to_owned(), lookup(name)?)))
            .collect();
        Self { provider, invocation_id, facts }
    }
}

/// Without control characters and surrounding space, cut at [`MAX_VALUE`].
fn clean(value: &str) -> String {
    let kept: String = value.trim().chars().filter(|c| !c.is_control()).collect();
    kept.chars().take(MAX_VALUE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(variables: &[(&str, &str)]) -> Option<Run> {
        Run::detect(|name| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn outside_ci_there_is_no_run() {
        assert_eq!(detect(&[("CI", "true"), ("GITHUB_REPOSITORY", "acme/app")]), None);
        assert_eq!(detect(&[("GITHUB_ACTIONS", "false")]), None);
    }

    #[test]
    fn github_names_the_attempt() {
        let run = detect(&[
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "acme/app"),
            ("GITHUB_RUN_ID", "7"),
            ("GITHUB_RUN_ATTEMPT", "2"),
            ("GITHUB_SHA", "0123"),
            ("GITHUB_TOKEN", "ghs_secret"),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "secret"),
        ])
        .unwrap();
        assert_eq!(run.provider, Provider::GitHub);
        assert_eq!(
            run.invocation_id.as_deref(),
            Some("https://github.com/acme/app/actions/runs/7/attempts/2")
        );
        assert_eq!(run.facts["sha"], "0123");
        assert_eq!(run.label().as_deref(), Some("7-2"));
        assert!(!format!("{run:?}").contains("secret"));
    }

    #[test]
    fn a_run_that_is_not_named_in_full_has_no_uri() {
        let run = detect(&[("GITHUB_ACTIONS", "true"), ("GITHUB_RUN_ID", "7")]).unwrap();
        assert_eq!((run.invocation_id.as_deref(), run.label()), (None, None));
        assert_eq!(run.facts["run_id"], "7");
    }

    #[test]
    fn gitlab_names_the_job() {
        let run = detect(&[
            ("GITLAB_CI", "true"),
            ("CI_JOB_URL", "https://gitlab.example.com/acme/app/-/jobs/9"),
            ("CI_PROJECT_PATH", "acme/app"),
            ("CI_JOB_TOKEN", "glcbt-secret"),
        ])
        .unwrap();
        assert_eq!(
            run.invocation_id.as_deref(),
            Some("https://gitlab.example.com/acme/app/-/jobs/9")
        );
        assert_eq!(run.facts["repository"], "acme/app");
        assert!(!format!("{run:?}").contains("secret"));
    }

    #[test]
    fn values_are_cleaned_and_bounded() {
        let long = format!(" a\n\u{1b}b{}", "x".repeat(2000));
        let run = detect(&[("GITHUB_ACTIONS", "true"), ("GITHUB_WORKFLOW", &long)]).unwrap();
        assert!(run.facts["workflow"].starts_with("abx"));
        assert_eq!(run.facts["workflow"].chars().count(), MAX_VALUE);
        let empty = detect(&[("GITHUB_ACTIONS", "true"), ("GITHUB_SHA", " ")]).unwrap();
        assert!(empty.facts.is_empty());
    }

    #[test]
    fn no_variable_that_holds_a_secret_is_read() {
        for (_, name) in github::FACTS.iter().chain(&gitlab::FACTS) {
            for part in ["TOKEN", "SECRET", "PASSWORD", "KEY", "JWT"] {
                assert!(!name.contains(part), "{name}");
            }
        }
    }
}
