//! What one change must lead to, in all its parts.

use serde_json::Value;

/// The one reason that a change must be refused for.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    /// The exit code.
    pub(super) exit: i32,
    /// The code of the reason.
    pub(super) code: &'static str,
    /// What must be in its `where`.
    pub(super) place: String,
    /// What must be in its `expected`.
    pub(super) expected: String,
    /// What must be in its `found`.
    pub(super) found: String,
}

impl Refusal {
    pub(super) fn new(exit: i32, code: &'static str, place: &impl ToString) -> Self {
        Self { exit, code, place: place.to_string(), expected: String::new(), found: String::new() }
    }

    /// Content that contradicts what names it.
    pub(super) fn contradiction(place: &impl ToString) -> Self {
        Self::new(30, "content-contradicts", place)
    }

    pub(super) fn expected(mut self, text: &impl ToString) -> Self {
        self.expected = text.to_string();
        self
    }

    pub(super) fn found(mut self, text: &impl ToString) -> Self {
        self.found = text.to_string();
        self
    }
}

/// What a change must lead to.
#[derive(Clone, Debug)]
pub(super) enum Ending {
    /// Verified all the same.
    Accepted,
    /// Verified, and the piece with this digest carries a remark with this text.
    Noted(String, &'static str),
    /// Refused, for exactly this reason.
    Refused(Refusal),
}

impl Ending {
    pub(super) const fn exit(&self) -> i32 {
        match self {
            Self::Accepted | Self::Noted(..) => 0,
            Self::Refused(refusal) => refusal.exit,
        }
    }

    /// Compares a result of `verify` with it.
    #[track_caller]
    pub(super) fn check(&self, document: &Value, what: &str) {
        assert_eq!(document["exit"], self.exit(), "{what}: {document:#}");
        match self {
            Self::Accepted => assert_eq!(document["outcome"], "verified", "{what}: {document:#}"),
            Self::Noted(digest, note) => {
                assert_eq!(document["outcome"], "verified", "{what}: {document:#}");
                is_noted(document, digest, note, what);
            }
            Self::Refused(refusal) => is_refused(document, refusal, what),
        }
    }
}

#[track_caller]
fn is_refused(document: &Value, refusal: &Refusal, what: &str) {
    assert_eq!(document["outcome"], "refused", "{what}: {document:#}");
    let reasons = document["reasons"].as_array().expect("a list of reasons");
    assert_eq!(reasons.len(), 1, "{what}: one change, one refusal: {document:#}");
    let reason = &reasons[0];
    assert_eq!(reason["code"], refusal.code, "{what}: {reason:#}");
    for (part, wanted) in [
        ("expected", &*refusal.expected),
        ("found", &refusal.found),
        ("where", &refusal.place),
        ("fix", ""),
    ] {
        let text = reason[part].as_str().unwrap_or_default();
        assert!(!text.trim().is_empty(), "{what}: {part} is empty: {reason:#}");
        assert!(text.contains(wanted), "{what}: no {wanted:?} in {part}: {reason:#}");
    }
}

#[track_caller]
fn is_noted(document: &Value, digest: &str, note: &str, what: &str) {
    let items = document["evidence"].as_array().expect("a list of evidence");
    let item = items.iter().find(|it| it["digest"] == digest);
    let item = item.unwrap_or_else(|| panic!("{what}: no {digest} in {document:#}"));
    assert_eq!(item["status"], "verified", "{what}: {item:#}");
    let reason = item["reason"].as_str().unwrap_or_default();
    assert!(reason.contains(note), "{what}: {note:?} is not in {reason:?}");
}
