//! GitHub Actions: its default environment variables.

/// Facts and the variables that hold them.
pub(crate) const FACTS: [(&str, &str); 13] = [
    ("actor", "GITHUB_ACTOR"),
    ("event", "GITHUB_EVENT_NAME"),
    ("ref", "GITHUB_REF"),
    ("ref_protected", "GITHUB_REF_PROTECTED"),
    ("repository", "GITHUB_REPOSITORY"),
    ("repository_id", "GITHUB_REPOSITORY_ID"),
    ("run_attempt", "GITHUB_RUN_ATTEMPT"),
    ("run_id", "GITHUB_RUN_ID"),
    ("runner", "RUNNER_ENVIRONMENT"),
    ("server", "GITHUB_SERVER_URL"),
    ("sha", "GITHUB_SHA"),
    ("workflow", "GITHUB_WORKFLOW"),
    ("workflow_ref", "GITHUB_WORKFLOW_REF"),
];

/// `SERVER/REPOSITORY/actions/runs/ID/attempts/N`, as GitHub's own provenance writes it.
pub(crate) fn invocation_id(variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let server = variable("GITHUB_SERVER_URL")?;
    let repository = variable("GITHUB_REPOSITORY")?;
    let run = variable("GITHUB_RUN_ID")?;
    let attempt = variable("GITHUB_RUN_ATTEMPT")?;
    Some(format!("{server}/{repository}/actions/runs/{run}/attempts/{attempt}"))
}
