//! Tags: their list, and which of them may move.

use boltseal_core::Digest;
use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, LINK};
use serde_json::json;

use super::answer::Answer;
use super::call::Call;
use super::options::{Dialect, ImmutableTags};
use super::page::Page;
use super::shared::{Shared, locked};

impl Shared {
    /// GET of the list of tags.
    pub(super) fn tag_list(&self, call: &Call, name: &str) -> Answer {
        let tags: Vec<String> = {
            let repositories = locked(&self.repositories);
            let Some(repository) = repositories.get(name) else {
                return unknown_name();
            };
            repository.tags.keys().cloned().collect()
        };
        let asked = call.query.first("n").and_then(|n| n.parse::<usize>().ok());
        let size = match (asked, self.options.page_size) {
            (Some(asked), Some(most)) => Some(asked.min(most)),
            (asked, most) => asked.or(most),
        };
        let page = Page::of(tags, String::clone, call.query.first("last"), size);
        let document = json!({"name": name, "tags": page.items});
        let answer = Answer::new(StatusCode::OK, Bytes::from(document.to_string()))
            .with(CONTENT_TYPE, "application/json");
        let pairs: Vec<_> = asked.iter().map(|n| ("n", n.to_string())).collect();
        match page.link(&format!("/v2/{name}/tags/list"), &pairs) {
            Some(link) => answer.with(LINK, link),
            None => answer,
        }
    }

    /// The refusal, where a tag that is held by another digest cannot be moved.
    pub(super) fn refuses_to_move(
        &self,
        name: &str,
        tag: &str,
        held: Option<&Digest>,
        digest: &Digest,
    ) -> Option<Answer> {
        let taken = held.is_some_and(|held| held != digest);
        if !taken || !self.options.immutable_tags.fixes(name, tag) {
            return None;
        }
        Some(match self.options.dialect {
            Dialect::Ecr => {
                let message = format!(
                    "The image tag '{tag}' already exists in the '{name}' repository and cannot \
                     be overwritten because the tag is immutable."
                );
                Answer::bad_request("TAG_INVALID", &message)
            }
            // What Harbor answers; the specification has no code for it.
            Dialect::Spec => {
                let message = format!("'{name}:{tag}' is configured as immutable");
                Answer::error(StatusCode::PRECONDITION_FAILED, "PRECONDITION", &message)
            }
        })
    }
}

impl ImmutableTags {
    /// Whether a tag can be set once only.
    fn fixes(&self, repository: &str, tag: &str) -> bool {
        let listed = |patterns: &[String]| patterns.iter().any(|it| matches(it, tag));
        match self {
            Self::All => true,
            Self::Except(patterns) => !listed(patterns),
            Self::None => false,
            Self::Only(patterns) => listed(patterns),
            Self::PerRepository(rules) => {
                rules.get(repository).is_some_and(|it| it.fixes(repository, tag))
            }
        }
    }
}

/// Whether a text fits a pattern in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(tail) = text.strip_prefix(head) else {
        return false;
    };
    let starts = tail.char_indices().map(|(at, _)| at).chain([tail.len()]);
    let mut tails = starts.map(|at| &tail[at..]);
    tails.any(|tail| matches(rest, tail))
}

pub(super) fn unknown_name() -> Answer {
    Answer::not_found("NAME_UNKNOWN", "repository name not known to registry")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        let only = ImmutableTags::Only(vec!["v*".to_owned()]);
        assert!(only.fixes("app", "v1") && !only.fixes("app", "latest"));
        let rules = [("app".to_owned(), only)].into();
        let rules = ImmutableTags::PerRepository(rules);
        assert!(rules.fixes("app", "v1") && !rules.fixes("other", "v1"));
    }

    #[test]
    fn patterns() {
        assert!(matches("sha256-*", "sha256-ab"));
        assert!(matches("*.sig", "sha256-ab.sig"));
        assert!(matches("a*b*c", "a--b--c") && matches("*", ""));
        assert!(!matches("sha256-*", "1.0") && !matches("a*b", "ab-") && !matches("a", "ab"));
    }
}
