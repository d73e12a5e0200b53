//! GitLab CI/CD: its predefined variables.

/// Facts and the variables that hold them.
pub(crate) const FACTS: [(&str, &str); 12] = [
    ("event", "CI_PIPELINE_SOURCE"),
    ("job_id", "CI_JOB_ID"),
    ("job_name", "CI_JOB_NAME"),
    ("pipeline_id", "CI_PIPELINE_ID"),
    ("ref", "CI_COMMIT_REF_NAME"),
    ("ref_protected", "CI_COMMIT_REF_PROTECTED"),
    ("repository", "CI_PROJECT_PATH"),
    ("repository_id", "CI_PROJECT_ID"),
    ("runner_id", "CI_RUNNER_ID"),
    ("server", "CI_SERVER_URL"),
    ("sha", "CI_COMMIT_SHA"),
    ("tag", "CI_COMMIT_TAG"),
];

/// The job's URL.
pub(crate) fn invocation_id(variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    variable("CI_JOB_URL")
}
