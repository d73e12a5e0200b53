//! What a registry says when it refuses (distribution-spec, "Error Codes").

use std::fmt;

use serde::Deserialize;

/// How much of an error's body is read, in bytes.
pub(super) const MAX_COMPLAINT_BYTES: usize = 4096;
const MAX_MESSAGE_CHARS: usize = 300;

/// The first error of an error body, safe to print.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) code: String,
    pub(super) message: String,
}

impl Complaint {
    /// Reads a body of which only the beginning may be there. A body in another form is no
    /// complaint, and is never shown: it might be anything.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let body: Body = serde_json::from_slice(body).ok()?;
        let first = body.errors.into_iter().next()?;
        Some(Self { code: printable(&first.code), message: printable(&first.message) })
    }

    /// Whether the registry says that a tag exists and may not be moved. ECR answers 400 with
    /// `TAG_INVALID`, its own API and stand-ins `ImageTagAlreadyExistsException`, Harbor 412.
    pub(super) fn is_immutable_tag(&self) -> bool {
        let message = self.message.to_ascii_lowercase();
        self.code == "ImageTagAlreadyExistsException"
            || message.contains("immutable")
            || message.contains("cannot be overwritten")
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gap = if self.message.is_empty() { "" } else { ": " };
        write!(f, "{}{gap}{}", self.code, self.message)
    }
}

/// `text` in one line, without control characters, and cut.
pub(super) fn printable(text: &str) -> String {
    let clean = text.chars().take(MAX_MESSAGE_CHARS).map(|c| if c.is_control() { ' ' } else { c });
    clean.collect::<String>().trim().to_owned()
}

#[derive(Deserialize)]
struct Body {
    errors: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_and_cleans() {
        let body = br#"{"errors":[{"code":"DENIED","message":"no\u001b[31m\nway","detail":{}}]}"#;
        let complaint = Complaint::parse(body).unwrap();
        assert_eq!(complaint.to_string(), "DENIED: no [31m way");
        assert_eq!(Complaint::parse(b"<html>"), None);
        assert_eq!(Complaint::parse(br#"{"errors":[]}"#), None);
    }

    #[test]
    fn knows_an_immutable_tag() {
        let says = |code: &str, message: &str| {
            let (code, message) = (code.to_owned(), message.to_owned());
            Complaint { code, message }.is_immutable_tag()
        };
        assert!(says("TAG_INVALID", "The image tag '1' is immutable."));
        assert!(says("ImageTagAlreadyExistsException", ""));
        assert!(!says("TAG_INVALID", "manifest tag did not match URI"));
    }

    proptest! {
        #[test]
        fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            Complaint::parse(&body);
        }
    }
}
