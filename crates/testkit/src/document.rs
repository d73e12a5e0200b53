//! Documents of the project that tests write, or hold against what they say.

use std::path::Path;
use std::{env, fs};

/// Set, [`hold`] writes documents instead of comparing them.
const WRITE: &str = "BOLTSEAL_WRITE_DOCS";

/// Demands that a document is what `written` makes of it; writes that there where
/// `BOLTSEAL_WRITE_DOCS` is set.
///
/// # Panics
/// Where it is not, or there is no such document.
#[track_caller]
pub fn hold(path: &Path, written: impl FnOnce(&str) -> String) {
    let text = fs::read_to_string(path).expect("the document is there");
    let expected = written(&text);
    if env::var_os(WRITE).is_some() {
        fs::write(path, expected).expect("a document that can be written");
        return;
    }
    assert_eq!(text, expected, "{} is out of date: run this test with {WRITE}=1", path.display());
}

/// The text with `content` as all that stands between two marks, which stay.
///
/// # Panics
/// Where a mark is missing.
#[track_caller]
pub fn between(text: &str, (begin, end): (&str, &str), content: &str) -> String {
    let (before, rest) = text.split_once(begin).unwrap_or_else(|| panic!("no {begin:?}"));
    let (_, after) = rest.split_once(end).unwrap_or_else(|| panic!("no {end:?} after {begin:?}"));
    [before, begin, content, end, after].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_marks_changes() {
        let text = "a <begin>old<end> b <end>";
        assert_eq!(between(text, ("<begin>", "<end>"), "new"), "a <begin>new<end> b <end>");
    }

    #[test]
    #[should_panic(expected = "is out of date")]
    fn a_document_that_says_something_else_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.md");
        fs::write(&path, "old").unwrap();
        hold(&path, |text| text.replace("old", "new"));
    }

    #[test]
    #[should_panic(expected = "no \"<begin>\"")]
    fn a_missing_mark_is_found() {
        between("a <end>", ("<begin>", "<end>"), "");
    }
}
