//! AWS's SDK for Python, as an independent client.

use serde_json::{Value, json};

use crate::account::REGION;
use crate::emulator::here;
use crate::finished::Finished;
use crate::program::Program;

/// Makes calls, one after another, and gives the answer of each; an error as `{"error": …}`.
pub(crate) fn calls(variables: &[(String, String)], calls: &[(&str, &str, Value)]) -> Vec<Value> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = Program::python().command(folder.path());
    command
        .arg(here("sdk.py"))
        .env("AWS_DEFAULT_REGION", REGION)
        .envs(variables.iter().map(|(name, value)| (name, value)));
    let answers = Finished::fed(command, &json!(calls).to_string()).exits(0).json();
    answers.as_array().expect("a list").clone()
}

/// The same for one call.
pub(crate) fn call(
    variables: &[(String, String)],
    service: &str,
    operation: &str,
    input: Value,
) -> Value {
    calls(variables, &[(service, operation, input)]).remove(0)
}
