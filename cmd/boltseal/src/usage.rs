//! Requests that are wrong in themselves: exit code 2.

use boltseal_core::{Exit, Reason};
use boltseal_pipeline::Failure;

/// A wrong request, with what would be right.
pub(crate) fn usage(
    code: &'static str,
    expected: impl Into<String>,
    found: impl Into<String>,
    fix: impl Into<String>,
) -> Failure {
    Failure::from(Reason::new(Exit::Usage, code).expected(expected).found(found).fix(fix))
}
