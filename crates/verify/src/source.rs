//! What provenance and SBOMs say about the source, and who built it.

use boltseal_core::{Kind, Statement};
use serde_json::{Value, json};

use crate::{Authentic, Refusal, pattern};

/// What the provenance must say; whatever is empty is not demanded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceDemand {
    /// The repository's URL. `git+`, `.git` and the case of the host make no difference.
    pub repository: Option<String>,
    /// The refs of which one must be named, such as `refs/tags/v*`.
    pub refs: Vec<String>,
    /// The builders' URIs of which one must be named; `*` stands for any characters.
    pub builders: Vec<String>,
}

impl SourceDemand {
    /// Why a piece that verifies is not what is demanded.
    pub(crate) fn refusal(&self, piece: &Authentic) -> Option<Refusal> {
        let statement = piece.statement.as_ref()?;
        match statement.kind() {
            Kind::Provenance => self.of_provenance(statement),
            Kind::Sbom => self.contradiction(&of_sbom(&statement.predicate)),
            _ => None,
        }
    }

    fn of_provenance(&self, statement: &Statement) -> Option<Refusal> {
        let named = of_provenance(&statement.predicate);
        self.contradiction(&named)
            .or_else(|| self.unnamed(&named))
            .or_else(|| self.other_ref(&named))
            .or_else(|| self.other_builder(&statement.predicate))
    }

    /// Repositories are named, and none of them is the one.
    fn contradiction(&self, named: &[Source]) -> Option<Refusal> {
        let expected = self.repository.as_ref()?;
        if named.is_empty() || self.in_repository(named).next().is_some() {
            return None;
        }
        Some(Refusal::OtherSource { found: list(named), expected: expected.clone() })
    }

    fn unnamed(&self, named: &[Source]) -> Option<Refusal> {
        let demanded = self.repository.is_some() || !self.refs.is_empty();
        (demanded && named.is_empty()).then_some(Refusal::NoSource)
    }

    fn other_ref(&self, named: &[Source]) -> Option<Refusal> {
        let is_wanted = |it: &&Source| {
            let name = it.reference.as_deref().unwrap_or_default();
            self.refs.iter().any(|pattern| pattern::matches(pattern, name))
        };
        if self.refs.is_empty() || self.in_repository(named).any(|it| is_wanted(&it)) {
            return None;
        }
        Some(Refusal::OtherRef { found: list(named), expected: self.refs.join(", ") })
    }

    fn other_builder(&self, predicate: &Value) -> Option<Refusal> {
        let found = text(predicate, "/runDetails/builder/id").or(text(predicate, "/builder/id"));
        let found = found.unwrap_or_default();
        if self.builders.is_empty() || self.builders.iter().any(|it| pattern::matches(it, found)) {
            return None;
        }
        Some(Refusal::OtherBuilder { found: cut(found), expected: self.builders.join(", ") })
    }

    /// The named sources that lie in the repository, all of them where none is demanded.
    fn in_repository<'a>(&self, named: &'a [Source]) -> impl Iterator<Item = &'a Source> {
        let wanted = self.repository.as_deref().map(plain);
        named.iter().filter(move |it| wanted.as_ref().is_none_or(|wanted| it.repository == *wanted))
    }

    pub(crate) fn effective(&self) -> Option<Value> {
        let sorted = |list: &[String]| {
            let mut list = list.to_vec();
            list.sort();
            list
        };
        (*self != Self::default()).then(|| {
            json!({
                "repository": self.repository.as_deref().map(plain),
                "refs": sorted(&self.refs),
                "builders": sorted(&self.builders),
            })
        })
    }
}

/// A source that a statement names.
#[derive(Debug, PartialEq, Eq)]
struct Source {
    repository: String,
    reference: Option<String>,
}

impl Source {
    /// From `git+https://HOST/PATH@REF`, or the same without `git+` and ref.
    fn parse(uri: &str) -> Self {
        let bare = uri.strip_prefix("git+").unwrap_or(uri);
        let path = bare.find("://").map_or(0, |at| at + 3);
        let path = bare[path..].find('/').map_or(bare.len(), |at| path + at);
        let (end, reference) = match bare[path..].find('@') {
            Some(at) => (path + at, Some(bare[path + at + 1..].to_owned())),
            None => (bare.len(), None),
        };
        Self { repository: plain(&bare[..end]), reference }
    }

    fn in_words(&self) -> String {
        match &self.reference {
            Some(reference) => cut(&format!("{}@{reference}", self.repository)),
            None => cut(&self.repository),
        }
    }
}

/// The URL without what makes no difference.
fn plain(url: &str) -> String {
    let url = url.strip_prefix("git+").unwrap_or(url).trim_end_matches('/');
    let url = url.strip_suffix(".git").unwrap_or(url);
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url[host..].find('/').map_or(url.len(), |at| host + at);
    format!("{}{}", url[..end].to_ascii_lowercase(), &url[end..])
}

/// What the external parameters name, for they are what a builder was asked for; where they name
/// nothing, every git repository among what went in.
fn of_provenance(predicate: &Value) -> Vec<Source> {
    let workflow = "/buildDefinition/externalParameters/workflow";
    if let Some(repository) = text(predicate, &format!("{workflow}/repository")) {
        let reference = text(predicate, &format!("{workflow}/ref")).map(str::to_owned);
        return vec![Source { reference, ..Source::parse(repository) }];
    }
    let named = [
        "/buildDefinition/externalParameters/source",
        "/buildDefinition/externalParameters/source/uri",
        "/invocation/configSource/uri",
    ];
    if let Some(uri) = named.iter().find_map(|at| text(predicate, at)) {
        return vec![Source::parse(uri)];
    }
    let inputs = predicate.pointer("/buildDefinition/resolvedDependencies");
    let inputs = inputs.and_then(Value::as_array).into_iter().flatten();
    let uris = inputs.filter_map(|it| text(it, "/uri"));
    uris.filter(|uri| uri.starts_with("git+")).map(Source::parse).collect()
}

