use std::collections::HashMap;

use serde_json::Value;

use crate::node::Node;
use crate::{ListedPackage, ReportProblem};

type Read<T> = Result<T, ReportProblem>;

/// What Inspector puts before the reference of a component to say which version fixes it.
const FIXED_VERSION: &str = "amazon:inspector:sbom_scanner:fixed_version:";

/// The components of a document by their reference, at every level of nesting.
pub(super) struct Components {
    by_ref: HashMap<String, (String, String)>,
    packages: Vec<ListedPackage>,
}

impl Components {
    pub(super) fn of(bom: &Node<'_>, metadata: Option<&Node<'_>>) -> Read<Self> {
        let mut components = Self { by_ref: HashMap::new(), packages: Vec::new() };
        if let Some(root) = metadata.map(|it| it.object("component")).transpose()?.flatten() {
            components.remember(&root)?;
        }
        let mut rest = bom.rows("components")?;
        while let Some(component) = rest.pop() {
            components.remember(&component)?;
            components.packages.extend(package(&component)?);
            rest.extend(component.rows("components")?);
        }
        Ok(components)
    }

    fn remember(&mut self, component: &Node<'_>) -> Read<()> {
        if let Some(reference) = component.text("bom-ref")? {
            let name = component.text_or_empty("name")?;
            let version = component.text_or_empty("version")?;
            self.by_ref.insert(reference.to_owned(), (name, version));
        }
        Ok(())
    }

    /// The components that an entry of `vulnerabilities[]` affects.
    pub(super) fn affected_by(&self, entry: &Node<'_>) -> Read<Affected> {
        let mut affected = Vec::new();
        for affect in entry.rows("affects")? {
            let reference = affect.needed_text("ref")?;
            let (name, version) = self.look_up(reference);
            affected.push((name, version, reference.to_owned()));
        }
        affected.sort();
        affected.dedup();
        Ok(Affected(affected))
    }

    /// Name and version of a component here or, by a BOM link (`urn:cdx:...#REF`), elsewhere.
    fn look_up(&self, reference: &str) -> (String, String) {
        let inner = reference.split_once('#').map_or(reference, |(_, inner)| inner);
        let known = self.by_ref.get(reference).or_else(|| self.by_ref.get(inner));
        known.cloned().unwrap_or_else(|| of_purl(inner))
    }

    pub(super) fn into_packages(self) -> Vec<ListedPackage> {
        self.packages
    }
}

/// The components of one entry: name, version and reference, sorted.
pub(super) struct Affected(Vec<(String, String, String)>);

impl Affected {
    /// The names, joined; the versions stand in the same order.
    pub(super) fn names(&self) -> String {
        join(self.0.iter().map(|(name, _, _)| name))
    }

    /// The versions: one where all are the same.
    pub(super) fn versions(&self) -> String {
        let mut versions: Vec<_> = self.0.iter().map(|(_, version, _)| version).collect();
        if versions.windows(2).all(|pair| pair[0] == pair[1]) {
            versions.truncate(1);
        }
        join(versions.into_iter())
    }

    pub(super) fn refs(&self) -> String {
        join(self.0.iter().map(|(_, _, reference)| reference))
    }
}

fn join<'a>(parts: impl Iterator<Item = &'a String>) -> String {
    parts.map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// What a component says of a package. Operating systems, files and lock files are none.
fn package(component: &Node<'_>) -> Read<Option<ListedPackage>> {
    let name = component.text_or_empty("name")?;
    let version = component.text_or_empty("version")?;
    if let Some(purl) = component.text("purl")? {
        return Ok(ListedPackage::of_purl(purl, &name, &version));
    }
    let kind = component.text("type")?.unwrap_or_default();
    let is_package = matches!(kind, "library" | "framework") && !version.is_empty();
    Ok(is_package.then_some(ListedPackage { kind: String::new(), name, version }))
}

/// The name and version in a purl, as far as they need no decoding.
fn of_purl(purl: &str) -> (String, String) {
    let Some(rest) = purl.strip_prefix("pkg:") else {
        return (String::new(), String::new());
    };
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let (path, version) = path.rsplit_once('@').unwrap_or((path, ""));
    let name = path.rsplit('/').next().unwrap_or_default();
    (name.to_owned(), version.to_owned())
}

/// The versions that Inspector says fix an entry, joined.
pub(super) fn fixed_in(entry: &Node<'_>) -> Read<Option<String>> {
    let mut versions = Vec::new();
    for property in entry.rows("properties")? {
        let is_fix = property.text("name")?.is_some_and(|it| it.starts_with(FIXED_VERSION));
        if let (true, Some(Value::String(version))) = (is_fix, property.value().get("value")) {
            versions.push(version.clone());
        }
    }
    versions.sort();
    versions.dedup();
    Ok(Some(versions.join(", ")).filter(|versions| !versions.is_empty()))
}
