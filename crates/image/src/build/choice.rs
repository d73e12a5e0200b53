//! `manifest.json`: which images `docker save` wrote, and under which names.

use std::path::Path;

use boltseal_core::json;
use serde::Deserialize;

use super::build_error::{BuildError, BuildFault};
use super::tar_index::TarIndex;

/// The file's name.
pub(super) const MANIFEST_JSON: &str = "manifest.json";
/// The most bytes of it, and of a configuration.
pub(super) const LIMIT: u64 = 4 * 1024 * 1024;

/// One image, by the names of its members.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Saved {
    /// The member with the configuration.
    pub(super) config: String,
    /// Names such as `app:1.2`; Go writes none as null.
    repo_tags: Option<Vec<String>>,
    /// The members with the layers, lowest first.
    pub(super) layers: Vec<String>,
}

/// The image of a name, or the only one.
pub(super) fn choose(index: &TarIndex, wanted: Option<&str>) -> Result<Saved, BuildError> {
    let bytes = index.read(MANIFEST_JSON, LIMIT)?;
    let saved: Vec<Saved> = json::parse_as(&bytes).map_err(|error| {
        BuildFault::Archive(format!("{MANIFEST_JSON}: {error}")).at(index.path())
    })?;
    pick(index.path(), saved, wanted)
}

fn pick(path: &Path, saved: Vec<Saved>, wanted: Option<&str>) -> Result<Saved, BuildError> {
    let choices = saved.iter().flat_map(Saved::choices).collect();
    let mut fit = saved.into_iter().filter(|it| wanted.is_none_or(|name| it.is_named(name)));
    let (first, second) = (fit.next(), fit.next());
    first.filter(|_| second.is_none()).ok_or_else(|| {
        let wanted = wanted.map(str::to_owned);
        BuildFault::NotOneImage { wanted, choices }.at(path)
    })
}

impl Saved {
    /// What it may be named by; without a name, what tells it from others.
    fn choices(&self) -> Vec<String> {
        let names = self.repo_tags.clone().unwrap_or_default();
        if names.is_empty() { vec![format!("one without a name ({})", self.config)] } else { names }
    }

    /// `app:1.2` is also found as `docker.io/library/app:1.2`, and `app` as `app:latest`.
    fn is_named(&self, wanted: &str) -> bool {
        let familiar = |name: &str| {
            let name = name.strip_prefix("docker.io/").unwrap_or(name);
            let name = name.strip_prefix("library/").unwrap_or(name);
            let tagged = name.rsplit('/').next().is_some_and(|it| it.contains(':'));
            if tagged { name.to_owned() } else { format!("{name}:latest") }
        };
        let wanted = familiar(wanted);
        self.repo_tags.iter().flatten().any(|name| familiar(name) == wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(config: &str, names: &[&str]) -> Saved {
        let names = names.iter().map(|it| (*it).to_owned()).collect();
        Saved { config: config.to_owned(), repo_tags: Some(names), layers: Vec::new() }
    }

    fn two() -> Vec<Saved> {
        vec![saved("a", &["app:1", "app:latest"]), saved("b", &["localhost/app:1"])]
    }

    #[test]
    fn picks_by_name() {
        let names = [
            ("app:1", "a"),
            ("app", "a"),
            ("docker.io/library/app:1", "a"),
            ("localhost/app:1", "b"),
        ];
        for (name, expected) in names {
            assert_eq!(pick(Path::new("x"), two(), Some(name)).unwrap().config, expected);
        }
        assert_eq!(pick(Path::new("x"), vec![saved("a", &[])], None).unwrap().config, "a");
    }

    #[test]
    fn names_the_choices() {
        for wanted in [None, Some("app:2")] {
            let error = pick(Path::new("x"), two(), wanted).unwrap_err();
            let text = error.to_string();
            assert!(text.ends_with("found app:1, app:latest, localhost/app:1"), "{text}");
        }
        let error = pick(Path::new("x"), Vec::new(), None).unwrap_err();
        assert!(error.to_string().ends_with("found none"), "{error}");
    }
}
