use std::process::ExitCode;

use boltseal_core::Exit;

/// The process exit code. `0` is only ever made from a result that says so.
pub(crate) fn code(exit: Exit) -> ExitCode {
    ExitCode::from(exit.code())
}
