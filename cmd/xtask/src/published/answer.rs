use serde_json::Value;

use crate::failure::Failure;
use crate::product::Product;

/// What one run of boltseal answered.
pub(super) struct Answer {
    exit: Option<i32>,
    /// The result on stdout, absent where that is not one JSON document.
    result: Option<Value>,
    said: String,
}

impl Answer {
    /// Runs boltseal with `--format json` added.
    pub(super) fn to(product: &Product, words: &[&str]) -> Result<Self, Failure> {
        let output = product.output(words.iter().chain(&["--format", "json"]))?;
        Ok(Self {
            exit: output.status.code(),
            result: serde_json::from_slice(&output.stdout).ok(),
            said: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        })
    }

    /// What differs from this exit code and outcome; `None`: no result at all is expected.
    pub(super) fn differs(&self, exit: i32, outcome: Option<&str>) -> Vec<String> {
        let mut problems = Vec::new();
        if self.exit != Some(exit) {
            let found = self.exit.map_or("a signal".to_owned(), |code| code.to_string());
            problems.push(format!("exit: expected {exit}, found {found}: {}", self.said));
        }
        let found = self.at("/outcome").and_then(Value::as_str);
        if found != outcome {
            problems.push(format!("outcome: expected {outcome:?}, found {found:?}"));
        }
        if outcome.is_some() && self.at("/exit") != Some(&Value::from(exit)) {
            problems
                .push(format!("exit in the result: expected {exit}, found {:?}", self.at("/exit")));
        }
        problems
    }

    /// The value at a JSON pointer.
    pub(super) fn at(&self, pointer: &str) -> Option<&Value> {
        self.result.as_ref()?.pointer(pointer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(exit: i32, result: &str) -> Answer {
        Answer { exit: Some(exit), result: serde_json::from_str(result).ok(), said: String::new() }
    }

    #[test]
    fn exit_outcome_and_result_must_agree() {
        let passed = r#"{"outcome": "passed", "exit": 0}"#;
        assert!(answer(0, passed).differs(0, Some("passed")).is_empty());
        assert_eq!(answer(0, passed).differs(10, Some("refused")).len(), 3);
        assert_eq!(answer(10, passed).differs(0, Some("passed")).len(), 1);
        assert_eq!(answer(0, "not JSON").differs(0, Some("passed")).len(), 2);
    }

    #[test]
    fn no_result_is_expected_of_a_usage_error() {
        assert!(answer(2, "").differs(2, None).is_empty());
        assert_eq!(answer(2, r#"{"outcome": "passed"}"#).differs(2, None).len(), 1);
    }
}
