use std::path::PathBuf;
use std::str::FromStr;

use boltseal_report::{ReportKind, ReportKindError};
use clap::Args;

/// Further forms of the result.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Output")]
pub(crate) struct ReportArgs {
    /// Write the result in a further form as well, also when it fails: annotations, comment,
    /// dotenv, github-outputs, gitlab-annotations, gitlab-container-scanning, gitlab-cyclonedx,
    /// html, json, junit, markdown, sarif or text. Repeatable.
    #[arg(id = "report", long = "report", value_name = "KIND=FILE")]
    pub(crate) targets: Vec<ReportTarget>,
}

/// `KIND=FILE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReportTarget {
    /// What is written.
    pub(crate) kind: ReportKind,
    /// Where to.
    pub(crate) path: PathBuf,
}

/// A text that is no `KIND=FILE`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ReportTargetError {
    /// Another kind.
    #[error("{problem}{}", nearest(problem))]
    Kind {
        /// What is wrong with it.
        problem: ReportKindError,
    },
    /// A file by a variable that has no value here.
    #[error(
        "expected KIND=FILE, found {kind}= without a file: a variable that is not set stands \
         there; $GITHUB_OUTPUT and $GITHUB_STEP_SUMMARY are set only inside a step of GitHub \
         Actions"
    )]
    NoName {
        /// The kind.
        kind: ReportKind,
    },
    /// No file.
    #[error("expected KIND=FILE, such as sarif=boltseal.sarif, found {found:?}")]
    NoFile {
        /// The text, cut at 80 characters.
        found: String,
    },
}

fn nearest(problem: &ReportKindError) -> String {
    let near = |kind: &ReportKind| strsim::damerau_levenshtein(kind.name(), &problem.found);
    let kind = ReportKind::ALL.into_iter().min_by_key(near).filter(|kind| near(kind) <= 3);
    kind.map(|kind| format!("; did you mean {kind}?")).unwrap_or_default()
}

impl FromStr for ReportTarget {
    type Err = ReportTargetError;

    fn from_str(text: &str) -> Result<Self, ReportTargetError> {
        let no_file = || ReportTargetError::NoFile { found: text.chars().take(80).collect() };
        let (kind, path) = text.split_once('=').ok_or_else(no_file)?;
        let kind = kind.parse().map_err(|problem| ReportTargetError::Kind { problem })?;
        if path.is_empty() {
            return Err(ReportTargetError::NoName { kind });
        }
        // Standard output takes the result; what is written beside it has a name.
        if path == "-" {
            return Err(no_file());
        }
        Ok(Self { kind, path: PathBuf::from(path) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_kind_and_a_file() {
        let target: ReportTarget = "html=out/a=b.html".parse().unwrap();
        assert_eq!(target.path, PathBuf::from("out/a=b.html"));
        for text in ["", "html", "html=", "html=-", "=x"] {
            assert!(text.parse::<ReportTarget>().is_err(), "{text}");
        }
        let error = "sarifs=x".parse::<ReportTarget>().unwrap_err().to_string();
        assert!(error.ends_with("did you mean sarif?"), "{error}");
        let error = "pdf-with-pictures=x".parse::<ReportTarget>().unwrap_err().to_string();
        assert!(!error.contains("did you mean"), "{error}");
    }
}
