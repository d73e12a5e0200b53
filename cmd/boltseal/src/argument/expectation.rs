use std::fmt;
use std::str::FromStr;

use boltseal_core::Reason;
use boltseal_report::v1::Outcome;

/// What a case of a policy's test must come to: `verified`, `refused` or `undetermined`, and after
/// a colon the code of a reason that must be among the reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expectation {
    outcome: Outcome,
    code: Option<String>,
}

/// The outcomes that a verification has.
const OUTCOMES: [Outcome; 3] = [Outcome::Verified, Outcome::Refused, Outcome::Undetermined];

impl Expectation {
    /// Whether a verification ended so.
    pub(crate) fn is_met(&self, outcome: Outcome, reasons: &[Reason]) -> bool {
        let has = |code: &String| reasons.iter().any(|reason| reason.code == code);
        outcome == self.outcome && self.code.as_ref().is_none_or(has)
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.outcome.name())?;
        self.code.as_ref().map_or(Ok(()), |code| write!(f, ":{code}"))
    }
}

impl FromStr for Expectation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, code) = match text.split_once(':') {
            Some((name, code)) => (name, Some(code)),
            None => (text, None),
        };
        let outcome = OUTCOMES.into_iter().find(|it| it.name() == name);
        let is_code = |code: &str| {
            !code.is_empty() && code.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        match outcome {
            // What verifies has no reason against it.
            Some(Outcome::Verified) if code.is_some() => None,
            Some(outcome) if code.is_none_or(is_code) => Some(outcome),
            _ => None,
        }
        .map(|outcome| Self { outcome, code: code.map(str::to_owned) })
        .ok_or_else(|| {
            let found: String = text.chars().take(80).collect();
            format!("expected verified, refused, refused:CODE or undetermined, found {found:?}")
        })
    }
}

#[cfg(test)]
mod tests {
    use boltseal_core::Exit;

    use super::*;

    #[test]
    fn an_outcome_with_or_without_the_code_of_a_reason() {
        let reasons = [Reason::new(Exit::Untrusted, "unknown-signer")];
        let is_met = |text: &str, outcome| {
            let expectation: Expectation = text.parse().unwrap();
            assert_eq!(expectation.to_string(), text);
            expectation.is_met(outcome, &reasons)
        };
        assert!(is_met("refused", Outcome::Refused));
        assert!(is_met("refused:unknown-signer", Outcome::Refused));
        assert!(!is_met("refused:evidence-missing", Outcome::Refused));
        assert!(!is_met("refused", Outcome::Undetermined));
        assert!(!is_met("verified", Outcome::Refused));
        for text in ["", "passed", "verified:x", "refused:", "refused:a b"] {
            assert!(text.parse::<Expectation>().is_err(), "{text}");
        }
    }
}