/// The version control that the SBOM names for its own subject.
fn of_sbom(predicate: &Value) -> Vec<Source> {
    let links = predicate.pointer("/metadata/component/externalReferences");
    let links = links.and_then(Value::as_array).into_iter().flatten();
    let vcs = links.filter(|it| text(it, "/type") == Some("vcs"));
    vcs.filter_map(|it| text(it, "/url")).map(Source::parse).collect()
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

fn list(named: &[Source]) -> String {
    if named.is_empty() {
        return "none".to_owned();
    }
    named.iter().take(3).map(Source::in_words).collect::<Vec<_>>().join(", ")
}

fn cut(text: &str) -> String {
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use boltseal_core::{Digest, Subject};
    use proptest::prelude::*;

    use super::*;

    const REPOSITORY: &str = "https://github.com/acme/app";

    fn demand() -> SourceDemand {
        SourceDemand {
            repository: Some(REPOSITORY.to_owned()),
            refs: vec!["refs/heads/main".to_owned(), "refs/tags/v*".to_owned()],
            builders: vec!["https://ci.example/*".to_owned()],
        }
    }

    fn code(demand: &SourceDemand, predicate: Value) -> Option<&'static str> {
        let subject = Subject::of("", &Digest::sha256_of(b"x"));
        let statement = Statement::new(subject, &Kind::Provenance, predicate);
        demand.of_provenance(&statement).map(|it| it.code())
    }

    fn v1(external: &Value, inputs: &Value, builder: &str) -> Value {
        json!({
            "buildDefinition": {"externalParameters": external, "resolvedDependencies": inputs},
            "runDetails": {"builder": {"id": builder}},
        })
    }

    #[test]
    fn a_repository_is_the_same_however_it_is_written() {
        for text in [
            "https://github.com/acme/app",
            "git+https://github.com/acme/app",
            "https://GitHub.com/acme/app.git",
            "git+https://github.com/acme/app/@refs/heads/main",
        ] {
            assert_eq!(Source::parse(text).repository, REPOSITORY, "{text}");
        }
        let ssh = Source::parse("git+ssh://git@github.com/acme/app@v1");
        assert_eq!(ssh.repository, "ssh://git@github.com/acme/app");
        assert_eq!(ssh.reference.as_deref(), Some("v1"));
        assert_ne!(Source::parse("https://github.com/ACME/app").repository, REPOSITORY);
    }

    #[test]
    fn sources_are_read_from_each_form_of_provenance() {
        let (none, builder) = (json!([]), "https://ci.example/x");
        let git = format!("git+{REPOSITORY}@refs/heads/main");
        let workflow = json!({"workflow": {"repository": REPOSITORY, "ref": "refs/tags/v1"}});
        let v02 = json!({"invocation": {"configSource": {"uri": git}}, "builder": {"id": builder}});
        for predicate in [
            v1(&workflow, &none, builder),
            v1(&json!({"source": git}), &none, builder),
            v1(&json!({"source": {"uri": git}}), &none, builder),
            v1(&json!({}), &json!([{"uri": "pkg:oci/x"}, {"uri": git}]), builder),
            v02,
        ] {
            assert_eq!(code(&demand(), predicate.clone()), None, "{predicate}");
        }
    }

    #[test]
    fn each_member_refuses_by_itself() {
        let (none, builder) = (json!([]), "https://ci.example/x");
        let at = |uri: &str| json!({"source": uri});
        let git = |reference: &str| at(&format!("git+{REPOSITORY}@{reference}"));
        let cases = [
            (v1(&json!({}), &none, builder), "no-source"),
            (
                v1(&at("git+https://github.com/mallory/app@refs/heads/main"), &none, builder),
                "other-source",
            ),
            (v1(&git("refs/heads/dev"), &none, builder), "other-ref"),
            (v1(&at(REPOSITORY), &none, builder), "other-ref"),
            (v1(&git("refs/heads/main"), &none, "https://mallory.example/"), "other-builder"),
            (v1(&git("refs/heads/main"), &none, ""), "other-builder"),
        ];
        for (predicate, expected) in cases {
            assert_eq!(code(&demand(), predicate.clone()), Some(expected), "{predicate}");
            assert_eq!(code(&SourceDemand::default(), predicate), None);
        }
    }

    #[test]
    fn an_sbom_may_name_no_source_but_not_another_one() {
        let named = |url: &str| {
            let links = json!([{"type": "website", "url": "https://x.example"}, {"type": "vcs", "url": url}]);
            of_sbom(&json!({"metadata": {"component": {"externalReferences": links}}}))
        };
        assert_eq!(demand().contradiction(&of_sbom(&json!({}))), None);
        assert_eq!(demand().contradiction(&named("https://github.com/acme/app.git")), None);
        let other = demand().contradiction(&named("https://github.com/mallory/app"));
        assert_eq!(other.map(|it| it.code()), Some("other-source"));
    }

    proptest! {
        #[test]
        fn never_panics(uri in "(git\\+)?([a-z]{0,4}://)?[a-é/@.:]{0,20}") {
            let source = Source::parse(&uri);
            prop_assert_eq!(plain(&source.repository).len() <= uri.len(), true);
        }
    }
}
