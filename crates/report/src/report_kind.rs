use std::fmt;
use std::str::FromStr;

use crate::{Document, Occasion, Paint};
use crate::{annotations, dotenv, github_outputs, gitlab, html, junit, markdown, sarif};

/// A kind of report: what a result is written as, beside the result itself. Each is made of the
/// result's document, decides nothing, and escapes all text from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReportKind {
    /// Workflow commands of GitHub Actions, to be printed on the job's log.
    Annotations,
    /// Markdown for a comment on a merge request, at most 60,000 bytes.
    Comment,
    /// Variables for later jobs: GitLab's `artifacts: reports: dotenv`.
    Dotenv,
    /// Lines for `GITHUB_OUTPUT`.
    GithubOutputs,
    /// Links on the job's page: GitLab's `artifacts: reports: annotations`.
    GitlabAnnotations,
    /// GitLab's `artifacts: reports: container_scanning`, version 15.2.1.
    GitlabContainerScanning,
    /// GitLab's `artifacts: reports: cyclonedx`.
    GitlabCyclonedx,
    /// One page that needs nothing else.
    Html,
    /// The result's document.
    Json,
    /// `JUnit`'s XML.
    Junit,
    /// Markdown for a job's summary, below 1 MiB.
    Markdown,
    /// SARIF 2.1.0.
    Sarif,
    /// The result's text, without colours.
    Text,
}

impl ReportKind {
    /// All kinds, by name.
    pub const ALL: [Self; 13] = [
        Self::Annotations,
        Self::Comment,
        Self::Dotenv,
        Self::GithubOutputs,
        Self::GitlabAnnotations,
        Self::GitlabContainerScanning,
        Self::GitlabCyclonedx,
        Self::Html,
        Self::Json,
        Self::Junit,
        Self::Markdown,
        Self::Sarif,
        Self::Text,
    ];

    /// The name in `--report`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Annotations => "annotations",
            Self::Comment => "comment",
            Self::Dotenv => "dotenv",
            Self::GithubOutputs => "github-outputs",
            Self::GitlabAnnotations => "gitlab-annotations",
            Self::GitlabContainerScanning => "gitlab-container-scanning",
            Self::GitlabCyclonedx => "gitlab-cyclonedx",
            Self::Html => "html",
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Sarif => "sarif",
            Self::Text => "text",
        }
    }

    /// Whether `command` (such as `gate`) knows what the report is about. A list of findings or
    /// of components from a command that looks at none would read as a clean answer.
    pub fn is_for(self, command: &str) -> bool {
        match self {
            Self::GitlabCyclonedx => command == "release",
            Self::GitlabContainerScanning => matches!(command, "release" | "gate"),
            _ => true,
        }
    }

    /// The report.
    pub fn render(self, document: &dyn Document, occasion: &Occasion) -> String {
        let dossier = document.dossier();
        let pretty = |value| crate::document::pretty(&value);
        match self {
            Self::Annotations => annotations::annotations(&dossier),
            Self::Comment => markdown::comment(&dossier, occasion),
            Self::Dotenv => dotenv::dotenv(&dossier),
            Self::GithubOutputs => github_outputs::github_outputs(&dossier),
            Self::GitlabAnnotations => pretty(gitlab::annotations(&dossier, occasion)),
            Self::GitlabContainerScanning => pretty(gitlab::container_scanning(&dossier, occasion)),
            Self::GitlabCyclonedx => pretty(gitlab::cyclonedx(&dossier)),
            Self::Html => html::page(&dossier, occasion),
            Self::Json => document.to_json(),
            Self::Junit => junit::junit(&dossier, &document.to_text(Paint::Plain), occasion),
            Self::Markdown => markdown::summary(&dossier, occasion),
            Self::Sarif => pretty(sarif::sarif(&dossier)),
            Self::Text => document.to_text(Paint::Plain),
        }
    }
}

impl fmt::Display for ReportKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ReportKind {
    type Err = ReportKindError;

    fn from_str(text: &str) -> Result<Self, ReportKindError> {
        let found = || text.chars().take(80).collect();
        let named = Self::ALL.into_iter().find(|kind| kind.name() == text);
        named.ok_or_else(|| ReportKindError { found: found() })
    }
}

/// A text that is no kind of report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a kind of report ({}), found {found:?}", names())]
pub struct ReportKindError {
    /// The text, cut at 80 characters.
    pub found: String,
}

fn names() -> String {
    ReportKind::ALL.map(ReportKind::name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_stand_in_their_order() {
        for kind in ReportKind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        assert!(ReportKind::ALL.is_sorted_by_key(|kind| kind.name()));
        let error = "xml".parse::<ReportKind>().unwrap_err().to_string();
        assert!(error.contains("junit") && error.contains("\"xml\""), "{error}");
    }
}
