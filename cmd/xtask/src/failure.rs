use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

/// Why a command stopped. Each says what was wanted and what to do about it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("expected a result as JSON, found {answer:?}: {why}")]
    #[cfg(feature = "bench")]
    Answer { answer: String, why: String },

    #[error("`{command}` was expected to succeed, it ended with {status}")]
    Exit { command: String, status: ExitStatus },

    #[error("cannot {what} {}: {source}", path.display())]
    File { what: &'static str, path: PathBuf, source: io::Error },

    #[error("{} is not understood: {why}", path.display())]
    Malformed { path: PathBuf, why: String },

    #[error("{tool} is needed ({purpose}) and was not found; {how}")]
    Missing { tool: String, purpose: String, how: String },

    #[error("the gate was expected to refuse with exit {expected}, it ended with {status}")]
    Refusal { expected: i32, status: ExitStatus },

    #[error("`{command}` was expected to answer within 20 s, it did not:\n{log}")]
    #[cfg(feature = "bench")]
    Silent { command: String, log: String },

    #[error("{needed} MB are needed for {purpose} in {}, {free} MB are free", path.display())]
    #[cfg(feature = "bench")]
    Space { needed: u64, free: u64, path: PathBuf, purpose: &'static str },

    #[error("`{command}` cannot be started: {source}")]
    Start { command: String, source: io::Error },

    #[error("{count} of {total} cases ended otherwise than expected (listed above)")]
    WrongOutcome { count: usize, total: usize },

    #[error("{suite}: expected {expected} cases in {}, found {found}", path.display())]
    WrongCount { suite: &'static str, expected: usize, found: usize, path: PathBuf },
}

impl Failure {
    /// For `map_err` on a file operation.
    pub(crate) fn file(
        what: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { what, path, source }
    }
}
