//! How far ECR is with a scan, before its report is worth reading.

use boltseal_core::json;
use jiff::Timestamp;
use serde_json::Value;

use crate::node::Node;

/// What an answer of `DescribeImageScanFindings` says about the scan itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EcrScanState {
    /// Done: the report can be judged.
    Finished,
    /// Not done, or not to be believed yet: ask again.
    Waiting {
        /// ECR's word, or what is not to be believed.
        status: String,
    },
    /// It will never be done.
    Never {
        /// ECR's word.
        status: String,
        /// ECR's explanation; may be empty.
        description: String,
    },
}

impl EcrScanState {
    /// Reads the list of all pages, or one answer. What cannot be read counts as finished, for the
    /// importer says best what is wrong with it.
    ///
    /// Zero findings are believed only of a scan that says when it ended, and ended after
    /// `pushed_at`: ECR is known to answer `COMPLETE` for a moment before it has looked.
    pub fn of(bytes: &[u8], pushed_at: Option<Timestamp>) -> Self {
        let Ok(document) = json::parse(bytes) else { return Self::Finished };
        let root = Node::root(&document);
        let pages = root.items().unwrap_or_else(|| vec![Node::root(&document)]);
        let Some(first) = pages.first() else { return Self::Finished };
        match word(first, "status").as_str() {
            "COMPLETE" | "ACTIVE" if is_clean(&pages) => believed(first, pushed_at),
            "IN_PROGRESS" | "PENDING" => Self::Waiting { status: word(first, "status") },
            "COMPLETE" | "ACTIVE" | "" => Self::Finished,
            // FAILED, UNSUPPORTED_IMAGE, SCAN_ELIGIBILITY_EXPIRED, FINDINGS_UNAVAILABLE,
            // LIMIT_EXCEEDED, IMAGE_ARCHIVED, and any word that is added one day.
            status => {
                let description = word(first, "description");
                Self::Never { status: status.to_owned(), description }
            }
        }
    }
}

/// A member of `imageScanStatus`; empty where there is none.
fn word(page: &Node<'_>, member: &str) -> String {
    let status = page.value().get("imageScanStatus").and_then(|it| it.get(member));
    status.and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn is_clean(pages: &[Node<'_>]) -> bool {
    let rows = |page: &Node<'_>, list| {
        let findings = page.value().get("imageScanFindings").and_then(|it| it.get(list));
        findings.and_then(Value::as_array).map_or(0, Vec::len)
    };
    pages.iter().all(|page| rows(page, "findings") + rows(page, "enhancedFindings") == 0)
}

fn believed(first: &Node<'_>, pushed_at: Option<Timestamp>) -> EcrScanState {
    let findings = first.object("imageScanFindings").ok().flatten();
    let ended = findings.and_then(|it| it.time("imageScanCompletedAt").ok().flatten());
    let waiting = |status: &str| EcrScanState::Waiting { status: status.to_owned() };
    match (ended, pushed_at) {
        (None, _) => waiting("zero findings, without the time that the scan ended"),
        (Some(ended), Some(pushed)) if ended < pushed => {
            waiting("zero findings, of a scan that ended before the push")
        }
        _ => EcrScanState::Finished,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(status: &str, findings: &str, pushed_at: Option<&str>) -> EcrScanState {
        let answer = format!(
            r#"[{{"imageScanStatus": {{"status": "{status}", "description": "why"}},
                 "imageScanFindings": {findings}}}]"#
        );
        let pushed_at = pushed_at.map(|time| time.parse().unwrap());
        EcrScanState::of(answer.as_bytes(), pushed_at)
    }

    const CLEAN: &str = r#"{"findings": [], "imageScanCompletedAt": "2026-11-24T10:00:00Z"}"#;
    const RACE: &str = r#"{"findings": []}"#;
    const FOUND: &str = r#"{"findings": [{"name": "CVE-1"}]}"#;

    #[test]
    fn every_status_waits_or_ends() {
        for status in ["IN_PROGRESS", "PENDING"] {
            assert_eq!(
                state(status, RACE, None),
                EcrScanState::Waiting { status: status.to_owned() }
            );
        }
        let never = [
            "FAILED",
            "UNSUPPORTED_IMAGE",
            "SCAN_ELIGIBILITY_EXPIRED",
            "FINDINGS_UNAVAILABLE",
            "LIMIT_EXCEEDED",
            "IMAGE_ARCHIVED",
            "A_NEW_WORD",
        ];
        for status in never {
            let (status, description) = (status.to_owned(), "why".to_owned());
            assert_eq!(state(&status, RACE, None), EcrScanState::Never { status, description });
        }
    }

    #[test]
    fn zero_findings_are_believed_only_of_a_scan_that_ended_after_the_push() {
        for status in ["COMPLETE", "ACTIVE"] {
            assert_eq!(state(status, FOUND, None), EcrScanState::Finished);
            assert_eq!(state(status, CLEAN, None), EcrScanState::Finished);
            assert_eq!(state(status, CLEAN, Some("2026-11-24T09:59:59Z")), EcrScanState::Finished);
            let early = state(status, CLEAN, Some("2026-11-24T10:00:01Z"));
            assert!(matches!(early, EcrScanState::Waiting { .. }), "{early:?}");
            assert!(matches!(state(status, RACE, None), EcrScanState::Waiting { .. }));
        }
    }

    #[test]
    fn what_cannot_be_read_is_left_to_the_importer() {
        for bytes in [&b"<html>"[..], b"[]", b"{}", b"null"] {
            assert_eq!(EcrScanState::of(bytes, None), EcrScanState::Finished);
        }
    }
}
