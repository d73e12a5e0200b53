use boltseal_core::{Digest, Exit, Reason};
use serde::Serialize;

use super::{Head, Outcome, SubjectOfResult};
use crate::document::pretty;
use crate::{Document, Paint, text};

const SCHEMA: &str = "boltseal.policy-test/v1";

/// The result of `policy test`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PolicyTest {
    /// What every result has; the subject is the policy.
    #[serde(flatten)]
    pub head: Head,
    /// The cases, in the order in which they were given.
    pub cases: Vec<CaseResult>,
}

/// What one case came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CaseResult {
    /// What was judged, as its user named it.
    pub target: String,
    /// Its digest, once it is known.
    pub digest: Option<Digest>,
    /// The time at which it was judged, where that is not now.
    pub at: Option<String>,
    /// What was expected: an outcome, and perhaps the code of a reason after a colon.
    pub expected: String,
    /// What the policy says; none where it could not be asked.
    pub outcome: Option<Outcome>,
    /// Whether it is what was expected.
    pub met: bool,
    /// Why the policy does not verify it, or why it could not be asked.
    pub reasons: Vec<Reason>,
}

impl PolicyTest {
    /// The document of all cases: good where each came to what was expected.
    pub fn of(policy: &str, cases: Vec<CaseResult>) -> Self {
        let subject = SubjectOfResult::new(policy, None);
        let reasons: Vec<Reason> = cases.iter().flat_map(CaseResult::against).collect();
        let head = if reasons.is_empty() {
            Head::good(SCHEMA, Outcome::Passed, subject)
        } else {
            Head::failed(SCHEMA, subject, reasons)
        };
        Self { head, cases }
    }

    /// The document of a test that did not begin.
    pub fn failed(policy: &str, reasons: Vec<Reason>) -> Self {
        let subject = SubjectOfResult::new(policy, None);
        Self { head: Head::failed(SCHEMA, subject, reasons), cases: Vec::new() }
    }
}

impl CaseResult {
    /// A case that was judged. Its expectation, and whether that is met, come together.
    pub fn judged(
        target: String,
        at: Option<String>,
        (expected, met): (String, bool),
        head: Head,
    ) -> Self {
        let outcome = Some(head.outcome);
        Self {
            target,
            digest: head.subject.digest,
            at,
            expected,
            outcome,
            met,
            reasons: head.reasons,
        }
    }

    /// A case that could not be judged, which meets no expectation.
    pub fn failed(
        target: String,
        at: Option<String>,
        expected: String,
        reasons: &[Reason],
    ) -> Self {
        let reasons = reasons.to_vec();
        Self { target, digest: None, at, expected, outcome: None, met: false, reasons }
    }

    /// What it came to, in words.
    pub(crate) fn found(&self) -> String {
        let outcome = self.outcome.map_or("not judged", Outcome::name);
        match self.reasons.first() {
            Some(reason) => format!("{outcome}: {}, {}", reason.code, reason.found),
            None => outcome.to_owned(),
        }
    }

    /// Why the test does not pass; what kept a case from being judged speaks for itself.
    fn against(&self) -> Vec<Reason> {
        match self.outcome {
            _ if self.met => Vec::new(),
            None => self.reasons.clone(),
            Some(outcome) => {
                let reason = match outcome {
                    Outcome::Undetermined => Reason::new(Exit::Undetermined, "case-undetermined"),
                    _ => Reason::new(Exit::Gate, "case-unmet"),
                };
                let reason = reason.expected(&self.expected).found(self.found());
                vec![reason.place(&self.target).fix(
                    "change the policy, or what is expected; boltseal verify TARGET --policy POLICY \
                     says all that it says",
                )]
            }
        }
    }
}

impl Document for PolicyTest {
    fn head(&self) -> &Head {
        &self.head
    }

    fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    fn to_json(&self) -> String {
        pretty(self)
    }

    fn to_text(&self, paint: Paint) -> String {
        text::policy_test(self, paint)
    }
}
